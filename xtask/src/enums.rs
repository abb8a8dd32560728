//! Enums of strings, generated in place of the generator's own.
//!
//! The generator's enums refuse a value with nothing but "invalid value", and cannot keep one that the service added
//! since. Ours name the value and what is allowed; one marked `x-open-enum: true` in the document keeps the unknown.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use heck::ToUpperCamelCase as _;
use quote::quote;
use serde_json::Value;
use syn::{Ident, Item, parse_quote};

use crate::document::Document;

/// Marks an enum that must survive members which this document does not know.
const OPEN: &str = "x-open-enum";

/// One enum of the document.
pub(crate) struct StringEnum {
    pub(crate) name: Ident,
    doc: String,
    /// As the API spells them.
    members: Vec<String>,
    /// Their variants, in the same order.
    variants: Vec<Ident>,
    open: bool,
}

/// The enums of strings among the document's schemas.
pub(crate) fn find(document: &Document) -> Result<Vec<StringEnum>> {
    let is_enum = |schema: &Value| schema["type"] == "string" && schema.get("enum").is_some();
    document
        .schemas()
        .filter(|(_, schema)| is_enum(schema))
        .map(|(name, schema)| read(name, schema))
        .collect()
}

fn read(name: &str, schema: &Value) -> Result<StringEnum> {
    let place = || format!("#/components/schemas/{name}");
    let mut members = Vec::new();
    let mut variants = BTreeMap::new();
    for member in schema["enum"].as_array().into_iter().flatten() {
        let member = member
            .as_str()
            .with_context(|| format!("{}/enum: {member} is not a string", place()))?;
        let variant = variant(member)
            .ok_or_else(|| anyhow!("{}/enum: `{member}` does not make the name of a variant", place()))?;
        ensure!(
            variant != "Unknown",
            "{}/enum: `{member}` makes the variant `Unknown`, which is for members not known",
            place()
        );
        if let Some(other) = variants.insert(variant.clone(), member) {
            bail!(
                "{}/enum: `{member}` makes the variant `{variant}`, and so does `{other}`",
                place()
            );
        }
        members.push((member.to_owned(), variant));
    }
    let (members, variants) = members.into_iter().unzip();
    Ok(StringEnum {
        name: syn::parse_str(name)
            .with_context(|| format!("{}: does not make the name of a type", place()))?,
        doc: schema["description"].as_str().unwrap_or_default().to_owned(),
        members,
        variants,
        open: schema[OPEN] == true,
    })
}

/// The variant of a member: `in-progress` is `InProgress`, and what is spelt as Rust spells variants stays as it is.
/// Nothing for what has other characters than letters, digits, `-`, `_` and `.`, or begins with a digit.
pub(crate) fn variant(member: &str) -> Option<Ident> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if !member.chars().all(is_plain) {
        return None;
    }
    let is_variant = member.starts_with(char::is_uppercase) && member.chars().all(char::is_alphanumeric);
    let name = match is_variant {
        true => member.to_owned(),
        false => member.to_upper_camel_case(),
    };
    // The one keyword that is spelt so.
    let name = if name == "Self" { "Self_".to_owned() } else { name };
    syn::parse_str(&name).ok()
}

impl StringEnum {
    /// The enum with its implementations.
    pub(crate) fn items(&self) -> Vec<Item> {
        let Self {
            name,
            members,
            variants,
            ..
        } = self;
        let unknown_as_str = self.open.then(|| quote!(Self::Unknown(value) => value,));
        let members_doc = format!(
            "The members that were known when this was generated: {}.",
            members.join(", ")
        );
        let mut items = vec![
            self.definition(variants),
            parse_quote! {
                impl #name {
                    #[doc = #members_doc]
                    pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

                    /// The member as the API spells it.
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
        let Self {
            name, doc, members, ..
        } = self;
        let docs = members.iter().map(|member| format!("`{member}`."));
        let copy = (!self.open).then(|| quote!(Copy,));
        let unknown = self.open.then(|| {
            quote! {
                /// A member that the service sent and this crate does not know yet.
                Unknown(::std::string::String),
            }
        });
        // No order: it would be that of the members here, which mean nothing by it and may gain others in between.
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
        // An open enum takes any string; its known members are told under the same extension as in the document.
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

    fn strict_conversions(&self, variants: &[Ident]) -> Vec<Item> {
        let Self { name, members, .. } = self;
        let text = name.to_string();
        let allowed = members.join(", ");
        let message = format!("`{{value}}` is not a {text}; allowed are {allowed}");
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
            parse_quote! {
                impl ::std::convert::TryFrom<&str> for #name {
                    type Error = self::error::ConversionError;

                    fn try_from(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
                        value.parse()
                    }
                }
            },
            parse_quote! {
                impl ::std::convert::TryFrom<::std::string::String> for #name {
                    type Error = self::error::ConversionError;

                    fn try_from(value: ::std::string::String) -> ::std::result::Result<Self, self::error::ConversionError> {
                        value.parse()
                    }
                }
            },
            parse_quote! {
                impl<'de> ::serde::Deserialize<'de> for #name {
                    fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                        let value = <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)?;
                        value.parse().map_err(<D::Error as ::serde::de::Error>::custom)
                    }
                }
            },
        ]
    }

    fn open_conversions(&self, variants: &[Ident]) -> Vec<Item> {
        let Self { name, members, .. } = self;
        vec![
            parse_quote! {
                impl ::std::convert::From<&str> for #name {
                    /// A member in upper or lower case is that member.
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
                impl<'de> ::serde::Deserialize<'de> for #name {
                    fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                        let value = <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)?;
                        Ok(Self::from(value.as_str()))
                    }
                }
            },
        ]
    }
}
