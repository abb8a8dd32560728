//! The rows of the document: which properties are strings and counts, and how rows are grouped and summed.

mod code;
mod other;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use heck::ToLowerCamelCase as _;
use indexmap::IndexMap;
use proc_macro2::Span;
use serde::Deserialize;
use serde_json::Value;
use syn::Ident;

use other::Others;

use crate::document::{self, enums::StringEnum, names, place::Place};

/// The schema of rows.
const ROW: &str = "ApiUsageRow";
/// Marks the string of a member of `GroupBy`, if their names differ.
const GROUP_BY: &str = "x-group-by";
/// Marks a string that is a label of one that is grouped by.
const LABEL_OF: &str = "x-label-of";
/// Marks the count of a member of `Metric`, if their names differ.
const METRIC: &str = "x-metric";
/// Fields that `Group` and `Totals` always have.
const TAKEN: [&str; 3] = ["date", "totals", "rows"];

/// The schemas of rows. They are read from the text of the document, because only there properties have an order.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    components: Components,
}

#[derive(Default, Deserialize)]
struct Components {
    #[serde(default)]
    schemas: Schemas,
}

#[derive(Default, Deserialize)]
struct Schemas {
    #[serde(rename = "ApiUsageRow")]
    row: Option<RowSchema>,
    #[serde(rename = "GroupBy")]
    group_by: Option<EnumSchema>,
    #[serde(rename = "Metric")]
    metric: Option<EnumSchema>,
}

#[derive(Deserialize)]
struct RowSchema {
    #[serde(default)]
    properties: IndexMap<String, Value>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default, rename = "x-other-dimensions")]
    others: Option<Others>,
}

#[derive(Deserialize)]
struct EnumSchema {
    #[serde(default, rename = "enum")]
    members: Vec<String>,
    #[serde(default, rename = "x-open-enum")]
    is_open: bool,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Text,
    Count,
    Date,
}

/// One property of a row.
struct Property {
    name: String,
    place: Place,
    field: Ident,
    doc: String,
    kind: Kind,
    /// Its extensions.
    marks: BTreeMap<String, String>,
    /// Whether only other rows have it, and not those of the schema.
    is_other: bool,
}

/// A string that rows are grouped by: of a member of `GroupBy`, or one that only other rows have.
struct Dimension<'a> {
    variant: Ident,
    property: &'a Property,
}

/// A string that is a label of a dimension.
struct Label<'a> {
    property: &'a Property,
    /// The position of the dimension.
    dimension: usize,
}

/// The tables and conversions of rows, if the document has a schema of rows.
pub(crate) fn file(text: &str, enums: &[StringEnum]) -> Result<Option<syn::File>> {
    let outline: Outline = document::from_yaml(text).with_context(|| Place::schema(ROW))?;
    let Schemas {
        row: Some(row),
        group_by,
        metric,
    } = outline.components.schemas
    else {
        return Ok(None);
    };
    let properties = properties(&row)?;
    let group_by = members("GroupBy", group_by)?;
    let metrics = members("Metric", metric)?;
    let mut dimensions = dimensions(&properties, &group_by, enums)?;
    let labels = labels(&properties, &dimensions)?;
    dimensions.extend(other::dimensions(&properties, &dimensions)?);
    check_metrics(&properties, &metrics)?;
    Ok(Some(code::file(&properties, &dimensions, &labels)))
}

fn properties(row: &RowSchema) -> Result<Vec<Property>> {
    if let Some(name) = row.required.first() {
        let place = Place::schema(ROW).at("required");
        bail!("{place}: `{name}`: any property may be missing from a row, so none can be required");
    }
    let mut properties = Vec::new();
    for (name, schema) in &row.properties {
        let place = Place::schema(ROW).at("properties").at(name);
        let field = names::of_field(name).map_err(|why| place.error(format!("`{name}` {why}")))?;
        let text = |key: &str| schema[key].as_str().map(str::to_owned);
        let marks = [GROUP_BY, LABEL_OF, METRIC].into_iter();
        properties.push(Property {
            name: name.clone(),
            field: Ident::new(&field, Span::call_site()),
            doc: text("description").unwrap_or_else(|| format!("`{name}`, as the service sends it.")),
            kind: kind(schema).with_context(|| place.clone())?,
            place,
            marks: marks
                .filter_map(|key| Some((key.to_owned(), text(key)?)))
                .collect(),
            is_other: false,
        });
    }
    if let Some(others) = &row.others {
        other::add(others, &mut properties)?;
    }
    let mut dates = properties.iter().filter(|property| property.kind == Kind::Date);
    match (dates.next(), dates.next()) {
        (None, _) => bail!(
            "{}/properties: none is the date bucket: one must be `type: string`, `format: date-time`",
            Place::schema(ROW)
        ),
        (Some(first), Some(second)) => bail!(
            "{}: a second date: `{}` is the date bucket, and a row has one",
            second.place,
            first.name
        ),
        (Some(_), None) => {}
    }
    check_marks(&properties)?;
    Ok(properties)
}

fn kind(schema: &Value) -> Result<Kind> {
    let text = |key: &str| schema[key].as_str();
    match (text("type"), text("format")) {
        _ if schema.get("enum").is_some() => {}
        (Some("string"), Some("date-time")) => return Ok(Kind::Date),
        (Some("string"), format) if format != Some("date") => return Ok(Kind::Text),
        (Some("integer"), Some("int64")) => return Ok(Kind::Count),
        _ => {}
    }
    bail!(
        "rows cannot hold this: allowed are a string (`type: string`, no enum), a count (`type: integer`, `format: int64`) \
         and one date (`type: string`, `format: date-time`)"
    )
}

