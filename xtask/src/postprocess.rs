//! What we change in the generator's output, each step with the reason for it.
//!
//! A step fails when it does not find what it changes, so that a new version of the generator cannot slip past it.

use anyhow::{Context as _, Result, bail};
use syn::{File, Item};

use crate::document::{Document, enums::StringEnum, operations::Operation};

mod calls;
mod client;
mod docs;
mod mocks;
mod setters;
mod types;

pub(crate) use types::JSON_SCHEMA;

/// The generated types, and the generated client that sends and receives them.
pub(crate) fn client(mut file: File, document: &Document, enums: &[StringEnum]) -> Result<(File, File)> {
    let operations = document.operations()?;
    client::adapt(&mut file)?;
    types::adapt(module(&mut file, "types")?, enums)?;
    let builders = module(&mut file, "builder")?;
    for operation in &operations {
        calls::adapt(builders, operation)
            .and_then(|()| setters::of_operation(builders, operation))
            .with_context(|| operation.place.to_string())?;
    }
    calls::import(builders)?;
    docs::of_client(&mut file, document);
    let types = take_types(&mut file)?;
    Ok((types, file))
}

/// Moves the types into a file of their own, so that they cannot know the client.
fn take_types(file: &mut File) -> Result<File> {
    let is_types = |item: &mut Item| matches!(item, Item::Mod(item) if item.ident == "types");
    let taken = file.items.extract_if(.., is_types).next();
    let Some(Item::Mod(module)) = taken else {
        bail!("the generator made no module `types`");
    };
    let mut attrs = module.attrs;
    attrs.retain(|attribute| attribute.path().is_ident("doc"));
    for attribute in &mut attrs {
        attribute.style = syn::AttrStyle::Inner(Default::default());
    }
    let items = module.content.into_iter().flat_map(|(_, items)| items);
    Ok(syn::parse_quote!(#(#attrs)* #(#items)*))
}

/// The typed mocks.
pub(crate) fn mocks(mut file: File, document: &Document) -> Result<File> {
    let operations: Vec<Operation<'_>> = document.operations()?;
    let items = module(&mut file, "operations")?;
    for operation in &operations {
        mocks::adapt(items, operation).with_context(|| operation.place.to_string())?;
    }
    mocks::rename_paths(&mut file);
    docs::of_mocks(&mut file);
    Ok(file)
}

/// The items of a module.
fn module<'a>(file: &'a mut File, name: &str) -> Result<&'a mut Vec<Item>> {
    let found = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(item) if item.ident == name => item.content.as_mut(),
        _ => None,
    });
    found
        .map(|(_, items)| items)
        .with_context(|| format!("the generator made no module `{name}`"))
}

/// The type that is implemented for, if it is named without a path.
fn self_ident(item: &syn::ItemImpl) -> Option<&syn::Ident> {
    match &*item.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

/// The method of this name that a type has itself.
fn method<'a>(items: &'a mut [Item], of: &str, name: &str) -> Option<&'a mut syn::ImplItemFn> {
    methods(items, of)
        .into_iter()
        .find(|method| method.sig.ident == name)
}

/// The methods that a type has itself.
fn methods<'a>(items: &'a mut [Item], of: &str) -> Vec<&'a mut syn::ImplItemFn> {
    let inherent = items.iter_mut().filter_map(|item| match item {
        Item::Impl(item) if item.trait_.is_none() && self_ident(item).is_some_and(|ident| ident == of) => {
            Some(item)
        }
        _ => None,
    });
    inherent
        .flat_map(|item| &mut item.items)
        .filter_map(|item| match item {
            syn::ImplItem::Fn(method) => Some(method),
            _ => None,
        })
        .collect()
}

/// The first word of what is imported.
fn import_root(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Use(syn::ItemUse {
            tree: syn::UseTree::Path(path),
            ..
        }) => Some(&path.ident),
        _ => None,
    }
}

/// The type arguments of a path's last segment, if it is this one.
fn arguments<'a>(ty: &'a syn::Type, name: &str) -> Option<Vec<&'a syn::Type>> {
    let syn::Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Some(Vec::new());
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}

#[cfg(test)]
mod tests;
