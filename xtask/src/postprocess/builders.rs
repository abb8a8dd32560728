//! The builders of types get `build`, and setters of optional strings that accept any kind of string.

use anyhow::{Result, ensure};
use syn::{ImplItemFn, Item, Type, parse_quote};

use super::syntax::{arguments, taken};

pub(super) fn apply(items: &mut [Item]) -> Result<()> {
    let mut built = 0;
    for item in items {
        let Item::Impl(item) = item else { continue };
        if item.trait_.is_some() {
            continue;
        }
        for item in &mut item.items {
            if let syn::ImplItem::Fn(method) = item
                && is_optional_text(method)
            {
                take_texts(method);
            }
        }
        let ty = &item.self_ty;
        item.items.push(parse_quote! {
            /// The value, if all required fields are set and every value was valid.
            pub fn build(self) -> ::std::result::Result<super::#ty, super::error::ConversionError> {
                ::std::convert::TryFrom::try_from(self)
            }
        });
        built += 1;
    }
    ensure!(built > 0, "the generator no longer makes builders of types");
    Ok(())
}

fn is_optional_text(method: &ImplItemFn) -> bool {
    let inner = taken(method).and_then(|taken| arguments(taken, "Option"));
    let text: Type = parse_quote!(::std::string::String);
    matches!(inner.as_deref(), Some([inner]) if **inner == text)
}

/// `&str` does not convert into `Option<String>`, so these setters accept the trait `OptionalText`.
fn take_texts(method: &mut ImplItemFn) {
    let name = &method.sig.ident;
    *method = parse_quote! {
        pub fn #name(mut self, value: impl crate::OptionalText) -> Self {
            self.#name = Ok(value.into_optional_text());
            self
        }
    };
}
