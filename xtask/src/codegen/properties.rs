//! Code is generated from any document, or the document is refused. The test makes documents of the supported shapes, and
//! changes them.

use std::fs;

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use super::*;

/// Schemas that others can refer to.
const NAMES: [&str; 4] = ["Pet", "petOwner", "kind_of", "TAG"];

fn described(schema: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (schema, option::of("[A-Za-z `{}*\n]{0,20}")).prop_map(|(mut schema, text)| {
        if let (Some(text), None) = (text, schema.get("$ref")) {
            schema["description"] = json!(text);
        }
        schema
    })
}

fn members() -> impl Strategy<Value = Value> {
    prop::sample::subsequence(
        vec!["asc", "desc", "in-progress", "GET", "type", "two words"],
        1..=6,
    )
    .prop_map(|members| json!({ "type": "string", "enum": members }))
}

fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec!["date", "date-time", "uuid", "email"])
            .prop_map(|format| json!({ "type": "string", "format": format })),
        select(vec!["int32", "int64"])
            .prop_map(|format| json!({ "type": "integer", "format": format, "minimum": 1 })),
        select(vec!["float", "double"]).prop_map(|format| json!({ "type": "number", "format": format })),
        select(vec!["string", "integer", "number", "boolean"])
            .prop_map(|kind| json!({ "type": kind, "example": 1 })),
        members(),
    ]
}

fn reference() -> impl Strategy<Value = Value> {
    select(NAMES.to_vec()).prop_map(|name| json!({ "$ref": format!("#/components/schemas/{name}") }))
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => plain(),
        2 => reference(),
        1 => (reference(), any::<bool>()).prop_map(|(target, nullable)| json!({ "allOf": [target], "nullable": nullable })),
        1 => Just(json!({})),
        1 => Just(json!({ "type": "object", "additionalProperties": true })),
    ];
    let nested = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|items| json!({ "type": "array", "items": items, "maxItems": 3 })),
            inner
                .clone()
                .prop_map(|values| json!({ "type": "object", "additionalProperties": values })),
            object(inner),
        ]
    });
    (described(nested), any::<bool>()).prop_map(|(mut schema, nullable)| {
        if nullable && schema.get("$ref").is_none() {
            schema["nullable"] = json!(true);
        }
        schema
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let names = prop::sample::subsequence(
        vec!["id", "type", "userName", "x-y", "404", "self", "@at", "match"],
        1..=8,
    );
    (names, vec(inner, 8), any::<bool>(), 0_usize..8).prop_map(|(names, schemas, strict, required)| {
        let properties: Map<_, _> = names.iter().map(|name| (*name).to_owned()).zip(schemas).collect();
        let required = &names[..required.min(names.len())];
        let mut object = json!({ "type": "object", "properties": properties, "required": required });
        if strict {
            object["additionalProperties"] = json!(false);
        }
        object
    })
}

fn named() -> impl Strategy<Value = Value> {
    described(prop_oneof![
        4 => object(schema()),
        1 => members(),
        1 => Just(json!({ "type": "string", "minLength": 1, "pattern": "^[a-z]+$" })),
        1 => plain().prop_map(|items| json!({ "type": "array", "items": items })),
    ])
}

fn parameter(number: usize) -> impl Strategy<Value = Value> {
    let names = ["limit", "from", "url", "request", "X-Trace", "self", "client"];
    let value = prop_oneof![
        plain().prop_map(|schema| (schema, false)),
        plain().prop_map(|items| (json!({ "type": "array", "items": items }), true)),
    ];
    (value, any::<bool>(), any::<bool>()).prop_map(move |((schema, is_list), required, in_header)| {
        let location = if in_header && !is_list { "header" } else { "query" };
        json!({ "name": names[number], "in": location, "required": required, "schema": schema })
    })
}

fn parameters() -> impl Strategy<Value = Vec<Value>> {
    let all = (0..7)
        .map(|number| option::of(parameter(number)).boxed())
        .collect::<Vec<_>>();
    all.prop_map(|all| all.into_iter().flatten().collect())
}

fn body() -> impl Strategy<Value = Value> {
    schema().prop_map(|mut schema| {
        if let Some(members) = schema.as_object_mut() {
            members.remove("nullable");
        }
        json!({ "application/json": { "schema": schema } })
    })
}

fn operation(number: usize) -> impl Strategy<Value = Value> {
    (parameters(), option::of(body()), option::of(body()), option::of(body()), any::<bool>()).prop_map(
        move |(mut parameters, sent, answer, error, streamed)| {
            let path = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
            parameters.push(path);
            let response = |content: Option<Value>| match content {
                Some(content) => json!({ "description": "Text", "content": content }),
                None => json!({ "description": "Text" }),
            };
            let mut operation = json!({
                "operationId": format!("doThing{number}"),
                "parameters": parameters,
                "responses": { "201": response(answer.clone()), "202": response(answer), "default": response(error) },
                "x-streamed": streamed,
            });
            if let Some(content) = sent {
                operation["requestBody"] = json!({ "required": true, "content": content });
            }
            operation
        },
    )
}

prop_compose! {
    fn document()(
        schemas in vec(named(), NAMES.len()),
        get in operation(1),
        post in option::of(operation(2)),
    ) -> Value {
        let schemas: Map<_, _> = NAMES.map(str::to_owned).into_iter().zip(schemas).collect();
        let mut item = json!({ "get": get });
        if let Some(post) = post {
            item["post"] = post;
        }
        json!({
            "openapi": "3.0.3",
            "info": { "title": "Any", "version": "1" },
            "paths": { "/things/{id}.json": item },
            "components": { "schemas": schemas },
        })
    }
}

/// A change of a document: another value, or a key that is removed or renamed.
#[derive(Clone, Debug)]
enum Change {
    Drop,
    Replace(Value),
    Rename(&'static str),
}

fn change() -> impl Strategy<Value = (prop::sample::Index, Change)> {
    let values = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5),
        json!(""),
        json!("text"),
        json!([]),
        json!({}),
        json!(["a", "a"]),
        json!({ "$ref": "#/components/schemas/Pet" }),
        json!({ "$ref": "#/components/schemas/None" }),
        json!({ "type": "object" }),
        json!({ "type": "string", "enum": ["a"] }),
        json!({ "allOf": [] }),
        json!([{ "$ref": "#/components/schemas/Pet" }]),
        json!("date-time"),
        json!("array"),
        json!("header"),
    ];
    let names = vec![
        "", "type", "Type", "$ref", "allOf", "name", "x-a", "enum", "Default", "self", "ä", "🦀", "build",
    ];
    let change = prop_oneof![
        Just(Change::Drop),
        select(values.to_vec()).prop_map(Change::Replace),
        select(names).prop_map(Change::Rename),
    ];
    (any::<prop::sample::Index>(), change)
}

