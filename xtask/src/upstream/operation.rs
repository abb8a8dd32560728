//! One operation, in the same form for all versions of OpenAPI.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::definition::{Definition, Version};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
const PERMISSIONS: &str = "x-inin-requires-permissions";
const JSON: &str = "application/json";

/// A method of a path.
pub(super) struct Operation {
    /// `POST /api/v2/usage/query`.
    pub(super) name: String,
    /// As in the definition, with the base path.
    pub(super) path: String,
    pub(super) id: Option<String>,
    pub(super) deprecated: bool,
    pub(super) permissions: Permissions,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    /// The schemas of the JSON bodies, by status.
    pub(super) responses: BTreeMap<String, Option<Value>>,
}

#[derive(PartialEq, Eq)]
pub(super) struct Permissions {
    /// Whether any one of them is enough. Otherwise all are needed.
    pub(super) any: bool,
    pub(super) names: BTreeSet<String>,
}

pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) required: bool,
    pub(super) schema: Value,
}

pub(super) struct Body {
    pub(super) required: bool,
    /// The schema of the JSON body.
    pub(super) schema: Option<Value>,
}

impl Permissions {
    /// For a single permission, any and all are the same.
    pub(super) fn is_any(&self) -> bool {
        self.any || self.names.len() == 1
    }

    /// Whether every user with these permissions also has enough for the others.
    pub(super) fn suffice_for(&self, other: &Self) -> bool {
        let allows = |has: &BTreeSet<String>| match other.is_any() {
            true => !has.is_disjoint(&other.names),
            false => other.names.is_subset(has),
        };
        let mut each = self.names.iter().map(|name| BTreeSet::from([name.clone()]));
        match self.is_any() {
            true => !self.names.is_empty() && each.all(|name| allows(&name)),
            false => allows(&self.names),
        }
    }
}

impl Parameter {
    /// Its name in a report: the place, and the name in backticks.
    pub(super) fn label(&self) -> String {
        format!("{} parameter `{}`", self.place, self.name)
    }
}

