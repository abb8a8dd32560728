//! Enums of strings: their members, and the variants and documentation of these.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use heck::ToUpperCamelCase as _;
use serde_json::Value;
use syn::Ident;

use super::{extensions, place::Place};

/// Marks an enum that accepts values that are not in the document.
const OPEN: &str = "x-open-enum";
/// Names of the variants, in the order of the members, for members that are not identifiers.
const NAMES: &str = "x-enum-varnames";
/// Descriptions of the members: in their order, or by member.
const DESCRIPTIONS: &str = "x-enum-descriptions";

/// One enum of the document.
pub(crate) struct StringEnum {
    pub(crate) name: Ident,
    pub(crate) doc: String,
    /// As the API spells them.
    pub(crate) members: Vec<String>,
    /// Their variants, in the same order.
    pub(crate) variants: Vec<Ident>,
    /// Their descriptions, in the same order.
    pub(crate) docs: Vec<String>,
    /// Whether it keeps a value that the document does not list (`x-open-enum`).
    pub(crate) open: bool,
}

/// Checks the members of an enum, their names and their descriptions.
pub(crate) fn check(schema: &Value, place: &Place) -> Result<()> {
    StringEnum::read("Any", schema, place).map(drop)
}

impl StringEnum {
    pub(crate) fn read(name: &str, schema: &Value, place: &Place) -> Result<Self> {
        let members = members(schema, place)?;
        let variants = variants(&members, schema, place)?;
        Ok(Self {
            name: syn::parse_str(name).map_err(|_| place.error("does not make the name of a type"))?,
            doc: schema["description"].as_str().unwrap_or_default().to_owned(),
            docs: docs(&members, schema, place)?,
            variants,
            open: extensions::flag(schema, OPEN, place)?.unwrap_or(false),
            members,
        })
    }

    /// The variant of a member.
    pub(crate) fn variant(&self, member: &str) -> Option<&Ident> {
        let at = self.members.iter().position(|known| known == member)?;
        self.variants.get(at)
    }

    /// The names of the variants.
    pub(crate) fn variants(&self) -> Vec<String> {
        self.variants.iter().map(Ident::to_string).collect()
    }
}

fn members(schema: &Value, place: &Place) -> Result<Vec<String>> {
    let place = place.at("enum");
    let mut members: Vec<String> = Vec::new();
    let values = schema["enum"].as_array();
    for (index, member) in values.into_iter().flatten().enumerate() {
        let place = place.item(index);
        let Some(text) = member.as_str() else {
            // In OpenAPI 3.0, an enum that is `nullable` also lists null.
            if member.is_null() && schema["nullable"] == true {
                continue;
            }
            bail!(place.error(format!("{member} is not a string; only strings can be members")));
        };
        place.ensure(
            !members.iter().any(|member| member == text),
            format_args!("`{text}` is there twice"),
        )?;
        members.push(text.to_owned());
    }
    place.ensure(!members.is_empty(), "has no member")?;
    Ok(members)
}

fn variants(members: &[String], schema: &Value, place: &Place) -> Result<Vec<Ident>> {
    let names = names(members, schema, place)?;
    let mut seen = BTreeMap::new();
    let mut variants = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let (variant, place) = match &names {
            Some(names) => (syn::parse_str(&names[index]).ok(), place.at(NAMES).item(index)),
            None => (variant(member), place.at("enum").item(index)),
        };
        let Some(variant) = variant else {
            bail!(place.error(format!(
                "`{member}` does not make the name of a variant; give all members names with `{NAMES}`"
            )));
        };
        place.ensure(variant != "Unknown", format_args!(
                "`{member}` makes the variant `Unknown`, which is for members not known; give all members names with `{NAMES}`"
            ))?;
        if let Some(other) = seen.insert(variant.clone(), member) {
            bail!(place.error(format!(
                "`{member}` makes the variant `{variant}`, and so does `{other}`; give all members names with `{NAMES}`"
            )));
        }
        variants.push(variant);
    }
    Ok(variants)
}

fn names(members: &[String], schema: &Value, place: &Place) -> Result<Option<Vec<String>>> {
    let place = place.at(NAMES);
    let Some(value) = schema.get(NAMES) else {
        return Ok(None);
    };
    let names: Option<Vec<String>> = serde_json::from_value(value.clone()).ok();
    match names.filter(|names| names.len() == members.len()) {
        Some(names) => Ok(Some(names)),
        None => bail!(place.error(format!(
            "must be a list of {} names, one for each member",
            members.len()
        ))),
    }
}

fn docs(members: &[String], schema: &Value, place: &Place) -> Result<Vec<String>> {
    let place = place.at(DESCRIPTIONS);
    let text = |value: &Value, place: &Place| match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => bail!(place.error(format!("must be a string, not {value}"))),
    };
    let mut found: BTreeMap<usize, String> = match schema.get(DESCRIPTIONS) {
        None => BTreeMap::new(),
        Some(Value::Array(texts)) => {
            place.ensure(
                texts.len() == members.len(),
                format_args!(
                    "must be a list of {} descriptions, one for each member, or a mapping from members",
                    members.len()
                ),
            )?;
            let texts = texts.iter().enumerate();
            texts
                .map(|(index, value)| Ok((index, text(value, &place.item(index))?)))
                .collect::<Result<_>>()?
        }
        Some(Value::Object(texts)) => {
            let by_member = texts.iter().map(|(member, value)| {
                let place = place.at(member);
                match members.iter().position(|known| known == member) {
                    Some(index) => Ok((index, text(value, &place)?)),
                    None => bail!(place.error(format!(
                        "`{member}` is none of the members, which are: {}",
                        members.join(", ")
                    ))),
                }
            });
            by_member.collect::<Result<_>>()?
        }
        Some(other) => bail!(place.error(format!("must be a list or a mapping, not {other}"))),
    };
    let docs = members.iter().enumerate();
    Ok(docs
        .map(|(index, member)| found.remove(&index).unwrap_or_else(|| format!("`{member}`.")))
        .collect())
}

/// The variant of a member: `in-progress` becomes `InProgress`, and a name that is written like a variant stays the same.
/// `None` if the member has characters other than letters, digits, blanks, `-`, `_` and `.`, or begins with a digit.
pub(crate) fn variant(member: &str) -> Option<Ident> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.');
    if !member.chars().all(is_plain) {
        return None;
    }
    let is_variant = member.starts_with(char::is_uppercase) && member.chars().all(char::is_alphanumeric);
    let name = match is_variant {
        true => member.to_owned(),
        false => member.to_upper_camel_case(),
    };
    // The only keyword in this case.
    let name = if name == "Self" { "Self_".to_owned() } else { name };
    syn::parse_str(&name).ok()
}
