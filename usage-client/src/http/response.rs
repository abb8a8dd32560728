//! What the generated operations are linked to: how values are written into a request, and the shape of an answer.
//!
//! The operations are sent by `Client::exec` and `Client::open`, in `call.rs`.

use std::{fmt, ops::Deref};

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use crate::error::{Error, Result};
use crate::{content::Body, json};

/// Larger bodies are not kept beside what they decode as.
const KEPT: usize = 64 * 1024;

/// Everything that a URL's path segment cannot hold as it is.
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

/// What a call is of, as the document has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The generated method.
    pub(crate) id: &'static str,
    /// Whether it only reads (`GET` or `HEAD`), so that it is repeated after an internal error of the service too.
    pub(crate) only_reads: bool,
    /// Whether its response may be large (`x-streamed`).
    pub(crate) is_large: bool,
}

/// A value as one part of a URL's path.
pub(crate) fn path_part(name: &str, value: &impl Serialize) -> Result<String> {
    let part = text(value).unwrap_or_default();
    // What a URL's path takes as a direction, so that another endpoint would be asked.
    if let "" | "." | ".." = part.as_str() {
        return Err(Error::invalid_request(format!(
            "`{name}`: `{part}` cannot be a part of a URL's path"
        )));
    }
    Ok(utf8_percent_encode(&part, PATH_SEGMENT).to_string())
}

/// The headers whose values are there.
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

/// A plain value as it is written outside of JSON; nothing for none.
pub(crate) fn text(value: &impl Serialize) -> Option<String> {
    let json = serde_json::to_string(value).ok()?;
    match json.as_str() {
        "null" => None,
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        _ => Some(json),
    }
}

/// What an answer carries beside its body.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// How many times the request was sent.
    pub(crate) attempts: u32,
}

impl Parts {
    pub(crate) fn correlation_id(&self) -> Option<String> {
        let header = |name| self.headers.get(name)?.to_str().ok().map(str::to_owned);
        header("genesys-correlation-id").or_else(|| header("inin-correlation-id"))
    }
}

/// An answer, read to its end.
pub(crate) struct Response {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    /// Why the body of an error status could not be read; it is empty then.
    pub(crate) unread: Option<Error>,
}

impl Response {
    pub(crate) fn status(&self) -> StatusCode {
        self.parts.status
    }
}

/// An answer whose body is still to be read.
pub(crate) struct Head {
    pub(crate) parts: Parts,
    pub(crate) body: Body,
}

/// A decoded answer with its status and headers.
pub struct ResponseValue<T> {
    pub(crate) value: T,
    pub(crate) parts: Parts,
    /// The body, unless it is large: it may hold more than the documented type, such as why a query failed.
    pub(crate) body: Bytes,
}

impl<T: DeserializeOwned> ResponseValue<T> {
    pub(crate) fn from_response(response: Response) -> Result<Self> {
        match json::from_slice(&response.body) {
            Ok(value) => Ok(Self {
                value,
                parts: response.parts,
                body: Some(response.body)
                    .filter(|body| body.len() <= KEPT)
                    .unwrap_or_default(),
            }),
            Err(unreadable) => Err(Error::undecodable(&response, &unreadable)),
        }
    }
}

impl ResponseValue<()> {
    /// An answer that is documented without a body.
    #[allow(dead_code, reason = "the document may have no such answer")]
    pub(crate) fn empty(response: Response) -> Self {
        Self {
            value: (),
            parts: response.parts,
            body: Bytes::new(),
        }
    }
}

impl<T> ResponseValue<T> {
    /// The decoded body.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.parts.status
    }

    /// The HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The id that Genesys support asks for.
    pub fn correlation_id(&self) -> Option<String> {
        self.parts.correlation_id()
    }

    /// How many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.parts.attempts
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseValue")
            .field("status", &self.parts.status)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
