//! Documentation of the client: the descriptions of the document, and a sentence for every other item.

use std::collections::BTreeMap;

use serde_json::Value;
use syn::{File, Item, ItemStruct, visit_mut::VisitMut};

mod attributes;
mod builders;
mod mocks;
mod types;

pub(super) use mocks::of_mocks;

use attributes::{NoExamples, add};
use builders::Builders;
use types::Types;

use crate::document::{Document, names};

/// Names a type of the crate that converts into the property.
const TAKES: &str = "x-takes";

/// Documents the client and its types.
pub(super) fn of_client(file: &mut File, document: &Document) {
    let mut schemas = BTreeMap::new();
    for (name, schema) in document.schemas() {
        if let (Ok(name), Some(text)) = (names::of_type(name), description(schema)) {
            schemas.insert(name, text.to_owned());
        }
    }
    let mut fields = BTreeMap::new();
    let mut documented = Types {
        schemas: &schemas,
        fields: &mut fields,
    };
    for item in &mut file.items {
        match item {
            Item::Mod(_) => documented.visit_item_mut(item),
            Item::Struct(item) => describe_client(item, document),
            _ => {}
        }
    }
    let mut parameters = BTreeMap::new();
    for operation in document.operations().unwrap_or_default() {
        let builder = names::of_builder(operation.id).unwrap_or_default();
        for parameter in operation.parameters {
            if let Some(text) = description(parameter.value) {
                parameters.insert((builder.clone(), parameter.setter), text.to_owned());
            }
        }
        if let Some(text) = operation.body.and_then(|body| description(body.value)) {
            parameters.insert((builder, "body".to_owned()), text.to_owned());
        }
    }
    Builders {
        modules: Vec::new(),
        fields: &fields,
        parameters: &parameters,
        taken: &taken(document),
    }
    .visit_file_mut(file);
    NoExamples.visit_file_mut(file);
}

/// The description of a part of the document, if it is not empty.
fn description(value: &Value) -> Option<&str> {
    let text = value["description"].as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

fn describe_client(item: &mut ItemStruct, document: &Document) {
    let info = |key: &str| document.info()[key].as_str().unwrap_or_default().trim();
    item.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
    add(
        &mut item.attrs,
        &format!("Client of the {}.\n\n{}", info("title"), info("description")),
    );
}

/// The types of the crate that convert into fields, by type and field.
fn taken(document: &Document) -> BTreeMap<(String, String), String> {
    let mut taken = BTreeMap::new();
    for (name, schema) in document.schemas() {
        let properties = schema["properties"].as_object().into_iter().flatten();
        for (property, schema) in properties {
            if let (Ok(name), Ok(field), Some(ty)) = (
                names::of_type(name),
                names::of_field(property),
                schema[TAKES].as_str(),
            ) {
                taken.insert((name, field), ty.to_owned());
            }
        }
    }
    taken
}