/// The JSON pointers of all parts of a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, value)| (escaped(key), value)).collect(),
        Value::Array(items) => (0..).map(|index: usize| index.to_string()).zip(items).collect(),
        _ => return,
    };
    for (key, value) in parts {
        let at = format!("{at}/{key}");
        found.push(at.clone());
        pointers(value, &at, found);
    }
}

fn apply(document: &mut Value, index: prop::sample::Index, change: &Change) {
    let mut found = Vec::new();
    pointers(document, "", &mut found);
    let Some(place) = (!found.is_empty()).then(|| index.get(&found)) else {
        return;
    };
    let (parent, key) = place.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent).unwrap(), change) {
        (Value::Object(members), Change::Drop) => drop(members.remove(&key)),
        (Value::Object(members), Change::Rename(name)) => {
            if let Some(value) = members.remove(&key) {
                members.insert((*name).to_owned(), value);
            }
        }
        (parent, Change::Replace(value)) => {
            let place = match parent {
                Value::Object(members) => members.get_mut(&key),
                other => other.get_mut(key.parse::<usize>().unwrap()),
            };
            *place.unwrap() = value.clone();
        }
        (Value::Array(items), _) => drop(items.remove(key.parse().unwrap())),
        _ => unreachable!("only lists and mappings hold something"),
    }
}

/// Generates into a new directory. An error must name a place, and no file may be written.
fn outcome(document: &Value) -> Result<(), String> {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("openapi")).unwrap();
    fs::write(root.path().join(DOCUMENT), document.to_string()).unwrap();
    match run(root.path(), false) {
        Ok(_) => {
            for path in [CLIENT, MOCKS] {
                let code = fs::read_to_string(root.path().join(path)).unwrap();
                syn::parse_file(&code).unwrap();
            }
            Ok(())
        }
        Err(error) => {
            let left = fs::read_dir(root.path()).unwrap().count();
            assert_eq!(left, 1, "something was written");
            Err(format!("{error:#}"))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn documents_of_the_supported_shapes_are_generated_from(document in document()) {
        let outcome = outcome(&document);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
    }

    #[test]
    fn changed_documents_are_generated_from_or_refused_by_our_own_checks(
        document in document(),
        changes in vec(change(), 1..4),
    ) {
        let mut document = document;
        for (index, change) in &changes {
            apply(&mut document, *index, change);
        }
        if let Err(message) = outcome(&document) {
            prop_assert!(message.starts_with("openapi/usage.yaml: #"), "{}", message);
            prop_assert!(!message.contains("the generator"), "{}\n{}", message, document);
        }
    }
}
