//! Documentation of the client: what the document says, and words for what the generator leaves bare.

use std::collections::BTreeMap;

use quote::ToTokens as _;
use serde_json::Value;
use syn::{
    File, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, ItemStruct, Type,
    visit_mut::{self, VisitMut},
};

mod attributes;
mod mocks;

pub(super) use mocks::of_mocks;

use self::attributes::{NoExamples, add, text};
use super::setters;
use crate::document::{Document, names};

/// Names a type of ours that converts into a property.
const TAKES: &str = "x-takes";

/// The client with its types.
pub(super) fn of_client(file: &mut File, document: &Document) {
    let mut schemas = BTreeMap::new();
    for (name, schema) in document.schemas() {
        if let (Ok(name), Some(text)) = (names::of_type(name), said(schema)) {
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
            if let Some(text) = said(parameter.value) {
                parameters.insert((builder.clone(), parameter.setter), text.to_owned());
            }
        }
        if let Some(text) = operation.body.and_then(|body| said(body.value)) {
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

/// The description of a part of the document, if it says something.
fn said(value: &Value) -> Option<&str> {
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

/// The types of ours that properties take, by type and field.
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

/// Types and their fields. What is said of each field is kept for its setter.
struct Types<'a> {
    /// Descriptions of the named schemas.
    schemas: &'a BTreeMap<String, String>,
    /// Descriptions of fields by type and name.
    fields: &'a mut BTreeMap<(String, String), String>,
}

impl VisitMut for Types<'_> {
    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        match module.ident.to_string().as_str() {
            "types" => visit_mut::visit_item_mod_mut(self, module),
            "error" => add(&mut module.attrs, "What a conversion can fail with."),
            _ => {}
        }
    }

    fn visit_item_enum_mut(&mut self, item: &mut syn::ItemEnum) {
        let doc = format!("`{}`.", item.ident);
        add(&mut item.attrs, &doc);
    }

    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        let doc = format!("`{}`.", item.ident);
        add(&mut item.attrs, &doc);
        for field in &mut item.fields {
            let Some(ident) = &field.ident else { continue };
            let named = last_type(&field.ty).and_then(|name| self.schemas.get(&name));
            let doc = named.cloned().unwrap_or_else(|| format!("`{ident}`."));
            add(&mut field.attrs, &doc);
            if let Some(doc) = text(&field.attrs) {
                self.fields
                    .insert((item.ident.to_string(), ident.to_string()), doc);
            }
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item
                && method.sig.ident == "builder"
            {
                add(
                    &mut method.attrs,
                    "Starts building a value; only what is set is sent.",
                );
            }
        }
    }
}

/// The innermost type, such as `Metric` of `Option<Metric>`.
fn last_type(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.last()? {
            syn::GenericArgument::Type(ty) => last_type(ty),
            _ => None,
        },
        _ => Some(last.ident.to_string()),
    }
}

/// Builders of types and of operations.
struct Builders<'a> {
    /// Names of the modules around.
    modules: Vec<String>,
    fields: &'a BTreeMap<(String, String), String>,
    /// Descriptions of parameters by builder and name.
    parameters: &'a BTreeMap<(String, String), String>,
    /// Types of ours that fields take.
    taken: &'a BTreeMap<(String, String), String>,
}

impl VisitMut for Builders<'_> {
    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        let is_builder = module.ident == "builder";
        if is_builder {
            add(
                &mut module.attrs,
                "Builders, one for each type: only what is set is sent.",
            );
        }
        self.modules.push(module.ident.to_string());
        visit_mut::visit_item_mod_mut(self, module);
        self.modules.pop();
    }

    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        if self.is_in_builder() {
            let doc = format!("Builds [`super::{}`].", item.ident);
            add(&mut item.attrs, &doc);
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        if item.trait_.is_some() || !self.is_in_builder() {
            return;
        }
        let of = super::self_ident(item)
            .map(ToString::to_string)
            .unwrap_or_default();
        let said = match self.modules.len() {
            1 => self.parameters,
            _ => self.fields,
        };
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item {
                let name = method.sig.ident.to_string();
                let key = (of.clone(), name);
                let taken = self.taken.get(&key).filter(|_| self.modules.len() > 1);
                let doc = doc_of_builder(
                    method,
                    said.get(&key).map(String::as_str),
                    taken.map(String::as_str),
                );
                add(&mut method.attrs, &doc);
            }
        }
    }
}

impl Builders<'_> {
    fn is_in_builder(&self) -> bool {
        self.modules.last().is_some_and(|module| module == "builder")
    }
}

fn doc_of_builder(method: &ImplItemFn, said: Option<&str>, ours: Option<&str>) -> String {
    let name = method.sig.ident.to_string();
    match name.as_str() {
        "new" => return "Starts with nothing set.".to_owned(),
        "body_map" => return "Changes the body's builder in place.".to_owned(),
        _ => {}
    }
    if method.sig.inputs.len() != 2 {
        return String::new();
    }
    let taken = match setters::taken(method) {
        Some(ty) => {
            let ours = ours.map(|ours| format!(", such as an [`{ours}`](crate::{ours})"));
            format!(
                " It takes what converts into `{}`{}.",
                short(ty),
                ours.unwrap_or_default()
            )
        }
        None => " It takes a text, or `None`.".to_owned(),
    };
    match said {
        Some(said) => format!("Sets `{name}`: {}\n\n{}", said.trim(), taken.trim_start()),
        None => format!("Sets `{name}`.{taken}"),
    }
}

/// A type as a reader would write it.
fn short(ty: &Type) -> String {
    struct Short;
    impl VisitMut for Short {
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            if let Some(last) = path.segments.last().cloned() {
                path.leading_colon = None;
                path.segments = std::iter::once(last).collect();
            }
            visit_mut::visit_path_mut(self, path);
        }
    }
    let mut ty = ty.clone();
    Short.visit_type_mut(&mut ty);
    ty.to_token_stream()
        .to_string()
        .replace(' ', "")
        .replace(',', ", ")
}
