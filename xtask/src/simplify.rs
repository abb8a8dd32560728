//! The document for the generator: without keywords that only document, with a name for each type, and with references
//! only to types.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use crate::document::{
    Document,
    enums::StringEnum,
    names,
    operations::{Operation, Response},
    place::{Place, unescape},
    references::{self, SCHEMAS},
};

/// The documents for the generator.
pub(crate) struct Simple {
    /// For the client: each operation has one success.
    pub(crate) client: Value,
    /// For the mocks: each operation has all responses.
    pub(crate) mocks: Value,
    /// The enums of strings, which the generator does not write.
    pub(crate) enums: Vec<StringEnum>,
}

/// Simplifies a document that passed the checks.
pub(crate) fn simplify(document: &Document) -> Result<Simple> {
    let mut types = Types::default();
    for (name, _) in document.schemas() {
        types.claim(type_name(name), &Place::schema(name))?;
    }
    for (name, schema) in document.schemas() {
        let place = Place::schema(name);
        let name = type_name(name);
        let schema = types.named(schema, &name, &place)?;
        types.schemas.insert(name, schema);
    }
    let (mut client, mut mocks) = (Map::new(), Map::new());
    for operation in document.operations()? {
        let success = &operation.successes[0];
        let body = types.response(&operation, success, "response")?;
        let responses = json!({ "200": body });
        types.add(&mut client, &operation, responses)?;
        let mut responses = Map::new();
        for (kind, all) in [("response", &operation.successes), ("error", &operation.errors)] {
            for response in all {
                let body = types.response(&operation, response, kind)?;
                responses.insert(response.status.to_owned(), body);
            }
        }
        types.add(&mut mocks, &operation, Value::Object(responses))?;
    }
    let whole = |paths: Map<String, Value>| {
        json!({
            "openapi": "3.0.3",
            "info": described(json!({ "title": document.info()["title"], "version": document.info()["version"] }), document.info()),
            "paths": paths,
            "components": { "schemas": types.schemas },
        })
    };
    Ok(Simple {
        client: whole(client),
        mocks: whole(mocks),
        enums: types.enums,
    })
}

/// The named types, and those that get their names here.
#[derive(Default)]
struct Types {
    /// The places of all types by their names.
    places: HashMap<String, Place>,
    schemas: Map<String, Value>,
    enums: Vec<StringEnum>,
    /// Schemas without a name, by the name of their type. A component can be used several times.
    made: HashMap<String, Value>,
}

impl Types {
    fn claim(&mut self, name: String, place: &Place) -> Result<()> {
        match self.places.insert(name.clone(), place.clone()) {
            None => Ok(()),
            Some(other) => bail!(place.error(format!(
                "makes the type `{name}`, and so does {other}; give it another name under components/schemas"
            ))),
        }
    }

    /// The schema of the type with this name.
    fn named(&mut self, schema: &Value, name: &str, place: &Place) -> Result<Value> {
        if schema.get("enum").is_some() {
            let one = StringEnum::read(name, schema, place)?;
            // We replace it later. The generator gets the variants, because it cannot handle all members.
            let members = one.variants();
            self.enums.push(one);
            return Ok(json!({ "type": "string", "enum": members }));
        }
        let mut simple = match has_properties(schema) {
            true => self.object(schema, name, place)?,
            false => self.schema(schema, name, place)?,
        };
        for keyword in ["minLength", "maxLength", "pattern"] {
            if let (Some(members), Some(value)) = (simple.as_object_mut(), schema.get(keyword)) {
                members.insert(keyword.to_owned(), value.clone());
            }
        }
        Ok(simple)
    }

