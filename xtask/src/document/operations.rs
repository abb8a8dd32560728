//! The operations: what they send and answer, and that the generator takes it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::{
    entries, items,
    keywords::{self, HEADER, MEDIA_TYPE, OPERATION, PARAMETER, PATH_ITEM, REQUEST_BODY, RESPONSE},
    names,
    place::Place,
    references::Components,
    schemas::{self, Role},
};

/// Marks an operation whose answer may be read while it arrives.
const STREAMED: &str = "x-streamed";
const METHODS: [&str; 6] = ["get", "put", "post", "delete", "head", "patch"];
const JSON: &str = "application/json";
/// Headers that are not described as parameters, says OpenAPI.
const OWN_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// One operation, as far as what is generated depends on it.
pub(crate) struct Operation<'a> {
    pub(crate) place: Place,
    pub(crate) path: &'a str,
    /// In lower case.
    pub(crate) http_method: &'a str,
    /// The document's name of it.
    pub(crate) id: &'a str,
    /// The generated method.
    pub(crate) method: String,
    /// In the order of the document, those that the whole path has behind the operation's own.
    pub(crate) parameters: Vec<Parameter<'a>>,
    pub(crate) body: Option<Body<'a>>,
    /// By status, in the order of the document.
    pub(crate) successes: Vec<Response<'a>>,
    pub(crate) errors: Vec<Response<'a>>,
    pub(crate) is_streamed: bool,
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
    /// Whether the path has it for all of its operations.
    pub(crate) is_shared: bool,
    /// The component that it is, if it is one.
    pub(crate) component: Option<&'a str>,
    pub(crate) value: &'a Value,
}

/// A JSON body.
pub(crate) struct Body<'a> {
    /// The component that it is, if it is one.
    pub(crate) component: Option<&'a str>,
    pub(crate) value: &'a Value,
    pub(crate) schema: &'a Value,
}

pub(crate) struct Response<'a> {
    pub(crate) status: &'a str,
    place: Place,
    pub(crate) value: &'a Value,
    /// Of its JSON body, if it has a body.
    pub(crate) schema: Option<&'a Value>,
    /// The component that it is, if it is one.
    pub(crate) component: Option<&'a str>,
}

impl Response<'_> {
    /// The body in words, the same words for the same body.
    fn body(&self) -> String {
        match self.schema.map(|schema| (&schema["$ref"], schema)) {
            None => "no body".to_owned(),
            Some((Value::String(target), _)) => format!("`{target}`"),
            Some((_, schema)) => format!("the inline schema {schema}"),
        }
    }
}

/// Reads and checks every operation.
pub(super) fn read(root: &Value) -> Result<Vec<Operation<'_>>> {
    let components = Components(root);
    let paths = Place::root().at("paths");
    let mut operations = Vec::new();
    let (mut methods, mut builders) = (BTreeMap::new(), BTreeMap::new());
    for (path, item) in entries(&root["paths"]).filter(|(path, _)| !path.starts_with("x-")) {
        let place = paths.at(path);
        check_path(path, &place)?;
        PATH_ITEM.check(item, &place)?;
        for method in METHODS {
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
    ensure!(!operations.is_empty(), paths.error("has no operation"));
    check_components(components)?;
    Ok(operations)
}

/// A path is written into a URL, and into the pattern of its mock, as it stands.
fn check_path(path: &str, place: &Place) -> Result<()> {
    ensure!(path.starts_with('/'), place.error("a path must begin with `/`"));
    let mut rest = path;
    while let Some((constant, behind)) = rest.split_once('{') {
        check_constant(constant, place)?;
        let Some((name, behind)) = behind.split_once('}') else {
            bail!(place.error("has `{` without `}`"));
        };
        ensure!(
            !name.is_empty() && !name.contains(['{', '/']),
            place.error(format!("`{{{name}}}` is not the name of a parameter"))
        );
        ensure!(
            !behind.starts_with('{'),
            place.error("has two parameters with nothing in between: where one ends could not be told")
        );
        rest = behind;
    }
    check_constant(rest, place)
}

fn check_constant(constant: &str, place: &Place) -> Result<()> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/-_.~:@".contains(letter);
    if let Some(letter) = constant.chars().find(|letter| !is_plain(*letter)) {
        bail!(place.error(format!(
            "has `{letter}`; letters, digits, `-`, `_`, `.`, `~`, `:` and `@` are supported"
        )));
    }
    ensure!(!constant.contains("//"), place.error("has `//`, an empty part"));
    Ok(())
}

/// Components are checked also if nothing refers to them.
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

/// Reads what stands at a place.
struct Reader<'a> {
    components: Components<'a>,
    place: Place,
}

