//! A response: with an unread body, read, or decoded.

use std::{fmt, ops::Deref};

use bytes::Bytes;
use reqwest::{StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;

use super::{content::Body, json};
use crate::error::{Error, Result};

/// Larger bodies are dropped after decoding.
const MAX_KEPT_BODY: usize = 64 * 1024;

/// A response without its body.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// How many times the request was sent.
    pub(crate) attempts: u32,
}

impl Parts {
    pub(crate) fn correlation_id(&self) -> Option<&str> {
        let header = |name| self.headers.get(name)?.to_str().ok();
        header("genesys-correlation-id").or_else(|| header("inin-correlation-id"))
    }
}

/// A response whose body was read.
pub(crate) struct Response {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    /// Why the body of an error status could not be read. Then it is empty.
    pub(crate) unread: Option<Error>,
}

impl Response {
    pub(crate) fn status(&self) -> StatusCode {
        self.parts.status
    }
}

/// A response whose body has not been read.
pub(crate) struct StreamingResponse {
    pub(crate) parts: Parts,
    pub(crate) body: Body,
}

/// A decoded response with its status and headers.
pub struct ResponseValue<T> {
    pub(crate) value: T,
    pub(crate) parts: Parts,
    /// The body, unless it is large. It may contain more than the documented type, for example why a query failed.
    pub(crate) body: Bytes,
}

impl<T: DeserializeOwned> ResponseValue<T> {
    pub(crate) fn from_response(response: Response) -> Result<Self> {
        match json::from_slice(&response.body) {
            Ok(value) => Ok(Self {
                value,
                parts: response.parts,
                body: Some(response.body)
                    .filter(|body| body.len() <= MAX_KEPT_BODY)
                    .unwrap_or_default(),
            }),
            Err(unreadable) => Err(Error::undecodable(&response, &unreadable)),
        }
    }
}

impl ResponseValue<()> {
    /// A response without a documented body.
    #[allow(dead_code, reason = "the document may have no such response")]
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
    pub fn correlation_id(&self) -> Option<&str> {
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
