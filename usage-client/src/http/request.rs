//! Writes the values of the generated operations into a request.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::error::{Error, Result};

/// The characters that a segment of a URL's path cannot contain.
const PATH_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What the document says about an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The generated method.
    pub(crate) id: &'static str,
    /// The permissions that allow it, in words (`x-inin-requires-permissions`). Empty if the document names none.
    pub(crate) permissions: &'static str,
    /// Whether it is sent again after an internal error of the service (`x-retry-internal-error`).
    pub(crate) retry_internal_error: bool,
    /// The codes of internal errors after which it is never sent again (`x-final-internal-errors`).
    pub(crate) final_internal_errors: &'static [&'static str],
    /// Whether its response may be large (`x-streamed`).
    pub(crate) is_large: bool,
}

impl Operation {
    /// Whether it is sent again after an internal error with this code of the service.
    pub(crate) fn retries_internal_error(&self, code: Option<&str>) -> bool {
        self.retry_internal_error && code.is_none_or(|code| !self.final_internal_errors.contains(&code))
    }
}

/// A value as one segment of a URL's path.
pub(crate) fn path_part(name: &str, value: &impl Serialize) -> Result<String> {
    let part = text(value).unwrap_or_default();
    // URLs treat these segments as a direction, so the request would go to another endpoint.
    if let "" | "." | ".." = part.as_str() {
        return Err(Error::invalid_request(format!(
            "`{name}`: `{part}` cannot be a part of a URL's path"
        )));
    }
    Ok(utf8_percent_encode(&part, PATH_SEGMENT).to_string())
}

/// The headers that have a value.
#[allow(dead_code, reason = "the document may have no header parameters")]
pub(crate) fn headers<const N: usize>(values: [(&'static str, Option<String>); N]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(N);
    for (name, value) in values {
        let Some(value) = value else { continue };
        let refused = |why: &str| Error::invalid_request(format!("header `{name}`: {why}"));
        let name: HeaderName = name
            .parse()
            .map_err(|_| refused("this is not the name of a header"))?;
        let value = HeaderValue::from_str(&value).map_err(|_| {
            refused("its value holds what a header cannot: only visible ASCII and blanks can be in it")
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// A plain value as it is written outside of JSON. Nothing for null.
pub(crate) fn text(value: &impl Serialize) -> Option<String> {
    let json = serde_json::to_string(value).ok()?;
    match json.as_str() {
        "null" => None,
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        _ => Some(json),
    }
}