    fn object(&mut self, schema: &Value, name: &str, place: &Place) -> Result<Value> {
        let mut simple = Map::new();
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            let place = place.at("properties").at(property);
            let schema = self.schema(schema, &type_name(&format!("{name}-{property}")), &place)?;
            simple.insert(property.clone(), schema);
        }
        let mut object = json!({ "type": "object", "properties": simple });
        if let Some(required) = schema.get("required") {
            object["required"] = required.clone();
        }
        if schema["additionalProperties"] == false {
            object["additionalProperties"] = json!(false);
        }
        Ok(described(object, schema))
    }

    /// Any schema. `name` is the name of its type, if it needs a type.
    fn schema(&mut self, schema: &Value, name: &str, place: &Place) -> Result<Value> {
        let simple = match schema["type"].as_str() {
            _ if schema.get("$ref").is_some() => json!({ "$ref": reference(&schema["$ref"]) }),
            None if schema.get("allOf").is_some() => {
                let target = json!({ "$ref": reference(&schema["allOf"][0]["$ref"]) });
                match schema.get("description").is_some() || schema["nullable"] == true {
                    true => json!({ "allOf": [target] }),
                    false => target,
                }
            }
            None => json!({}),
            Some("array") => {
                let name = type_name(&format!("{name}-item"));
                let items = self.schema(&schema["items"], &name, &place.at("items"))?;
                json!({ "type": "array", "items": items })
            }
            Some("object") if has_properties(schema) => return self.made(schema, name, place),
            Some("object") => match &schema["additionalProperties"] {
                others @ Value::Object(_) => {
                    let name = type_name(&format!("{name}-value"));
                    let others = self.schema(others, &name, &place.at("additionalProperties"))?;
                    json!({ "type": "object", "additionalProperties": others })
                }
                Value::Bool(false) => json!({ "type": "object", "additionalProperties": false }),
                _ => json!({ "type": "object" }),
            },
            Some(_) if schema.get("enum").is_some() => return self.made(schema, name, place),
            Some(kind) => {
                let mut simple = json!({ "type": kind });
                if let Some(format) = schema["format"].as_str().filter(|format| makes_a_type(format)) {
                    simple["format"] = json!(format);
                }
                simple
            }
        };
        if simple.get("$ref").is_some() {
            return Ok(simple);
        }
        Ok(nullable(described(simple, schema), schema))
    }

    /// Makes a type of a schema without a name, and returns the reference to it.
    fn made(&mut self, schema: &Value, name: &str, place: &Place) -> Result<Value> {
        // Two successes of an operation have the same schema.
        if self.made.get(name).is_none_or(|made| made != schema) {
            self.claim(name.to_owned(), place)?;
            self.made.insert(name.to_owned(), schema.clone());
            let simple = self.named(schema, name, place)?;
            self.schemas.insert(name.to_owned(), simple);
        }
        let target = json!({ "$ref": format!("{SCHEMAS}{name}") });
        match schema["nullable"] == true {
            true => Ok(json!({ "allOf": [target], "nullable": true })),
            false => Ok(target),
        }
    }

    /// A response. `kind` is part of the name of its body, if it has no name.
    fn response(&mut self, operation: &Operation<'_>, response: &Response<'_>, kind: &str) -> Result<Value> {
        let mut simple = json!({ "description": response.value["description"] });
        if let Some(schema) = response.schema {
            let name = match response.component {
                Some(component) => format!("{component}-body"),
                None => format!("{}-{kind}", operation.id),
            };
            let place = operation.place.at("responses").at(response.status);
            let schema = self.schema(schema, &type_name(&name), &place)?;
            simple["content"] = json!({ "application/json": { "schema": schema } });
        }
        Ok(simple)
    }

    /// Adds an operation with these responses.
    fn add(
        &mut self,
        paths: &mut Map<String, Value>,
        operation: &Operation<'_>,
        responses: Value,
    ) -> Result<()> {
        let mut simple = json!({ "operationId": operation.id, "responses": responses });
        for keyword in ["summary", "description"] {
            if let Some(text) = operation.value.get(keyword) {
                simple[keyword] = text.clone();
            }
        }
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            let name = match parameter.component {
                Some(component) => component.to_owned(),
                None if parameter.is_shared => format!("{}-{}", operation.path, parameter.name),
                None => format!("{}-{}", operation.id, parameter.name),
            };
            let place = operation.place.at("parameters");
            let value = parameter.value;
            let simple = json!({
                "name": parameter.name,
                "in": value["in"],
                "required": parameter.is_required,
                "schema": self.schema(&value["schema"], &type_name(&name), &place)?,
            });
            parameters.push(described(simple, value));
        }
        simple["parameters"] = Value::Array(parameters);
        if let Some(body) = &operation.body {
            let own_name = || format!("{}-body", operation.id);
            let name = body.component.map_or_else(own_name, str::to_owned);
            let place = operation.place.at("requestBody");
            let schema = self.schema(body.schema, &type_name(&name), &place)?;
            simple["requestBody"] = described(
                json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
                body.value,
            );
        }
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.http_method] = simple;
        Ok(())
    }
}

/// The name of a type. The checks ensure that there is one.
fn type_name(name: &str) -> String {
    names::of_type(name).unwrap_or_else(|_| name.to_owned())
}

fn reference(target: &Value) -> String {
    let name = unescape(references::name(target.as_str().unwrap_or_default()));
    format!("{SCHEMAS}{}", type_name(&name))
}

fn has_properties(schema: &Value) -> bool {
    let properties = schema["properties"].as_object();
    properties.is_some_and(|properties| !properties.is_empty())
}

/// Whether a format changes the type that the generator makes.
fn makes_a_type(format: &str) -> bool {
    ["date", "date-time", "int32", "int64", "float", "double"].contains(&format)
}

fn described(mut simple: Value, original: &Value) -> Value {
    if let Some(description) = original.get("description") {
        simple["description"] = description.clone();
    }
    simple
}

fn nullable(mut simple: Value, original: &Value) -> Value {
    let is_typed = simple.get("type").is_some() || simple.get("allOf").is_some();
    if is_typed && original["nullable"] == true {
        simple["nullable"] = json!(true);
    }
    simple
}
