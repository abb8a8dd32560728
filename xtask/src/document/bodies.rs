//! Bodies: JSON with one schema in a request, in all successes and in all errors.

use anyhow::{Result, bail};
use serde_json::Value;

use super::{
    entries,
    keywords::{HEADER, MEDIA_TYPE, REQUEST_BODY, RESPONSE},
    operations::{Body, Response},
    references::{Reader, component},
    schemas::{self, Role},
};

const JSON: &str = "application/json";

impl<'a> Reader<'a> {
    pub(super) fn body(&self, value: &'a Value) -> Result<Body<'a>> {
        let component = component(value);
        let (value, reader) = self.follow("requestBodies", value)?;
        REQUEST_BODY.check(value, &reader.place)?;
        reader.place.ensure(
            value["required"] == true,
            "must be `required: true`; a body that may be left out is not supported",
        )?;
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
        reader.place.ensure(
            types.next().is_none(),
            format_args!("must have exactly one media type; leave out all but {JSON}"),
        )?;
        let reader = reader.at(name);
        reader.place.ensure(
            name == JSON || name.starts_with("application/json;"),
            format_args!("is not supported, only {JSON} is"),
        )?;
        MEDIA_TYPE.check(media, &reader.place)?;
        let schema = reader.schema(media)?;
        reader.place.at("schema").at("nullable").ensure(
            schema["nullable"] != true,
            "a body that is `null` is not supported; leave it out",
        )?;
        Ok(Some(schema))
    }

    pub(super) fn responses(
        &self,
        method: &str,
        value: &'a Value,
    ) -> Result<(Vec<Response<'a>>, Vec<Response<'a>>)> {
        let reader = self.at("responses");
        reader
            .place
            .ensure(entries(&value["responses"]).next().is_some(), "missing")?;
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
        // If there is a success, `default` describes the errors.
        match fallback {
            Some(fallback) if successes.is_empty() => successes.push(fallback),
            Some(fallback) => errors.push(fallback),
            None => {}
        }
        reader.place.ensure(
            !successes.is_empty(),
            "has no success: expected a status such as '200' or 2XX",
        )?;
        check_one_body(&successes, "successes")?;
        check_one_body(&errors, "errors")?;
        for response in &successes {
            response.place.at("content").ensure(
                method != "head" || response.schema.is_none(),
                "a response to HEAD has no body; leave it out",
            )?;
        }
        Ok((successes, errors))
    }

    pub(super) fn response(&self, status: &'a str, value: &'a Value) -> Result<Response<'a>> {
        let component = component(value);
        let (value, reader) = self.follow("responses", value)?;
        RESPONSE.check(value, &reader.place)?;
        reader
            .place
            .ensure(value.get("description").is_some(), "has no `description`")?;
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

    pub(super) fn header(&self, value: &'a Value) -> Result<()> {
        let (value, reader) = self.follow("headers", value)?;
        HEADER.check(value, &reader.place)?;
        reader.schema(value).map(drop)
    }

    /// The `schema` of a body or a header.
    fn schema(&self, value: &'a Value) -> Result<&'a Value> {
        let Some(schema) = value.get("schema") else {
            bail!(self.place.error("has no `schema`"));
        };
        schemas::check(self.components, schema, &self.place.at("schema"), Role::Inline)?;
        Ok(schema)
    }
}

/// All must have the same body, because a call returns one type.
fn check_one_body(responses: &[Response<'_>], name: &str) -> Result<()> {
    let Some((first, others)) = responses.split_first() else {
        return Ok(());
    };
    for other in others {
        other.place.ensure(
            other.body() == first.body(),
            format_args!(
                "has {}, but {} has {}; all {name} of an operation must have the same body",
                other.body(),
                first.place,
                first.body()
            ),
        )?;
    }
    Ok(())
}

enum Class {
    Success,
    Error,
    Fallback,
}

fn status_class(status: &str) -> Result<Class, &'static str> {
    const NONE: &str =
        "is not a status: expected a registered code such as '404', a range such as 4XX, or default";
    const NEVER: &str = "never reaches the caller: leave it out";
    match status {
        "default" => Ok(Class::Fallback),
        "2XX" => Ok(Class::Success),
        "4XX" | "5XX" => Ok(Class::Error),
        "1XX" | "3XX" => Err(NEVER),
        _ => {
            let code = status.parse::<http::StatusCode>().map_err(|_| NONE)?;
            // The mocks are named after the reason phrase, so there must be one.
            code.canonical_reason().ok_or(NONE)?;
            match code.as_u16() {
                200..300 => Ok(Class::Success),
                400..600 => Ok(Class::Error),
                _ => Err(NEVER),
            }
        }
    }
}
