//! Parts of a syntax tree, found by their names.

use anyhow::{Context as _, Result};
use syn::{File, ImplItemFn, Item, Type, TypeParamBound, WherePredicate};

/// The items of a module.
pub(super) fn module<'a>(file: &'a mut File, name: &str) -> Result<&'a mut Vec<Item>> {
    let found = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(item) if item.ident == name => item.content.as_mut(),
        _ => None,
    });
    found
        .map(|(_, items)| items)
        .with_context(|| format!("the generator made no module `{name}`"))
}

/// The name of the type of an `impl`.
pub(super) fn self_ident(item: &syn::ItemImpl) -> Option<&syn::Ident> {
    match &*item.self_ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

/// The inherent method of a type with this name.
pub(super) fn method<'a>(items: &'a mut [Item], of: &str, name: &str) -> Option<&'a mut ImplItemFn> {
    methods(items, of)
        .into_iter()
        .find(|method| method.sig.ident == name)
}

/// The inherent methods of a type.
pub(super) fn methods<'a>(items: &'a mut [Item], of: &str) -> Vec<&'a mut ImplItemFn> {
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

/// The first part of an imported path.
pub(super) fn import_root(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Use(syn::ItemUse {
            tree: syn::UseTree::Path(path),
            ..
        }) => Some(&path.ident),
        _ => None,
    }
}

/// The type arguments of the last segment of a path, if it has this name.
pub(super) fn arguments<'a>(ty: &'a Type, name: &str) -> Option<Vec<&'a Type>> {
    match ty {
        Type::Path(path) => arguments_of(&path.path, name),
        _ => None,
    }
}

fn arguments_of<'a>(path: &'a syn::Path, name: &str) -> Option<Vec<&'a Type>> {
    let last = path.segments.last().filter(|segment| segment.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Some(Vec::new());
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}

/// The type that a setter converts its argument into.
pub(super) fn taken(method: &ImplItemFn) -> Option<&Type> {
    bounds(method).find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => arguments_of(&bound.path, "TryInto")?.first().copied(),
        _ => None,
    })
}

fn bounds(method: &ImplItemFn) -> impl Iterator<Item = &TypeParamBound> {
    let clause = method.sig.generics.where_clause.iter();
    let predicates = clause.flat_map(|clause| &clause.predicates);
    predicates
        .filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => Some(&predicate.bounds),
            _ => None,
        })
        .flatten()
}