/// Each mark must be on a property of its kind.
fn check_marks(properties: &[Property]) -> Result<()> {
    for property in properties {
        for mark in property.marks.keys() {
            let (kind, what) = match mark.as_str() {
                METRIC => (Kind::Count, "counts"),
                _ => (Kind::Text, "strings"),
            };
            ensure!(
                property.kind == kind,
                "{}/{mark}: it is for {what} only",
                property.place
            );
        }
        ensure!(
            property.kind == Kind::Date || !TAKEN.iter().any(|taken| property.field == taken),
            "{}: `{}` is the name of another field of groups and totals",
            property.place,
            property.field
        );
    }
    Ok(())
}

/// The members of an enum, which must be closed.
fn members(name: &str, schema: Option<EnumSchema>) -> Result<Vec<String>> {
    let schema =
        schema.with_context(|| Place::schema(name).error(format!("missing: {ROW} cannot be without it")))?;
    ensure!(
        !schema.is_open,
        "#/components/schemas/{name}/x-open-enum: a member that is not known stands for nothing in a row"
    );
    Ok(schema.members)
}

/// The property of each member: the one that is marked with it, or else the one with its name.
fn of_member<'a>(properties: &'a [Property], mark: &str, member: &str) -> Option<&'a Property> {
    let marked = properties
        .iter()
        .find(|property| property.marks.get(mark).is_some_and(|mark| mark == member));
    let name = member.to_lower_camel_case();
    let mut named = properties
        .iter()
        .filter(|property| !property.marks.contains_key(mark) && !property.is_other);
    marked.or_else(|| named.find(|property| property.name == name))
}

/// The properties of the members of an enum, in their order.
fn of_members<'a>(properties: &'a [Property], members: &[String], kind: Kind) -> Result<Vec<&'a Property>> {
    let (name, mark, what, schema) = match kind {
        Kind::Count => ("Metric", METRIC, "count", " (`type: integer`, `format: int64`)"),
        _ => ("GroupBy", GROUP_BY, "string property", ""),
    };
    check_members(properties, mark, name, members)?;
    let mut found: Vec<&Property> = Vec::new();
    for member in members {
        let property = of_member(properties, mark, member).filter(|property| property.kind == kind);
        let property = property.with_context(|| {
            format!(
                "#/components/schemas/{name}/enum: no {what} of a row is `{member}`: add property `{}`{schema} to \
                 ApiUsageRow or mark one with `{mark}: {member}`",
                member.to_lower_camel_case()
            )
        })?;
        ensure!(
            !found.iter().any(|other| other.name == property.name),
            "{}: two members of {name} stand for it",
            property.place
        );
        found.push(property);
    }
    Ok(found)
}

fn dimensions<'a>(
    properties: &'a [Property],
    members: &[String],
    enums: &[StringEnum],
) -> Result<Vec<Dimension<'a>>> {
    let group_by = enums.iter().find(|one| one.name == "GroupBy");
    let found = of_members(properties, members, Kind::Text)?;
    let dimensions = members.iter().zip(found).map(|(member, property)| {
        let variant = group_by.and_then(|group_by| group_by.variant(member)).cloned();
        let variant = variant
            .with_context(|| format!("#/components/schemas/GroupBy/enum: `{member}` makes no variant"))?;
        Ok(Dimension { variant, property })
    });
    dimensions.collect()
}

fn labels<'a>(properties: &'a [Property], dimensions: &[Dimension<'_>]) -> Result<Vec<Label<'a>>> {
    let mut labels = Vec::new();
    for property in properties {
        let Some(of) = property.marks.get(LABEL_OF) else {
            continue;
        };
        let place = || format!("{}/{LABEL_OF}", property.place);
        let is_dimension = |name: &str| {
            dimensions
                .iter()
                .position(|dimension| dimension.property.name == *name)
        };
        ensure!(
            is_dimension(&property.name).is_none(),
            "{}: rows are grouped by it, so it is no label",
            place()
        );
        let dimension = is_dimension(of)
            .with_context(|| format!("{}: `{of}` is no property that rows are grouped by", place()))?;
        labels.push(Label { property, dimension });
    }
    Ok(labels)
}

/// Each count must have a metric and each metric a count, so that totals include all counts.
fn check_metrics(properties: &[Property], members: &[String]) -> Result<()> {
    let counted = of_members(properties, members, Kind::Count)?;
    for property in properties.iter().filter(|property| property.kind == Kind::Count) {
        ensure!(
            counted.iter().any(|other| other.name == property.name),
            "{}: no metric counts it: add a member of this name to Metric, or name one with `{METRIC}`",
            property.place
        );
    }
    Ok(())
}

/// Every mark must name a member.
fn check_members(properties: &[Property], mark: &str, name: &str, members: &[String]) -> Result<()> {
    for property in properties {
        if let Some(marked) = property.marks.get(mark) {
            let place = &property.place;
            ensure!(
                members.contains(marked),
                "{place}/{mark}: `{marked}` is no member of {name}"
            );
        }
    }
    Ok(())
}
