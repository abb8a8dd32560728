//! The types get their own file, so that they cannot depend on the client.

use anyhow::{Result, bail};
use syn::{File, Item};

/// Moves the types out of the file of the client.
pub(super) fn types(file: &mut File) -> Result<File> {
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
