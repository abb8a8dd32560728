//! Structs can get new fields.

use syn::{Fields, ItemStruct, Visibility, parse_quote};

/// Adds `#[non_exhaustive]`. Without it, each new field of the API would break code that writes all fields.
pub(super) fn allow(item: &mut ItemStruct) {
    let Fields::Named(fields) = &item.fields else {
        return;
    };
    let is_open = fields
        .named
        .iter()
        .all(|field| matches!(field.vis, Visibility::Public(_)));
    if is_open {
        item.attrs.push(parse_quote!(#[non_exhaustive]));
    }
}
