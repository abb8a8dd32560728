//! One schema, in the same form for all ways to write it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::definition::Definition;
use crate::document::references;

/// The values that a schema allows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// The name of the model, if the schema has one.
    pub(super) name: Option<String>,
    /// `None` if anything is allowed.
    pub(super) kind: Option<String>,
    pub(super) format: Option<String>,
    pub(super) nullable: bool,
    pub(super) members: Option<Vec<String>>,
    /// Our extension: unknown members are kept as strings.
    pub(super) open: bool,
    pub(super) properties: BTreeMap<String, Value>,
    pub(super) required: BTreeSet<String>,
    pub(super) items: Option<Value>,
    /// The schema of the values of a map.
    pub(super) values: Option<Value>,
    /// Whether no other properties are allowed.
    pub(super) is_closed: bool,
    /// Such as `maxLength`, with their values.
    pub(super) constraints: BTreeMap<&'static str, Value>,
}

/// Whether a format changes the type that the generator makes. Others, such as `interval` or `uri`, have no effect on the
/// crate. `int64` is the default of integers, and `double` that of numbers.
fn has_type_of_its_own(kind: &Option<String>, format: &str) -> bool {
    match kind.as_deref() {
        Some("string") => ["date", "date-time", "ip", "ipv4", "ipv6", "uuid"].contains(&format),
        Some("integer") => {
            let sizes = [
                "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64", "uint",
            ];
            sizes.contains(&format)
        }
        Some("number") => format == "float",
        _ => false,
    }
}

const CONSTRAINTS: [&str; 14] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "pattern",
    "uniqueItems",
];

impl Shape {
    /// Reads a schema through its references.
    pub(super) fn read(definition: &Definition<'_>, schema: &Value) -> Result<Self> {
        Self::read_at(definition, schema, 0)
    }

    fn read_at(definition: &Definition<'_>, schema: &Value, depth: usize) -> Result<Self> {
        ensure!(depth <= 32, "a schema leads back to itself");
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let mut shape = Self::read_at(definition, &definition.target(reference)?, depth + 1)?;
            shape.name = Some(references::name(reference).to_owned());
            // OpenAPI 3.1 allows keywords next to a reference.
            shape.add(Self::own(schema));
            return Ok(shape);
        }
        let mut shape = Self::own(schema);
        let all_of = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice);
        for part in all_of {
            let part = Self::read_at(definition, part, depth + 1)?;
            // `allOf` of one model is that model.
            let is_alone = all_of.len() == 1 && shape.properties.is_empty();
            shape.name = part.name.clone().filter(|_| is_alone);
            shape.add(part);
        }
        // In OpenAPI 3.1, "this or null" is a choice. Any other choice is its own kind.
        for choice in ["anyOf", "oneOf"] {
            if let Some(options) = schema.get(choice).and_then(Value::as_array) {
                let others: Vec<_> = options.iter().filter(|option| option["type"] != "null").collect();
                shape.nullable |= others.len() < options.len();
                match others[..] {
                    [only] => {
                        let only = Self::read_at(definition, only, depth + 1)?;
                        shape.name = only.name.clone();
                        shape.add(only);
                    }
                    _ => shape.kind = Some(format!("one of {} schemas", others.len())),
                }
            }
        }
        Ok(shape)
    }

    /// The schema's own keywords.
    fn own(schema: &Value) -> Self {
        let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
        let is = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(only)) => vec![only],
            _ => Vec::new(),
        };
        let members = members(schema);
        let kind = kind(schema, &types);
        let format = text("format").filter(|format| members.is_none() && has_type_of_its_own(&kind, format));
        let properties = schema.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten();
        let required = schema.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        let others = schema.get("additionalProperties");
        Self {
            name: None,
            kind,
            format,
            nullable: is("nullable") || is("x-nullable") || types.contains(&"null"),
            members,
            open: is("x-open-enum"),
            properties: properties
                .map(|(name, schema)| (name.clone(), schema.clone()))
                .collect(),
            required: required.map(str::to_owned).collect(),
            items: schema.get("items").cloned(),
            values: others.filter(|values| values.is_object()).cloned(),
            is_closed: others == Some(&Value::Bool(false)),
            constraints: constraints(schema),
        }
    }

    /// Adds the restrictions of another schema.
    fn add(&mut self, other: Self) {
        self.kind = self.kind.take().or(other.kind);
        self.format = self.format.take().or(other.format);
        self.nullable |= other.nullable;
        self.members = match (self.members.take(), other.members) {
            (Some(own), Some(other)) => {
                Some(own.into_iter().filter(|member| other.contains(member)).collect())
            }
            (own, other) => own.or(other),
        };
        self.is_closed |= other.is_closed;
        self.open |= other.open;
        self.properties.extend(other.properties);
        self.required.extend(other.required);
        self.items = self.items.take().or(other.items);
        self.values = self.values.take().or(other.values);
        self.constraints.extend(other.constraints);
    }

    /// `integer (int32)`, `list`, `text`.
    pub(super) fn kind_label(&self) -> String {
        match (&self.kind, &self.format, &self.members) {
            (None, ..) => "anything".to_owned(),
            (Some(kind), _, Some(_)) => format!("{kind} of listed members"),
            (Some(kind), Some(format), None) => format!("{kind} ({format})"),
            (Some(kind), None, None) => kind.clone(),
        }
    }
}

/// The values of an enum without `null`, or the value of `const`.
fn members(schema: &Value) -> Option<Vec<String>> {
    let only = schema.get("const").map(std::slice::from_ref);
    let members = schema.get("enum").and_then(Value::as_array);
    let members = members.map(Vec::as_slice).or(only)?;
    let text = |member: &Value| member.as_str().map_or_else(|| member.to_string(), str::to_owned);
    let members = members.iter().filter(|member| !member.is_null());
    Some(members.map(text).collect())
}

/// The type, or the one that other keywords imply.
fn kind(schema: &Value, types: &[&str]) -> Option<String> {
    let has = |key: &str| schema.get(key).is_some();
    let kinds: Vec<_> = types.iter().filter(|kind| **kind != "null").copied().collect();
    match kinds[..] {
        [] if schema["properties"].is_object() => Some("object".to_owned()),
        [] if has("items") => Some("array".to_owned()),
        [] if schema["enum"].is_array() || has("const") => Some("string".to_owned()),
        [] => None,
        _ => Some(kinds.join(" or ")),
    }
}

/// The constraints, without those that allow everything.
fn constraints(schema: &Value) -> BTreeMap<&'static str, Value> {
    let found = CONSTRAINTS
        .into_iter()
        .filter_map(|key| Some((key, schema.get(key)?.clone())));
    let restricts = |(key, value): &(&str, Value)| {
        !(*value == false || *value == 0 && key.starts_with("min") && *key != "minimum")
    };
    found.filter(restricts).collect()
}