/// The path without the names of its parameters.
pub(super) fn without_names(path: &str) -> String {
    let is_parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let segments = path.split('/');
    let segments = segments.map(|segment| if is_parameter(segment) { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// An operation before it is read.
pub(super) struct Outline {
    method: &'static str,
    /// As in the definition, with the base path.
    path: String,
    item: Value,
}

impl Outline {
    /// The operations of the wanted paths.
    pub(super) fn find(definition: &Definition<'_>, wanted: impl Fn(&str) -> bool) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        for (path, text) in &definition.paths {
            let whole = format!("{}{path}", definition.base_path);
            if !path.starts_with('/') || !wanted(&whole) {
                continue;
            }
            let item: Value = serde_json::from_str(text.get()).with_context(|| path.clone())?;
            let methods = METHODS.into_iter().filter(|method| item.get(method).is_some());
            found.extend(methods.map(|method| Self {
                method,
                path: whole.clone(),
                item: item.clone(),
            }));
        }
        Ok(found)
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.item[self.method]["operationId"].as_str()
    }

    /// `POST /api/v2/usage/query`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Its identity, which does not depend on the names of path parameters.
    pub(super) fn key(&self) -> (&'static str, String) {
        (self.method, without_names(&self.path))
    }

    /// Reads the operation with everything that it refers to.
    pub(super) fn read(&self, definition: &Definition<'_>) -> Result<Operation> {
        let value = &self.item[self.method];
        let read = || {
            ensure!(value.is_object(), "is not an object");
            let (parameters, body) = read_inputs(definition, &self.item, value)?;
            Ok(Operation {
                name: self.name(),
                path: self.path.clone(),
                id: self.id().map(str::to_owned),
                deprecated: value["deprecated"] == true,
                permissions: read_permissions(&value[PERMISSIONS]),
                parameters,
                body,
                responses: read_responses(definition, value)?,
            })
        };
        read().with_context(|| self.name())
    }
}

/// The operation with this id, on any path.
pub(super) fn with_id(definition: &Definition<'_>, id: &str) -> Result<Option<String>> {
    // Most paths do not contain the id and need not be parsed.
    let holds = |path: &str| {
        let path = path.strip_prefix(&definition.base_path).unwrap_or(path);
        let text = definition.paths.get(path);
        text.is_some_and(|text| text.get().contains(id))
    };
    let outlines = Outline::find(definition, holds)?;
    let found = outlines.iter().find(|outline| outline.id() == Some(id));
    Ok(found.map(Outline::name))
}

fn read_permissions(value: &Value) -> Permissions {
    let is_any = |kind: &str| kind.eq_ignore_ascii_case("ANY");
    let names = list(&value["permissions"]).filter_map(Value::as_str);
    Permissions {
        any: value["type"].as_str().is_some_and(is_any),
        names: names.map(str::to_owned).collect(),
    }
}

/// The parameters of an operation and its path, and the request body.
fn read_inputs(
    definition: &Definition<'_>,
    item: &Value,
    value: &Value,
) -> Result<(Vec<Parameter>, Option<Body>)> {
    let mut parameters = Vec::new();
    let mut body = None;
    for parameter in list(&item["parameters"]).chain(list(&value["parameters"])) {
        let parameter = definition.resolve(parameter)?;
        let place = parameter["in"].as_str();
        match place.context("a parameter does not say what it is in")? {
            "body" => {
                body = Some(Body {
                    required: parameter["required"] == true,
                    schema: Some(parameter["schema"].clone())
                        .filter(|_| is_json_by(value, "consumes", &definition.consumes)),
                });
            }
            place => {
                let read = read_parameter(definition.version, &parameter, place)?;
                // A parameter of the operation replaces the same one of the path.
                parameters
                    .retain(|other: &Parameter| (&other.name, &other.place) != (&read.name, &read.place));
                parameters.push(read);
            }
        }
    }
    if let Some(request) = value.get("requestBody") {
        let request = definition.resolve(request)?;
        body = Some(Body {
            required: request["required"] == true,
            schema: json_schema(&request["content"]),
        });
    }
    Ok((parameters, body))
}

fn read_responses(definition: &Definition<'_>, value: &Value) -> Result<BTreeMap<String, Option<Value>>> {
    let mut responses = BTreeMap::new();
    for (status, response) in value["responses"].as_object().context("`responses` is missing")? {
        if status.starts_with("x-") {
            continue;
        }
        let response = definition.resolve(response)?;
        let schema = match definition.version {
            Version::Swagger2 => response
                .get("schema")
                .filter(|_| is_json_by(value, "produces", &definition.produces))
                .cloned(),
            Version::OpenApi3 => json_schema(&response["content"]),
        };
        responses.insert(status.clone(), schema);
    }
    Ok(responses)
}

fn read_parameter(version: Version, parameter: &Value, place: &str) -> Result<Parameter> {
    let name = parameter["name"].as_str().context("a parameter has no name")?;
    let schema = match version {
        // In Swagger 2.0, the parameter is the schema.
        Version::Swagger2 => {
            let mut schema = parameter.clone();
            if let Some(members) = schema.as_object_mut() {
                members.retain(|key, _| !["name", "in", "required", "description"].contains(&key.as_str()));
            }
            schema
        }
        Version::OpenApi3 => {
            let schema = parameter.get("schema").cloned();
            schema
                .or_else(|| json_schema(&parameter["content"]))
                .unwrap_or_else(|| json!({}))
        }
    };
    Ok(Parameter {
        name: name.to_owned(),
        place: place.to_owned(),
        required: parameter["required"] == true || place == "path",
        schema,
    })
}

/// Whether bodies are JSON according to `consumes` or `produces` (Swagger 2.0). JSON is the default.
fn is_json_by(operation: &Value, key: &str, of_all: &[String]) -> bool {
    let own: Vec<_> = list(&operation[key]).filter_map(Value::as_str).collect();
    match operation.get(key) {
        Some(_) => own.iter().any(|media| is_json(media)),
        None => of_all.is_empty() || of_all.iter().any(|media| is_json(media)),
    }
}

fn json_schema(content: &Value) -> Option<Value> {
    let media = content.as_object()?;
    // JSON comes before wildcards.
    let media = media
        .get(JSON)
        .or_else(|| Some(media.iter().find(|(media, _)| is_json(media))?.1))?;
    Some(media.get("schema").cloned().unwrap_or_else(|| json!({})))
}

fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or(media).trim();
    media.eq_ignore_ascii_case(JSON) || media == "*/*"
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
