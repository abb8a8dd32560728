//! The parts of a document, to find the one on which the generator fails.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::document::{place::Place, references::SCHEMAS};

/// The parts of a simplified document, each as a document with its place. First come the schemas with those that they refer
/// to, the smallest first, then the operations.
pub(crate) fn parts(document: &Value) -> Vec<(Place, Value)> {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let all = members(&document["components"]["schemas"]);
    let mut schemas: Vec<_> = all.keys().map(|name| (name, reachable(&all, name))).collect();
    schemas.sort_by_key(|(_, reachable)| reachable.len());
    let schemas = schemas.into_iter().map(|(name, reachable)| {
        let mut part = document.clone();
        let kept = all.iter().filter(|(name, _)| reachable.contains(*name));
        part["components"]["schemas"] = kept
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect();
        part["paths"] = json!({});
        (Place::schema(name), part)
    });
    let mut operations = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(&item) {
            let mut part = document.clone();
            let item = Map::from_iter([(method.clone(), operation)]);
            part["paths"] = Value::Object(Map::from_iter([(path.clone(), Value::Object(item))]));
            operations.push((Place::root().at("paths").at(&path).at(&method), part));
        }
    }
    schemas.chain(operations).collect()
}

/// The names of a schema and of all schemas that it refers to.
fn reachable(schemas: &Map<String, Value>, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        if let (Some(schema), true) = (schemas.get(&name), found.insert(name.clone())) {
            collect_names(schema, &mut open);
        }
    }
    found
}

fn collect_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            let name = target.and_then(|target| target.strip_prefix(SCHEMAS));
            names.extend(name.map(str::to_owned));
            members.values().for_each(|value| collect_names(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}
