//! Strings with a name and a rule of their own, such as ids.

use syn::{Fields, Ident, Item, Type, parse_quote};

use super::syntax::self_ident;

/// Lets each be shown and borrowed as a string. The generator does so only for strings without a rule.
pub(super) fn show(types: &mut Vec<Item>) {
    let shown: Vec<Item> = types
        .iter()
        .filter_map(name_of_string)
        .filter(|name| !is_shown(types, name))
        .flat_map(implementations)
        .collect();
    // In front, as the enums: items after a module would stand away from the types.
    types.splice(0..0, shown);
}

fn name_of_string(item: &Item) -> Option<&Ident> {
    let string: Type = parse_quote!(::std::string::String);
    match item {
        Item::Struct(item) => match &item.fields {
            Fields::Unnamed(fields) => (fields.unnamed.first()?.ty == string).then_some(&item.ident),
            _ => None,
        },
        _ => None,
    }
}

fn is_shown(types: &[Item], name: &Ident) -> bool {
    types.iter().any(|item| match item {
        Item::Impl(item) if self_ident(item) == Some(name) => {
            let path = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
            path.is_some_and(|last| last.ident == "Display")
        }
        _ => false,
    })
}

fn implementations(name: &Ident) -> [Item; 2] {
    [
        parse_quote! {
            impl ::std::fmt::Display for #name {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.pad(&self.0)
                }
            }
        },
        parse_quote! {
            impl ::std::convert::AsRef<str> for #name {
                fn as_ref(&self) -> &str {
                    &self.0
                }
            }
        },
    ]
}
