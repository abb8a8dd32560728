//! The operations: their requests and responses, as far as the generated code depends on them.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::Value;

use super::{
    entries, extensions,
    keywords::{self, OPERATION, PATH_ITEM},
    names, paths,
    place::Place,
    references::{Components, Reader},
};

/// Marks an operation whose response can be read while it arrives.
const STREAMED: &str = "x-streamed";
/// Says whether an operation is sent again after an internal error. Without it, only `GET` and `HEAD` are.
const RETRY_INTERNAL_ERROR: &str = "x-retry-internal-error";
/// The codes of internal errors after which an operation is never sent again.
const FINAL_INTERNAL_ERRORS: &str = "x-final-internal-errors";

/// One operation, as far as the generated code depends on it.
pub(crate) struct Operation<'a> {
    pub(crate) place: Place,
    pub(crate) path: &'a str,
    /// In lower case.
    pub(crate) http_method: &'a str,
    /// The `operationId`.
    pub(crate) id: &'a str,
    /// The generated method.
    pub(crate) method: String,
    /// The parameters of the operation, then those of its path, each in the order of the document.
    pub(crate) parameters: Vec<Parameter<'a>>,
    pub(crate) body: Option<Body<'a>>,
    /// Sorted by status.
    pub(crate) successes: Vec<Response<'a>>,
    pub(crate) errors: Vec<Response<'a>>,
    pub(crate) is_streamed: bool,
    pub(crate) retry_internal_error: bool,
    /// The permissions that allow it, in words. Empty if the document names none.
    pub(crate) permissions: String,
    /// The codes of internal errors that are final all the same.
    pub(crate) final_internal_errors: Vec<&'a str>,
    pub(crate) value: &'a Value,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Location {
    Path,
    Query,
    Header,
}

pub(crate) struct Parameter<'a> {
    pub(crate) location: Location,
    /// The name that is sent.
    pub(crate) name: &'a str,
    /// The generated setter.
    pub(crate) setter: String,
    pub(crate) is_required: bool,
    /// Sent once for each item.
    pub(crate) is_list: bool,
    /// Whether it is a parameter of the path, and so of all its operations.
    pub(crate) is_shared: bool,
    /// The name of its component, if it is one.
    pub(crate) component: Option<&'a str>,
    pub(crate) value: &'a Value,
}

/// A JSON body.
pub(crate) struct Body<'a> {
    /// The name of its component, if it is one.
    pub(crate) component: Option<&'a str>,
    pub(crate) value: &'a Value,
    pub(crate) schema: &'a Value,
}

pub(crate) struct Response<'a> {
    pub(crate) status: &'a str,
    pub(super) place: Place,
    pub(crate) value: &'a Value,
    /// The schema of the JSON body, if there is a body.
    pub(crate) schema: Option<&'a Value>,
    /// The name of its component, if it is one.
    pub(crate) component: Option<&'a str>,
}

impl Response<'_> {
    /// A text about the body, the same for equal bodies.
    pub(super) fn body(&self) -> String {
        match self.schema.map(|schema| (&schema["$ref"], schema)) {
            None => "no body".to_owned(),
            Some((Value::String(target), _)) => format!("a body of `{target}`"),
            Some((_, schema)) => format!("a body of the inline schema {schema}"),
        }
    }
}

/// Reads and checks every operation.
pub(super) fn read(root: &Value) -> Result<Vec<Operation<'_>>> {
    let components = Components(root);
    let root_place = Place::root().at("paths");
    let mut operations = Vec::new();
    let (mut methods, mut builders) = (BTreeMap::new(), BTreeMap::new());
    for (path, item) in entries(&root["paths"]).filter(|(path, _)| !path.starts_with("x-")) {
        let place = root_place.at(path);
        paths::check(path, &place)?;
        PATH_ITEM.check(item, &place)?;
        for method in keywords::methods() {
            let Some(value) = item.get(method) else { continue };
            let operation = Reader {
                components,
                place: place.at(method),
            }
            .operation(path, method, item, value)?;
            let own = operation.place.at("operationId");
            let builder = names::of_builder(operation.id).unwrap_or_default();
            for (names, name) in [(&mut methods, &operation.method), (&mut builders, &builder)] {
                if let Some(other) = names.insert(name.clone(), operation.place.clone()) {
                    bail!(own.error(format!("makes the method `{name}`, and so does {other}")));
                }
            }
            operations.push(operation);
        }
    }
    root_place.ensure(!operations.is_empty(), "has no operation")?;
    check_components(components)?;
    Ok(operations)
}

/// Checks the components, also if nothing refers to them.
fn check_components(components: Components<'_>) -> Result<()> {
    let reader = |kind: &str, name: &str| Reader {
        components,
        place: Place::root().at("components").at(kind).at(name),
    };
    for (name, value) in components.of("parameters") {
        reader("parameters", name).parameter(value)?;
    }
    for (name, value) in components.of("requestBodies") {
        reader("requestBodies", name).body(value)?;
    }
    for (name, value) in components.of("responses") {
        reader("responses", name).response("default", value)?;
    }
    for (name, value) in components.of("headers") {
        reader("headers", name).header(value)?;
    }
    Ok(())
}

impl<'a> Reader<'a> {
    fn operation(
        self,
        path: &'a str,
        http_method: &'a str,
        item: &'a Value,
        value: &'a Value,
    ) -> Result<Operation<'a>> {
        OPERATION.check(value, &self.place)?;
        let id = value["operationId"].as_str().unwrap_or_default();
        let place = self.place.at("operationId");
        place.ensure(!id.is_empty(), "missing: it names the generated method")?;
        let method = names::of_method(id).map_err(|why| place.error(format!("`{id}` {why}")))?;
        let parameters = self.parameters(path, item, value)?;
        let body = match value.get("requestBody") {
            Some(body) => Some(self.at("requestBody").body(body)?),
            None => None,
        };
        let (successes, errors) = self.responses(http_method, value)?;
        let retry_internal_error = extensions::flag(value, RETRY_INTERNAL_ERROR, &self.place)?
            .unwrap_or(matches!(http_method, "get" | "head"));
        let final_internal_errors = extensions::texts(value, FINAL_INTERNAL_ERRORS, &self.place)?;
        self.place.at(FINAL_INTERNAL_ERRORS).ensure(
            retry_internal_error || final_internal_errors.is_empty(),
            "the operation is not sent again after any internal error; leave this out",
        )?;
        Ok(Operation {
            path,
            http_method,
            id,
            method,
            parameters,
            body,
            successes,
            errors,
            is_streamed: extensions::flag(value, STREAMED, &self.place)?.unwrap_or(false),
            retry_internal_error,
            permissions: extensions::permissions(value, &self.place)?,
            final_internal_errors,
            value,
            place: self.place,
        })
    }
}
