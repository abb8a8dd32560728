//! Structs that may grow.

use syn::{Fields, ItemStruct, Visibility, parse_quote};

/// Structs of the API get fields over time; without this, each new one would break code that builds them by name.
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
