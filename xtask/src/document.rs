//! The OpenAPI document: read, and checked for all that the generator needs but would only panic about.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_json::{Map, Value};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
const BODY_TYPES: [&str; 4] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "text/plain",
];

/// A document that passed the checks.
pub(crate) struct Document(Value);

/// A place in the document, as the JSON pointer that other OpenAPI tools print.
#[derive(Clone)]
struct Place(String);

impl Place {
    fn root() -> Self {
        Self("#".to_owned())
    }

    fn at(&self, key: &str) -> Self {
        Self(format!(
            "{}/{}",
            self.0,
            key.replace('~', "~0").replace('/', "~1")
        ))
    }

    fn error(&self, message: impl std::fmt::Display) -> anyhow::Error {
        anyhow!("{}: {message}", self.0)
    }
}

/// Marks an operation whose answer may be read while it arrives.
const STREAMED: &str = "x-streamed";

/// One operation with what surrounds it.
struct Operation<'a> {
    place: Place,
    path: &'a str,
    item: &'a Value,
    value: &'a Value,
}

impl Document {
    /// Reads YAML (or JSON, which is YAML) and checks it.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let value: Value =
            serde_saphyr::from_str(text).map_err(|error| anyhow!("not valid YAML: {error}"))?;
        let document = Self(value);
        document.check_version()?;
        document.check_references(&document.0, &Place::root())?;
        document.check_operations()?;
        document.openapi()?;
        Ok(document)
    }

    /// The typed document that the generator reads.
    pub(crate) fn openapi(&self) -> Result<openapiv3::OpenAPI> {
        serde_path_to_error::deserialize(&self.0).map_err(|error| {
            let place = error
                .path()
                .iter()
                .fold(Place::root(), |place, segment| match segment {
                    serde_path_to_error::Segment::Seq { index } => place.at(&index.to_string()),
                    serde_path_to_error::Segment::Map { key } => place.at(key),
                    serde_path_to_error::Segment::Enum { variant } => place.at(variant),
                    serde_path_to_error::Segment::Unknown => place,
                });
            place.error(format!("not OpenAPI 3.0: {}", error.inner()))
        })
    }

    /// The named schemas, in the document's order.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = (&str, &Value)> {
        entries(&self.0["components"]["schemas"])
    }

    /// The generated methods of the operations that are marked `x-streamed: true`.
    pub(crate) fn streamed_operations(&self) -> Vec<String> {
        let operations = self.operations().into_iter();
        operations
            .filter(|operation| operation.value[STREAMED] == Value::Bool(true))
            .filter_map(|operation| method_name(&operation).ok())
            .collect()
    }

    /// The document cut into pieces that stand alone, each with its place: first every schema with what it refers to,
    /// then every operation.
    pub(crate) fn parts(&self) -> Vec<(String, Self)> {
        let mut schemas: Vec<_> = self
            .schemas()
            .map(|(name, _)| (name, self.reachable(name)))
            .collect();
        schemas.sort_by_key(|(_, reachable)| reachable.len());
        let schemas = schemas.into_iter().map(|(name, reachable)| {
            let place = Place::root().at("components").at("schemas").at(name);
            let mut part = self.0.clone();
            part["paths"] = Value::Object(Map::new());
            if let Some(all) = part["components"]["schemas"].as_object_mut() {
                all.retain(|name, _| reachable.contains(name));
            }
            (place.0, Self(part))
        });
        let operations = self.operations().into_iter().map(|operation| {
            let mut part = self.0.clone();
            let mut item = operation.item.clone();
            if let Some(item) = item.as_object_mut() {
                item.retain(|key, value| !METHODS.contains(&key.as_str()) || value == operation.value);
            }
            part["paths"] = Value::Object(Map::from_iter([(operation.path.to_owned(), item)]));
            (operation.place.0, Self(part))
        });
        schemas.chain(operations).collect()
    }

    /// Names of the schemas that one leads to, itself included.
    fn reachable(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            if found.insert(name.clone()) {
                collect_schema_names(&self.0["components"]["schemas"][&name], &mut open);
            }
        }
        found
    }

    fn check_version(&self) -> Result<()> {
        let place = Place::root().at("openapi");
        ensure!(
            self.0.is_object(),
            "#: not an OpenAPI document: expected a mapping with `openapi`, `info` and `paths`"
        );
        if let Some(version) = self.0.get("swagger") {
            return Err(Place::root()
                .at("swagger")
                .error(format!("Swagger {version} is not OpenAPI 3.0")));
        }
        match self.0.get("openapi") {
            Some(Value::String(version)) if version.starts_with("3.0.") => Ok(()),
            Some(version) => Err(place.error(format!("version {version} is not supported, only 3.0.x is"))),
            None => Err(place.error("missing: the document does not say that it is OpenAPI 3.0.x")),
        }
    }

    /// Every `$ref` leads to a component of this document.
    fn check_references(&self, value: &Value, place: &Place) -> Result<()> {
        // An example may hold anything, a key named `$ref` too.
        let is_data = |key: &str| matches!(key, "example" | "examples" | "default") || key.starts_with("x-");
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    self.resolve(target, &place.at("$ref"))?;
                }
                members
                    .iter()
                    .filter(|(key, _)| !is_data(key) || place.0.ends_with("/properties"))
                    .try_for_each(|(key, value)| self.check_references(value, &place.at(key)))
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| self.check_references(value, &place.at(&index.to_string()))),
            _ => Ok(()),
        }
    }

    /// What a `$ref` stands for, through any chain of references.
    fn resolve<'a>(&'a self, target: &'a str, place: &Place) -> Result<&'a Value> {
        let mut seen = BTreeSet::new();
        let mut next = target;
        loop {
            if !seen.insert(next) {
                return Err(place.error(format!("`{target}` leads back to itself")));
            }
            let pointer = next
                .strip_prefix('#')
                .filter(|pointer| pointer.starts_with("/components/"));
            let Some(pointer) = pointer else {
                return Err(place.error(format!("`{next}` does not lead to a component of this document")));
            };
            let Some(value) = self.0.pointer(pointer) else {
                return Err(place.error(format!("`{next}` leads nowhere")));
            };
            match value.get("$ref").and_then(Value::as_str) {
                Some(further) => next = further,
                None => return Ok(value),
            }
        }
    }

    /// The value itself, or what it refers to.
    fn follow<'a>(&'a self, value: &'a Value, place: &Place) -> Result<&'a Value> {
        match value.get("$ref").and_then(Value::as_str) {
            Some(target) => self.resolve(target, place),
            None => Ok(value),
        }
    }

    fn operations(&self) -> Vec<Operation<'_>> {
        let paths = Place::root().at("paths");
        entries(&self.0["paths"])
            .flat_map(|(path, item)| {
                let place = paths.at(path);
                let operations = entries(item).filter(|(method, _)| METHODS.contains(method));
                operations.map(move |(method, value)| Operation {
                    place: place.at(method),
                    path,
                    item,
                    value,
                })
            })
            .collect()
    }

    fn check_operations(&self) -> Result<()> {
        for (path, item) in entries(&self.0["paths"]) {
            let place = Place::root().at("paths").at(path);
            ensure!(
                item.get("$ref").is_none(),
                "{}: a path by `$ref` is not supported",
                place.0
            );
        }
        let mut names = BTreeMap::new();
        for operation in self.operations() {
            let name = method_name(&operation)?;
            if let Some(other) = names.insert(name.clone(), operation.place.0.clone()) {
                let place = operation.place.at("operationId");
                return Err(place.error(format!("makes the method `{name}`, and so does {other}")));
            }
            self.check_parameters(&operation)?;
            self.check_request_body(&operation)?;
            self.check_responses(&operation)?;
        }
        Ok(())
    }

    fn check_parameters(&self, operation: &Operation<'_>) -> Result<()> {
        let mut declared = BTreeSet::new();
        let own = items(&operation.value["parameters"])
            .map(|(index, value)| (operation.place.at("parameters").at(&index.to_string()), value));
        let shared = items(&operation.item["parameters"]).map(|(index, value)| {
            (
                Place::root()
                    .at("paths")
                    .at(operation.path)
                    .at("parameters")
                    .at(&index.to_string()),
                value,
            )
        });
        for (place, value) in own.chain(shared) {
            let parameter = self.follow(value, &place)?;
            let name = parameter["name"]
                .as_str()
                .ok_or_else(|| place.error("has no `name`"))?;
            ensure!(
                parameter.get("schema").is_some(),
                "{}: parameter `{name}` has no `schema`",
                place.0
            );
            match parameter["in"].as_str() {
                Some("path") => {
                    ensure!(
                        parameter["required"] == true,
                        "{}: path parameter `{name}` must be `required: true`",
                        place.0
                    );
                    declared.insert(name);
                }
                Some("query" | "header") => {}
                Some(other) => bail!(
                    "{}: a parameter in `{other}` is not supported, only path, query and header are",
                    place.0
                ),
                None => bail!("{}: parameter `{name}` has no `in`", place.0),
            }
        }
        let used: BTreeSet<_> = template_names(operation.path).collect();
        if let Some(name) = used.symmetric_difference(&declared).next() {
            let (has, lacks) = if used.contains(name) {
                ("the path", "parameters")
            } else {
                ("parameters", "the path")
            };
            bail!(
                "{}: `{name}` is in {has} but not in {lacks}",
                operation.place.at("parameters").0
            );
        }
        Ok(())
    }

    fn check_request_body(&self, operation: &Operation<'_>) -> Result<()> {
        let Some(body) = operation.value.get("requestBody") else {
            return Ok(());
        };
        let place = operation.place.at("requestBody");
        let content = &self.follow(body, &place)?["content"];
        let place = place.at("content");
        let mut types = entries(content);
        let (Some((name, media)), None) = (types.next(), types.next()) else {
            return Err(place.error("must have exactly one media type"));
        };
        if !BODY_TYPES.contains(&name) {
            let allowed = BODY_TYPES.join(", ");
            return Err(place
                .at(name)
                .error(format!("is not supported; these are: {allowed}")));
        }
        check_media_type(media, &place.at(name))
    }

    fn check_responses(&self, operation: &Operation<'_>) -> Result<()> {
        let place = operation.place.at("responses");
        let responses = operation.value["responses"]
            .as_object()
            .ok_or_else(|| place.error("missing"))?;
        let mut success: Option<(String, Place)> = None;
        let mut error: Option<(String, Place)> = None;
        for (status, response) in responses {
            let place = place.at(status);
            let class = status_class(status).ok_or_else(|| {
                place.error("is not a status: expected a registered code such as '404', a range such as 4XX, or default")
            })?;
            let answer = answer_type(self.follow(response, &place)?, &place)?;
            let groups = match class {
                Class::Success => [Some(&mut success), None],
                Class::Error => [Some(&mut error), None],
                Class::Either => [Some(&mut success), Some(&mut error)],
            };
            for group in groups.into_iter().flatten() {
                let (first, other) = group.get_or_insert_with(|| (answer.clone(), place.clone()));
                ensure!(
                    *first == answer,
                    "{}: answers with {answer}, but {} with {first}; the generator takes one type for all successes and one for all errors of an operation",
                    place.0,
                    other.0
                );
            }
        }
        Ok(())
    }
}

