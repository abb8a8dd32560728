//! Parameters: where they are sent, and whether their values can be written there.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::Value;

use super::{
    items,
    keywords::PARAMETER,
    names,
    operations::{Location, Parameter},
    paths::template_names,
    place::Place,
    references::{Reader, component},
    schemas::{self, Role},
};

/// OpenAPI does not allow these headers as parameters.
const OWN_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

impl<'a> Reader<'a> {
    pub(super) fn parameters(
        &self,
        path: &'a str,
        item: &'a Value,
        value: &'a Value,
    ) -> Result<Vec<Parameter<'a>>> {
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
                    // A parameter of the operation replaces that of the path.
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
        check_template(path, &path_place, &parameters, &own.place)?;
        Ok(parameters)
    }

    pub(super) fn parameter(&self, value: &'a Value) -> Result<Parameter<'a>> {
        let component = component(value);
        let (value, reader) = self.follow("parameters", value)?;
        let place = &reader.place;
        PARAMETER.check(value, place)?;
        let name = value["name"].as_str().unwrap_or_default();
        place.ensure(!name.is_empty(), "has no `name`")?;
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
        place.ensure(
            is_required || location != Location::Path,
            format_args!("path parameter `{name}` must be `required: true`"),
        )?;
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

    /// Whether a parameter is a list. A parameter must be a plain value, or a list of plain values in a query.
    fn parameter_schema(&self, schema: &'a Value, location: Location) -> Result<bool> {
        schemas::check(self.components, schema, &self.place, Role::Inline)?;
        self.place.at("nullable").ensure(
            schema["nullable"] != true,
            "a parameter is sent or not, it is never null; leave it out",
        )?;
        match self.plain(schema)? {
            "array" if location == Location::Query => {}
            "string" | "integer" | "number" | "boolean" => return Ok(false),
            kind => {
                let supported = match location {
                    Location::Query => "a string, a number, a boolean or an array of them",
                    _ => "a string, a number or a boolean",
                };
                let message = format!("{kind} is not supported here, only {supported} is");
                bail!(self.place.error(message));
            }
        }
        let (list, reader) = self.behind_all_of(schema)?;
        let (items, reader) = (&list["items"], reader.at("items"));
        reader.place.at("nullable").ensure(
            items["nullable"] != true,
            "an item is sent or not, it is never null; leave it out",
        )?;
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
}

/// Checks that the parameters in a path are declared, and the other way round.
fn check_template(path: &str, path_place: &Place, parameters: &[Parameter<'_>], place: &Place) -> Result<()> {
    let used: BTreeSet<_> = template_names(path).collect();
    let declared: BTreeSet<_> = parameters
        .iter()
        .filter(|parameter| parameter.location == Location::Path)
        .map(|parameter| parameter.name)
        .collect();
    if let Some(name) = used.difference(&declared).next() {
        bail!(place.error(format!("`{name}` is in the path but not in parameters")));
    }
    if let Some(name) = declared.difference(&used).next() {
        bail!(place.error(format!("`{name}` is in parameters but not in the path")));
    }
    path_place.ensure(
        used.len() == template_names(path).count(),
        "has a parameter twice",
    )?;
    Ok(())
}

fn check_header_name(name: &str, place: &Place) -> Result<()> {
    place.ensure(
        !OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()),
        format_args!("`{name}` is set by the client; leave it out"),
    )?;
    place.ensure(
        http::HeaderName::from_bytes(name.as_bytes()).is_ok(),
        format_args!("`{name}` is not the name of a header"),
    )?;
    Ok(())
}

/// Checks that the style is the default.
fn check_style(location: Location, value: &Value, place: &Place) -> Result<()> {
    let (style, explode) = match location {
        Location::Query => ("form", true),
        Location::Path | Location::Header => ("simple", false),
    };
    if let Some(other) = value["style"].as_str().filter(|other| *other != style) {
        let message = format!("`{other}` is not supported here, only `{style}` is");
        bail!(place.at("style").error(message));
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
