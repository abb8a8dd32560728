//! Strings that only other rows have: a row can hold them and be grouped by them, but the schema of rows does not have them.

use anyhow::{Context as _, Result, ensure};
use indexmap::IndexMap;
use proc_macro2::Span;
use serde::Deserialize;
use serde_json::Value;
use syn::Ident;

use super::{Dimension, Kind, Property, ROW};
use crate::document::{enums, names, place::Place};

/// Their names and descriptions.
pub(super) const OTHER: &str = "x-other-dimensions";

/// The value of the extension.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Others {
    Described(IndexMap<String, Value>),
    Wrong(Value),
}

/// Adds them after the last string.
pub(super) fn add(others: &Others, properties: &mut Vec<Property>) -> Result<()> {
    let all = Place::schema(ROW).at(OTHER);
    let described = match others {
        Others::Described(described) => described,
        Others::Wrong(value) => {
            return Err(all.error(format!(
                "must be a mapping from names to descriptions, not {value}"
            )));
        }
    };
    let last = properties
        .iter()
        .rposition(|property| property.kind == Kind::Text);
    let first = last.map_or(0, |last| last + 1);
    for (at, (name, description)) in (first..).zip(described) {
        let place = all.at(name);
        let field = names::of_field(name).map_err(|why| place.error(format!("`{name}` {why}")))?;
        if let Some(property) = properties.iter().find(|property| property.field == field) {
            return Err(place.error(format!(
                "rows have the property `{}` already: only strings that they do not have belong here",
                property.name
            )));
        }
        let doc = description.as_str().filter(|text| !text.trim().is_empty());
        let doc = doc.with_context(|| place.error(format!("must be a description, not {description}")))?;
        let property = Property {
            name: name.clone(),
            place,
            field: Ident::new(&field, Span::call_site()),
            doc: doc.to_owned(),
            kind: Kind::Text,
            marks: Default::default(),
            is_other: true,
        };
        properties.insert(at, property);
    }
    Ok(())
}

/// The variants by which rows are grouped by them, besides these dimensions.
pub(super) fn dimensions<'a>(
    properties: &'a [Property],
    dimensions: &[Dimension<'_>],
) -> Result<Vec<Dimension<'a>>> {
    let others = properties.iter().filter(|property| property.is_other);
    let others = others.map(|property| {
        let Property { name, place, .. } = property;
        let variant = enums::variant(name)
            .with_context(|| place.error(format!("`{name}` does not make the name of a variant")))?;
        ensure!(
            !dimensions.iter().any(|dimension| dimension.variant == variant),
            "{place}: `{name}` makes the variant `{variant}`, which GroupBy has already"
        );
        Ok(Dimension { variant, property })
    });
    others.collect()
}
