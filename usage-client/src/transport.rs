//! What the generated operations are linked to: the shape of a call, and of its answer.
//!
//! The names are those that progenitor's generated code uses. The hooks are implemented in `call.rs`.

use std::{fmt, future::Future, ops::Deref};

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};
use reqwest::{StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;

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

/// A value as one segment of a URL's path.
pub(crate) fn encode_path(segment: &str) -> PercentEncode<'_> {
    utf8_percent_encode(segment, PATH_SEGMENT)
}

/// Which operation a call is.
pub(crate) struct OperationInfo {
    /// Name of the generated method.
    pub(crate) operation_id: &'static str,
}

/// What the generated client can tell of itself.
#[allow(dead_code, reason = "the generated code implements them all")]
pub(crate) trait ClientInfo<Inner> {
    fn api_version() -> &'static str;
    fn baseurl(&self) -> &str;
    fn client(&self) -> &reqwest::Client;
    fn inner(&self) -> &Inner;
}

/// How a generated call reaches the service.
pub(crate) trait ClientHooks<Inner>: ClientInfo<Inner> + Sync {
    /// Changes the request before it is sent.
    fn pre(
        &self,
        _request: &mut reqwest::Request,
        _info: &OperationInfo,
    ) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// Sends the request, with login and retry, and reads the whole answer.
    fn exec(
        &self,
        request: reqwest::Request,
        info: &OperationInfo,
    ) -> impl Future<Output = Result<Response>> + Send;

    /// Looks at the outcome.
    fn post(
        &self,
        _outcome: &Result<Response>,
        _info: &OperationInfo,
    ) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
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
    pub(crate) async fn from_response(response: Response) -> Result<Self> {
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