enum Class {
    Success,
    Error,
    Either,
}

fn status_class(status: &str) -> Option<Class> {
    let first = match status {
        "default" => return Some(Class::Either),
        "1XX" | "2XX" | "3XX" | "4XX" | "5XX" => &status[..1],
        _ => {
            // The mocks are named after the reason phrase, so there has to be one.
            status.parse::<http::StatusCode>().ok()?.canonical_reason()?;
            &status[..1]
        }
    };
    Some(match first {
        "4" | "5" => Class::Error,
        _ => Class::Success,
    })
}

/// The type of an answer in words, the same words for the same type.
fn answer_type(response: &Value, place: &Place) -> Result<String> {
    let place = place.at("content");
    let json = entries(&response["content"])
        .find(|(name, _)| *name == "application/json" || name.starts_with("application/json;"));
    let Some((name, media)) = json else {
        let raw = entries(&response["content"]).next().is_some();
        return Ok(if raw { "a raw body" } else { "no body" }.to_owned());
    };
    check_media_type(media, &place.at(name))?;
    Ok(match media["schema"]["$ref"].as_str() {
        Some(target) => format!("`{target}`"),
        None => format!("the inline schema {}", media["schema"]),
    })
}

fn check_media_type(media: &Value, place: &Place) -> Result<()> {
    ensure!(media.get("schema").is_some(), "{}: has no `schema`", place.0);
    ensure!(
        media.get("encoding").is_none(),
        "{}: `encoding` is not supported",
        place.0
    );
    Ok(())
}

/// The name of the generated method: two operation ids may make the same.
fn method_name(operation: &Operation<'_>) -> Result<String> {
    let id = operation
        .value
        .get("operationId")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    let id = id.with_context(|| {
        format!(
            "{}: missing: it names the generated method",
            operation.place.at("operationId").0
        )
    })?;
    Ok(id.chars().fold(String::new(), |mut name, letter| {
        if letter.is_uppercase() && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        name.extend(
            letter
                .to_lowercase()
                .map(|letter| if letter.is_alphanumeric() { letter } else { '_' }),
        );
        name
    }))
}

fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

fn collect_schema_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            names.extend(
                target
                    .and_then(|target| target.strip_prefix("#/components/schemas/"))
                    .map(str::to_owned),
            );
            members
                .values()
                .for_each(|value| collect_schema_names(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_schema_names(value, names)),
        _ => {}
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

fn items(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().into_iter().flatten().enumerate()
}
