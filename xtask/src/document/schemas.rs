//! The shapes of schemas that the generator supports, and what to write instead of the others.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::{
    entries, items,
    keywords::check_schema,
    names,
    place::Place,
    references::{Components, SCHEMAS},
};

/// Where a schema is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// Directly below `components/schemas`: it has a name.
    Named,
    /// Anywhere else.
    Inline,
}

/// Checks a schema and all its parts.
pub(super) fn check<'a>(
    components: Components<'a>,
    value: &'a Value,
    place: &Place,
    role: Role,
) -> Result<()> {
    if let Some(reference) = value.get("$ref") {
        place.ensure(
            value.as_object().is_some_and(|members| members.len() == 1),
            format_args!(
                "keywords beside `$ref` are ignored; write `allOf: [{{$ref: {reference}}}]` with it"
            ),
        )?;
        return components.follow("schemas", value, place).map(drop);
    }
    if role == Role::Named && value.get("nullable").is_some_and(|nullable| nullable == true) {
        bail!(place.at("nullable").error(
            "a named schema cannot be nullable; say so where it is used, with `allOf` of one `$ref` and `nullable: true`"
        ));
    }
    if value.get("allOf").is_some() {
        return check_all_of(components, value, place);
    }
    match value.get("type") {
        None => check_untyped(value, place),
        Some(Value::String(kind)) => match kind.as_str() {
            "string" if value.get("enum").is_some() => check_enum(value, place),
            "string" => check_string(value, place, role),
            "integer" => check_plain(value, place, "an integer", &["int32", "int64"]),
            "number" => check_plain(value, place, "a number", &["float", "double"]),
            "boolean" => check_schema("a boolean", &["type"], value, place),
            "array" => check_array(components, value, place),
            "object" => check_object(components, value, place),
            _ => bail!(place.at("type").error(format!(
                "`{kind}` is not a type; these are: string, integer, number, boolean, array, object"
            ))),
        },
        Some(other) => {
            let place = place.at("type");
            bail!(place.error(format!("`type` must be a string, not {other}")))
        }
    }
}

fn check_untyped(value: &Value, place: &Place) -> Result<()> {
    for (keyword, kind) in [
        ("properties", "object"),
        ("items", "array"),
        ("enum", "string"),
        ("additionalProperties", "object"),
        ("format", "string, integer or number"),
        ("required", "object"),
    ] {
        place.ensure(
            value.get(keyword).is_none(),
            format_args!("has `{keyword}` but no `type`; say that it is of the type {kind}"),
        )?;
    }
    check_schema("a schema of any value", &[], value, place)
}

/// `allOf` of one reference adds a description or `nullable` to it, as usual in OpenAPI 3.0.
fn check_all_of(components: Components<'_>, value: &Value, place: &Place) -> Result<()> {
    check_schema("a schema with `allOf`", &["allOf"], value, place)?;
    let place = place.at("allOf");
    let parts: Vec<_> = items(&value["allOf"]).collect();
    let [(_, part)] = parts[..] else {
        bail!(place.error(format!(
            "has {} parts; only one `$ref` is supported: describe one object with the properties of all",
            parts.len()
        )));
    };
    place.item(0).ensure(
        part.get("$ref").is_some(),
        "only a `$ref` is supported here; write the schema itself, without `allOf`",
    )?;
    check(components, part, &place.item(0), Role::Inline)
}

fn check_enum(value: &Value, place: &Place) -> Result<()> {
    check_schema("an enum", &["type", "enum", "format"], value, place)?;
    place.at("format").ensure(
        value.get("format").is_none(),
        "an enum has no format; leave it out",
    )?;
    crate::document::enums::check(value, place)
}

fn check_string(value: &Value, place: &Place, role: Role) -> Result<()> {
    let allowed = ["type", "format", "minLength", "maxLength", "pattern", "enum"];
    check_schema("a string", &allowed, value, place)?;
    let format = value["format"].as_str().unwrap_or_default();
    if let "binary" | "byte" = format {
        bail!(place.at("format").error(format!(
            "`{format}` is not supported; a body is JSON, and a string in it holds characters"
        )));
    }
    for keyword in ["minLength", "maxLength", "pattern"] {
        if value.get(keyword).is_none() {
            continue;
        }
        let place = place.at(keyword);
        place.ensure(role == Role::Named, "only a named string can have it, since it makes a type; define the string under components/schemas and refer to it")?;
        place.ensure(
            !matches!(format, "date" | "date-time"),
            format_args!("a string of the format `{format}` cannot have it; leave one of them out"),
        )?;
        // The generated code would panic at its first use.
        if let (true, Some(pattern)) = (keyword == "pattern", value[keyword].as_str())
            && let Err(error) = regress::Regex::new(pattern)
        {
            bail!(place.error(format!(
                "`{pattern}` is not a regular expression of ECMAScript: {error}"
            )));
        }
    }
    Ok(())
}

