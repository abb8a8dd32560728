//! Enums of strings, which replace those of the generator.
//!
//! The enums of the generator refuse a value with "invalid value", and cannot keep a value that the service added later. Ours
//! name the value and the allowed values. An enum with `x-open-enum: true` in the document keeps an unknown value.

use anyhow::{Result, ensure};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Item, parse_quote};

use super::syntax::self_ident;
use crate::document::enums::StringEnum;

pub(super) fn replace(items: &mut Vec<Item>, enums: &[StringEnum]) -> Result<()> {
    for one in enums {
        let is_replaced = |item: &Item| matches!(item, Item::Enum(item) if item.ident == one.name);
        ensure!(
            items.iter().any(is_replaced),
            "the generator made no enum `{}` to replace",
            one.name
        );
        items.retain(|item| match item {
            Item::Enum(item) => item.ident != one.name,
            Item::Impl(item) => self_ident(item).is_none_or(|ident| *ident != one.name),
            _ => true,
        });
    }
    // At the beginning, because the end of the file is after the modules.
    items.splice(0..0, enums.iter().flat_map(StringEnum::items));
    Ok(())
}

impl StringEnum {
    /// The enum with its implementations.
    fn items(&self) -> Vec<Item> {
        let Self {
            name,
            members,
            variants,
            ..
        } = self;
        let unknown_as_str = self.open.then(|| quote!(Self::Unknown(value) => value,));
        let members_doc = format!("The known values: {}.", members.join(", "));
        let mut items = vec![
            self.definition(variants),
            parse_quote! {
                impl #name {
                    #[doc = #members_doc]
                    pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

                    /// The value as the API spells it.
                    pub fn as_str(&self) -> &str {
                        match self {
                            #(Self::#variants => #members,)*
                            #unknown_as_str
                        }
                    }
                }
            },
            parse_quote! {
                impl ::std::fmt::Display for #name {
                    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.pad(self.as_str())
                    }
                }
            },
            parse_quote! {
                impl ::serde::Serialize for #name {
                    fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                        serializer.serialize_str(self.as_str())
                    }
                }
            },
            self.json_schema(),
        ];
        items.extend(if self.open {
            self.open_conversions(variants)
        } else {
            self.strict_conversions(variants)
        });
        items
    }

    fn definition(&self, variants: &[Ident]) -> Item {
        let Self { name, doc, docs, .. } = self;
        let docs = docs.iter().map(|doc| format!(" {doc}"));
        let doc = format!(" {doc}");
        let copy = (!self.open).then(|| quote!(Copy,));
        let unknown = self.open.then(|| {
            quote! {
                /// A value that the service sent and this crate does not know.
                Unknown(::std::string::String),
            }
        });
        // No `Ord`: the order of the variants has no meaning.
        parse_quote! {
            #[doc = #doc]
            #[derive(Clone, #copy Debug, Eq, Hash, PartialEq)]
            #[non_exhaustive]
            pub enum #name { #(#[doc = #docs] #variants,)* #unknown }
        }
    }

    fn json_schema(&self) -> Item {
        let Self {
            name, members, doc, ..
        } = self;
        let text = name.to_string();
        // An open enum accepts any string. Its known values are in the same extension as in the document.
        let schema = if self.open {
            quote!({ "type": "string", "description": #doc, "x-open-enum": [#(#members),*] })
        } else {
            quote!({ "type": "string", "description": #doc, "enum": [#(#members),*] })
        };
        parse_quote! {
            #[cfg(feature = "schemars")]
            impl ::schemars::JsonSchema for #name {
                fn schema_name() -> ::std::borrow::Cow<'static, str> {
                    #text.into()
                }

                fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                    ::schemars::json_schema!(#schema)
                }
            }
        }
    }

    /// Reads a string, and makes a value of it with this expression.
    fn deserialize(&self, read: TokenStream) -> Item {
        let name = &self.name;
        parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                    let value = <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)?;
                    #read
                }
            }
        }
    }

    fn strict_conversions(&self, variants: &[Ident]) -> Vec<Item> {
        let Self { name, members, .. } = self;
        let text = name.to_string();
        // Braces have a meaning in a format string.
        let allowed = members.join(", ").replace('{', "{{").replace('}', "}}");
        let message = format!("`{{value}}` is not a {text}; allowed are {allowed}");
        let try_from = |text: TokenStream| -> Item {
            parse_quote! {
                impl ::std::convert::TryFrom<#text> for #name {
                    type Error = self::error::ConversionError;

                    fn try_from(value: #text) -> ::std::result::Result<Self, self::error::ConversionError> {
                        value.parse()
                    }
                }
            }
        };
        vec![
            parse_quote! {
                impl ::std::str::FromStr for #name {
                    type Err = self::error::ConversionError;

                    fn from_str(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
                        match value {
                            #(#members => Ok(Self::#variants),)*
                            _ => Err(format!(#message).into()),
                        }
                    }
                }
            },
            try_from(quote!(&str)),
            try_from(quote!(::std::string::String)),
            self.deserialize(quote!(
                value.parse().map_err(<D::Error as ::serde::de::Error>::custom)
            )),
        ]
    }

    fn open_conversions(&self, variants: &[Ident]) -> Vec<Item> {
        let Self { name, members, .. } = self;
        vec![
            parse_quote! {
                impl ::std::convert::From<&str> for #name {
                    /// Upper and lower case are the same for known values.
                    fn from(value: &str) -> Self {
                        match value {
                            #(#members => Self::#variants,)*
                            _ => match Self::KNOWN.iter().find(|known| known.as_str().eq_ignore_ascii_case(value)) {
                                Some(known) => known.clone(),
                                None => Self::Unknown(value.to_owned()),
                            },
                        }
                    }
                }
            },
            parse_quote! {
                impl ::std::convert::From<::std::string::String> for #name {
                    fn from(value: ::std::string::String) -> Self {
                        Self::from(value.as_str())
                    }
                }
            },
            parse_quote! {
                impl ::std::str::FromStr for #name {
                    type Err = ::std::convert::Infallible;

                    fn from_str(value: &str) -> ::std::result::Result<Self, ::std::convert::Infallible> {
                        Ok(Self::from(value))
                    }
                }
            },
            self.deserialize(quote!(Ok(Self::from(value.as_str())))),
        ]
    }
}