impl<'a> Reader<'a> {
    fn at(&self, key: &str) -> Self {
        Self {
            components: self.components,
            place: self.place.at(key),
        }
    }

    /// What a reference leads to, to be read there.
    fn follow(&self, kind: &str, value: &'a Value) -> Result<(&'a Value, Self)> {
        let (value, place) = self.components.follow(kind, value, &self.place)?;
        let components = self.components;
        Ok((value, Self { components, place }))
    }

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
        ensure!(
            !id.is_empty(),
            place.error("missing: it names the generated method")
        );
        let method = names::of_method(id).map_err(|why| place.error(format!("`{id}` {why}")))?;
        let parameters = self.parameters(path, item, value)?;
        let body = match value.get("requestBody") {
            Some(body) => Some(self.at("requestBody").body(body)?),
            None => None,
        };
        let (successes, errors) = self.responses(http_method, value)?;
        Ok(Operation {
            path,
            http_method,
            id,
            method,
            parameters,
            body,
            successes,
            errors,
            is_streamed: self.is_streamed(value)?,
            value,
            place: self.place,
        })
    }

    fn is_streamed(&self, value: &Value) -> Result<bool> {
        match value.get(STREAMED) {
            None => Ok(false),
            Some(Value::Bool(is_streamed)) => Ok(*is_streamed),
            Some(other) => bail!(
                self.place
                    .at(STREAMED)
                    .error(format!("must be true or false, not {other}"))
            ),
        }
    }

    fn parameters(&self, path: &'a str, item: &'a Value, value: &'a Value) -> Result<Vec<Parameter<'a>>> {
        let own = self.at("parameters");
        let path_place = Place::root().at("paths").at(path);
        let shared = Reader {
            components: self.components,
            place: path_place.at("parameters"),
        };
        let mut parameters: Vec<Parameter<'a>> = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for (list, reader, is_shared) in [(value, &own, false), (item, &shared, true)] {
            for (index, value) in items(&list["parameters"]) {
                let reader = reader.at(&index.to_string());
                let parameter = Parameter {
                    is_shared,
                    ..reader.parameter(value)?
                };
                let same = parameters
                    .iter()
                    .position(|other| other.setter == parameter.setter);
                if let Some(other) = same {
                    let same = &parameters[other];
                    // The operation's own takes the place of the path's.
                    let is_overridden = (same.name, same.location) == (parameter.name, parameter.location);
                    if is_shared && is_overridden {
                        continue;
                    }
                    bail!(reader.place.error(format!(
                        "parameter `{}` makes the setter `{}`, and so does {}",
                        parameter.name, parameter.setter, places[other]
                    )));
                }
                parameters.push(parameter);
                places.push(reader.place);
            }
        }
        let used: BTreeSet<_> = template_names(path).collect();
        let declared: BTreeSet<_> = parameters
            .iter()
            .filter(|parameter| parameter.location == Location::Path)
            .map(|parameter| parameter.name)
            .collect();
        if let Some(name) = used.difference(&declared).next() {
            bail!(
                own.place
                    .error(format!("`{name}` is in the path but not in parameters"))
            );
        }
        if let Some(name) = declared.difference(&used).next() {
            bail!(
                own.place
                    .error(format!("`{name}` is in parameters but not in the path"))
            );
        }
        ensure!(
            used.len() == template_names(path).count(),
            path_place.error("has a parameter twice")
        );
        Ok(parameters)
    }

    fn parameter(&self, value: &'a Value) -> Result<Parameter<'a>> {
        let component = component(value);
        let (value, reader) = self.follow("parameters", value)?;
        let place = &reader.place;
        PARAMETER.check(value, place)?;
        let name = value["name"].as_str().unwrap_or_default();
        ensure!(!name.is_empty(), place.error("has no `name`"));
        let location = match value["in"].as_str() {
            Some("path") => Location::Path,
            Some("query") => Location::Query,
            Some("header") => Location::Header,
            Some(other) => bail!(place.error(format!(
                "a parameter in `{other}` is not supported, only path, query and header are"
            ))),
            None => bail!(place.error(format!("parameter `{name}` has no `in`"))),
        };
        let setter =
            names::of_parameter(name).map_err(|why| place.at("name").error(format!("`{name}` {why}")))?;
        let is_required = value["required"] == true;
        ensure!(
            is_required || location != Location::Path,
            place.error(format!("path parameter `{name}` must be `required: true`"))
        );
        if location == Location::Header {
            check_header_name(name, &place.at("name"))?;
        }
        check_style(location, value, place)?;
        let Some(schema) = value.get("schema") else {
            bail!(place.error(format!("parameter `{name}` has no `schema`")));
        };
        let is_list = reader.at("schema").parameter_schema(schema, location)?;
        Ok(Parameter {
            location,
            name,
            setter,
            is_required,
            is_list,
            is_shared: false,
            component,
            value,
        })
    }

    /// Whether a parameter is a list. It has to be a plain value, or a list of them in a query.
    fn parameter_schema(&self, schema: &'a Value, location: Location) -> Result<bool> {
        schemas::check(self.components, schema, &self.place, Role::Inline)?;
        ensure!(
            schema["nullable"] != true,
            self.place
                .at("nullable")
                .error("a parameter is sent or not, it is never null; leave it out")
        );
        match self.plain(schema)? {
            "array" if location == Location::Query => {}
            "string" | "integer" | "number" | "boolean" => return Ok(false),
            kind => {
                let supported = match location {
                    Location::Query => "a string, a number, a boolean or an array of them",
                    _ => "a string, a number or a boolean",
                };
                bail!(
                    self.place
                        .error(format!("{kind} is not supported here, only {supported} is"))
                );
            }
        }
        let (list, reader) = self.behind_all_of(schema)?;
        let (items, reader) = (&list["items"], reader.at("items"));
        ensure!(
            items["nullable"] != true,
            reader
                .place
                .at("nullable")
                .error("an item is sent or not, it is never null; leave it out")
        );
        match reader.plain(items)? {
            "string" | "integer" | "number" | "boolean" => Ok(true),
            kind => bail!(reader.place.error(format!(
                "{kind} is not supported here, only a string, a number or a boolean is"
            ))),
        }
    }

    /// The type of a schema, through references.
    fn plain(&self, schema: &'a Value) -> Result<&'a str> {
        let (schema, _) = self.behind_all_of(schema)?;
        Ok(schema["type"].as_str().unwrap_or("any value"))
    }

    fn behind_all_of(&self, schema: &'a Value) -> Result<(&'a Value, Self)> {
        let (schema, reader) = self.follow("schemas", schema)?;
        match schema.get("allOf") {
            Some(parts) => reader.at("allOf").at("0").behind_all_of(&parts[0]),
            None => Ok((schema, reader)),
        }
    }

    fn body(&self, value: &'a Value) -> Result<Body<'a>> {
        let component = component(value);
        let (value, reader) = self.follow("requestBodies", value)?;
        REQUEST_BODY.check(value, &reader.place)?;
        ensure!(
            value["required"] == true,
            reader
                .place
                .error("must be `required: true`; a body that may be left out is not supported")
        );
        let Some(schema) = reader.json(value)? else {
            bail!(reader.place.at("content").error(format!("must have {JSON}")));
        };
        Ok(Body {
            component,
            value,
            schema,
        })
    }

    /// The schema of a JSON body, if there is a body.
    fn json(&self, value: &'a Value) -> Result<Option<&'a Value>> {
        let reader = self.at("content");
        let mut types = entries(&value["content"]);
        let Some((name, media)) = types.next() else {
            return Ok(None);
        };
        ensure!(
            types.next().is_none(),
            reader.place.error(format!(
                "must have exactly one media type; leave out all but {JSON}"
            ))
        );
        let reader = reader.at(name);
        ensure!(
            name == JSON || name.starts_with("application/json;"),
            reader
                .place
                .error(format!("is not supported, only {JSON} is; leave it out"))
        );
        MEDIA_TYPE.check(media, &reader.place)?;
        let Some(schema) = media.get("schema") else {
            bail!(reader.place.error("has no `schema`"));
        };
        schemas::check(self.components, schema, &reader.place.at("schema"), Role::Inline)?;
        ensure!(
            schema["nullable"] != true,
            reader
                .place
                .at("schema")
                .at("nullable")
                .error("a body that is `null` is not supported; leave it out")
        );
        Ok(Some(schema))
    }

    fn responses(&self, method: &str, value: &'a Value) -> Result<(Vec<Response<'a>>, Vec<Response<'a>>)> {
        let reader = self.at("responses");
        ensure!(
            entries(&value["responses"]).next().is_some(),
            reader.place.error("missing")
        );
        let (mut successes, mut errors, mut fallback) = (Vec::new(), Vec::new(), None);
        for (status, response) in entries(&value["responses"]).filter(|(status, _)| !status.starts_with("x-"))
        {
            let reader = reader.at(status);
            let class = status_class(status).map_err(|why| reader.place.error(why))?;
            let response = reader.response(status, response)?;
            match class {
                Class::Success => successes.push(response),
                Class::Error => errors.push(response),
                Class::Fallback => fallback = Some(response),
            }
        }
        // Beside a success, `default` is what is said of everything else.
        match fallback {
            Some(fallback) if successes.is_empty() => successes.push(fallback),
            Some(fallback) => errors.push(fallback),
            None => {}
        }
        ensure!(
            !successes.is_empty(),
            reader
                .place
                .error("has no success: expected a status such as '200' or 2XX")
        );
        check_one_body(&successes, "successes")?;
        check_one_body(&errors, "errors")?;
        if let Some(response) = successes
            .iter()
            .find(|response| method == "head" && response.schema.is_some())
        {
            bail!(
                response
                    .place
                    .at("content")
                    .error("an answer to HEAD has no body; leave it out")
            );
        }
        Ok((successes, errors))
    }

    fn response(&self, status: &'a str, value: &'a Value) -> Result<Response<'a>> {
        let component = component(value);
        let (value, reader) = self.follow("responses", value)?;
        RESPONSE.check(value, &reader.place)?;
        ensure!(
            value.get("description").is_some(),
            reader.place.error("has no `description`")
        );
        for (name, header) in entries(&value["headers"]) {
            reader.at("headers").at(name).header(header)?;
        }
        Ok(Response {
            status,
            place: self.place.clone(),
            value,
            schema: reader.json(value)?,
            component,
        })
    }

    fn header(&self, value: &'a Value) -> Result<()> {
        let (value, reader) = self.follow("headers", value)?;
        HEADER.check(value, &reader.place)?;
        let Some(schema) = value.get("schema") else {
            bail!(reader.place.error("has no `schema`"));
        };
        schemas::check(self.components, schema, &reader.place.at("schema"), Role::Inline)
    }
}

fn check_header_name(name: &str, place: &Place) -> Result<()> {
    ensure!(
        !OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()),
        place.error(format!("`{name}` is set by the client; leave it out"))
    );
    ensure!(
        http::HeaderName::from_bytes(name.as_bytes()).is_ok(),
        place.error(format!("`{name}` is not the name of a header"))
    );
    Ok(())
}

/// Only the styles that are the default.
fn check_style(location: Location, value: &Value, place: &Place) -> Result<()> {
    let (style, explode) = match location {
        Location::Query => ("form", true),
        Location::Path | Location::Header => ("simple", false),
    };
    if let Some(other) = value["style"].as_str().filter(|other| *other != style) {
        bail!(
            place
                .at("style")
                .error(format!("`{other}` is not supported here, only `{style}` is"))
        );
    }
    if value.get("explode").is_some_and(|other| *other != explode) {
        bail!(place.at("explode").error(format!(
            "only `explode: {explode}` is supported here: {}",
            if explode {
                "a list is sent as `name=a&name=b`"
            } else {
                "a value is sent as it is"
            }
        )));
    }
    Ok(())
}

/// All must have one body, since a call returns one type.
fn check_one_body(responses: &[Response<'_>], name: &str) -> Result<()> {
    let Some((first, others)) = responses.split_first() else {
        return Ok(());
    };
    for other in others {
        ensure!(
            other.body() == first.body(),
            other.place.error(format!(
                "answers with {}, but {} with {}; all {name} of an operation must have one body",
                other.body(),
                first.place,
                first.body()
            ))
        );
    }
    Ok(())
}

/// The name of the component that is referred to.
fn component(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.rsplit('/').next()
}

enum Class {
    Success,
    Error,
    Fallback,
}

fn status_class(status: &str) -> Result<Class, &'static str> {
    const NONE: &str =
        "is not a status: expected a registered code such as '404', a range such as 4XX, or default";
    const NEVER: &str = "never reaches a caller: leave it out; a redirect is followed or is an error";
    match status {
        "default" => Ok(Class::Fallback),
        "2XX" => Ok(Class::Success),
        "4XX" | "5XX" => Ok(Class::Error),
        "1XX" | "3XX" => Err(NEVER),
        _ => {
            let code = status.parse::<http::StatusCode>().map_err(|_| NONE)?;
            // The mocks are named after the reason phrase, so there has to be one.
            code.canonical_reason().ok_or(NONE)?;
            match code.as_u16() {
                200..300 => Ok(Class::Success),
                400..600 => Ok(Class::Error),
                _ => Err(NEVER),
            }
        }
    }
}

fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

/// The keywords of everything around the operations.
pub(super) fn check_frame(root: &Value) -> Result<()> {
    let place = Place::root();
    keywords::ROOT.check(root, &place)?;
    if let Some(info) = root.get("info") {
        keywords::INFO.check(info, &place.at("info"))?;
    }
    if let Some(components) = root.get("components") {
        keywords::COMPONENTS.check(components, &place.at("components"))?;
    }
    Ok(())
}
