//! The OpenAPI document, as the tests read it.

use std::{path::Path, sync::LazyLock};

use serde_json::{Map, Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/usage.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

/// The schemas by name.
pub(crate) fn schemas() -> &'static Map<String, Value> {
    DOCUMENT["components"]["schemas"].as_object().unwrap()
}

/// The operations by operation id.
pub(crate) fn operations() -> Vec<(&'static str, &'static Value)> {
    let items = DOCUMENT["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    operations
        .map(|operation| (operation["operationId"].as_str().unwrap(), operation))
        .collect()
}

/// The success statuses that an operation documents, each with the document's examples of its body.
pub(crate) fn documented_successes(operation: &'static Value) -> Vec<(u16, Vec<&'static Value>)> {
    let responses = operation["responses"].as_object().unwrap().iter();
    let successes = responses.filter(|(status, _)| status.starts_with('2'));
    successes
        .map(|(status, response)| {
            let response = follow(response);
            let media = &response["content"]["application/json"];
            let named = media["examples"].as_object().into_iter().flatten();
            let named = named.map(|(_, example)| &example["value"]);
            let examples: Vec<_> = named.chain(media.get("example")).collect();
            assert!(
                media.is_null() || !examples.is_empty(),
                "the body of {status} of `{}` has no example: add one to it in openapi/usage.yaml",
                operation["operationId"]
            );
            // A range is as good as its first status.
            (status.replace("XX", "00").parse().unwrap(), examples)
        })
        .collect()
}

/// The error statuses that an operation documents, each with the document's example of its body.
pub(crate) fn documented_errors(operation: &'static Value) -> Vec<(u16, &'static Value)> {
    let responses = operation["responses"].as_object().unwrap().iter();
    let errors = responses.filter(|(status, _)| !status.starts_with('2'));
    errors
        .map(|(status, response)| {
            let example = &follow(response)["content"]["application/json"]["example"];
            assert!(
                example.is_object(),
                "the body of {status} of `{}` has no example: add one to it in openapi/usage.yaml",
                operation["operationId"]
            );
            (status.parse().unwrap(), example)
        })
        .collect()
}

/// Every example in the document with the name of its schema.
pub(crate) fn examples() -> Vec<(String, Value)> {
    let mut found: Vec<_> = schemas()
        .iter()
        .map(|(name, schema)| {
            assert!(
                !schema["example"].is_null(),
                "schema `{name}` has no example: add one to it in openapi/usage.yaml"
            );
            (name.clone(), schema["example"].clone())
        })
        .collect();
    collect_media_examples(&DOCUMENT, &mut found);
    found
}

fn collect_media_examples(value: &Value, found: &mut Vec<(String, Value)>) {
    if let Some(target) = value["schema"]["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap();
        let named = value["examples"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values().map(|one| &one["value"]));
        found.extend(
            named
                .chain(value.get("example"))
                .map(|example| (name.to_owned(), example.clone())),
        );
    }
    match value {
        Value::Object(members) => members
            .values()
            .for_each(|value| collect_media_examples(value, found)),
        Value::Array(items) => items
            .iter()
            .for_each(|value| collect_media_examples(value, found)),
        _ => {}
    }
}

/// The value itself, or the one that it refers to.
pub(crate) fn follow(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(target) => DOCUMENT.pointer(target.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// A validator of one schema that also refuses members which the document does not name.
pub(crate) fn validator(name: &str) -> jsonschema::Validator {
    let mut schemas = Value::Object(schemas().clone());
    to_json_schema(&mut schemas);
    let schema =
        json!({ "$ref": format!("#/components/schemas/{name}"), "components": { "schemas": schemas } });
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// OpenAPI 3.0 says `nullable` where JSON Schema says `null`.
fn to_json_schema(value: &mut Value) {
    let Value::Object(members) = value else { return };
    if members.remove("nullable") == Some(json!(true)) {
        let kind = members["type"].clone();
        members.insert("type".to_owned(), json!([kind, "null"]));
    }
    if members.get("properties").is_some_and(Value::is_object) && members.contains_key("type") {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
    members.values_mut().for_each(to_json_schema);
}