fn check_plain(value: &Value, place: &Place, name: &str, formats: &[&str]) -> Result<()> {
    let allowed = [
        "type",
        "format",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ];
    if value.get("enum").is_some() {
        bail!(place.at("enum").error(format!(
            "only a string can have members; describe the values of {name} in its description"
        )));
    }
    check_schema(name, &allowed, value, place)?;
    if let Some(format) = value["format"].as_str() {
        ensure!(
            formats.contains(&format),
            place.at("format").error(format!(
                "`{format}` is not supported of {name}; these are: {}, or none",
                formats.join(", ")
            ))
        );
    }
    Ok(())
}

fn check_array(components: Components<'_>, value: &Value, place: &Place) -> Result<()> {
    let allowed = ["type", "items", "minItems", "maxItems", "uniqueItems"];
    check_schema("an array", &allowed, value, place)?;
    let Some(items) = value.get("items") else {
        bail!(place.error("an array must say what its `items` are"));
    };
    check(components, items, &place.at("items"), Role::Inline)
}

fn check_object(components: Components<'_>, value: &Value, place: &Place) -> Result<()> {
    let allowed = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
        "maxProperties",
    ];
    check_schema("an object", &allowed, value, place)?;
    let has_properties = entries(&value["properties"]).next().is_some();
    match value.get("additionalProperties") {
        None | Some(Value::Bool(_)) => {}
        Some(_) if has_properties => bail!(place.at("additionalProperties").error(
            "an object with properties and a schema for others is not supported; leave it out, since unknown properties are ignored"
        )),
        Some(schema @ Value::Object(_)) => check(components, schema, &place.at("additionalProperties"), Role::Inline)?,
        Some(other) => bail!(place.at("additionalProperties").error(format!(
            "must be true, false or a schema, not {other}"
        ))),
    }
    check_properties(components, value, place)?;
    check_required(value, place)
}

fn check_properties(components: Components<'_>, value: &Value, place: &Place) -> Result<()> {
    let mut fields = BTreeMap::new();
    for (name, property) in entries(&value["properties"]) {
        let place = place.at("properties").at(name);
        let field = names::of_field(name).map_err(|why| place.error(format!("`{name}` {why}")))?;
        if let Some(other) = fields.insert(field.clone(), name) {
            bail!(place.error(format!("makes the field `{field}`, and so does `{other}`")));
        }
        check(components, property, &place, Role::Inline)?;
    }
    Ok(())
}

fn check_required(value: &Value, place: &Place) -> Result<()> {
    let place = place.at("required");
    let mut seen = BTreeSet::new();
    for (index, name) in items(&value["required"]) {
        let place = place.item(index);
        let name = name.as_str().unwrap_or_default();
        place.ensure(
            value["properties"].get(name).is_some(),
            format_args!("`{name}` is none of the properties"),
        )?;
        place.ensure(seen.insert(name), format_args!("`{name}` is named twice"))?;
    }
    Ok(())
}

/// Checks the named schemas, their names, and that none refers only to itself.
pub(super) fn check_named(components: Components<'_>) -> Result<()> {
    let mut types = BTreeMap::new();
    for (name, schema) in components.schemas() {
        let place = Place::schema(name);
        let ty = names::of_type(name).map_err(|why| place.error(format!("`{name}` {why}")))?;
        if let Some(other) = types.insert(ty.clone(), name) {
            bail!(place.error(format!("makes the type `{ty}`, and so does `{other}`")));
        }
        check(components, schema, &place, Role::Named)?;
    }
    for (name, _) in components.schemas() {
        check_own_name(components, name)?;
    }
    Ok(())
}

/// A schema that refers to itself without an object in between would be an infinite type.
fn check_own_name(components: Components<'_>, name: &str) -> Result<()> {
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut at = name.to_owned();
    while let Some(next) = other_name(components.schema(&at)) {
        if !seen.insert(next.clone()) {
            bail!(Place::schema(name).error(format!(
                "`{name}` leads back to `{next}` without an object in between"
            )));
        }
        at = next;
    }
    Ok(())
}

/// The schema that this one refers to, directly or as a list or map.
fn other_name(schema: &Value) -> Option<String> {
    let inner = match schema {
        _ if schema.get("allOf").is_some() => &schema["allOf"][0],
        _ if schema["type"] == "array" => &schema["items"],
        _ if schema["type"] == "object" && entries(&schema["properties"]).next().is_none() => {
            &schema["additionalProperties"]
        }
        _ => schema,
    };
    match inner.get("$ref").and_then(Value::as_str) {
        Some(target) => target.strip_prefix(SCHEMAS).map(str::to_owned),
        None if std::ptr::eq(inner, schema) || inner.is_null() => None,
        None => other_name(inner),
    }
}
