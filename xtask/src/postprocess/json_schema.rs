//! JSON Schema of the types, only with the feature of the crate.

use anyhow::Result;
use syn::{Attribute, ItemStruct, Path, Token, parse_quote, punctuated::Punctuated};

/// The derive that the generator is told to add.
pub(crate) const DERIVE: &str = "schemars::JsonSchema";

/// Makes the derive depend on the feature `schemars` of the crate.
pub(super) fn make_optional(item: &mut ItemStruct) -> Result<()> {
    let schema: Path = syn::parse_str(DERIVE)?;
    for index in 0..item.attrs.len() {
        let derives = derives(&item.attrs[index]);
        let kept: Vec<_> = derives.iter().filter(|path| **path != schema).collect();
        if kept.len() < derives.len() {
            item.attrs[index] = parse_quote!(#[derive(#(#kept),*)]);
            item.attrs.insert(
                index + 1,
                parse_quote!(#[cfg_attr(feature = "schemars", derive(#schema))]),
            );
            return Ok(());
        }
    }
    anyhow::bail!("the generator no longer derives `{DERIVE}` for `{}`", item.ident)
}

fn derives(attribute: &Attribute) -> Vec<Path> {
    if !attribute.path().is_ident("derive") {
        return Vec::new();
    }
    attribute
        .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        .map(|paths| paths.into_iter().collect())
        .unwrap_or_default()
}
