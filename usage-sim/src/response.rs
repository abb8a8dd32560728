//! A response before it is sent.

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::payload::Payload;

/// Status, headers and body.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
}

impl Response {
    /// A response with a body of this type.
    pub(crate) fn new(status: StatusCode, content_type: HeaderValue, payload: Payload) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type)]);
        Self {
            status,
            headers,
            payload,
        }
    }

    /// A response without a body and its type.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            payload: Payload::whole(Bytes::new()),
        }
    }

    /// A body that is JSON.
    pub(crate) fn json(status: StatusCode, payload: Payload) -> Self {
        Self::new(status, HeaderValue::from_static("application/json"), payload)
    }

    /// A body that is serialized as JSON.
    pub(crate) fn serialized(status: StatusCode, value: &impl Serialize) -> Self {
        let text = serde_json::to_vec(value).expect("structs with string keys serialize");
        Self::json(status, Payload::whole(text))
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl ToString) {
        let value =
            HeaderValue::from_str(&value.to_string()).expect("ids and numbers are valid header values");
        self.headers.insert(HeaderName::from_static(name), value);
    }

    /// Compresses the body if the request accepts it.
    pub(crate) fn encoded_for(mut self, request: &HeaderMap) -> Self {
        if self.payload.length() == Some(0) || !accepts_gzip(request) {
            return self;
        }
        self.headers
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        self.headers
            .insert(VARY, HeaderValue::from_static("accept-encoding"));
        self.payload = self.payload.gzipped();
        self
    }

    pub(crate) fn into_response(self) -> hyper::Response<Payload> {
        let mut response = hyper::Response::new(self.payload);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let values = request
        .get_all(ACCEPT_ENCODING)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|q| q.parse::<f32>().ok())
            == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_when_it_is_accepted_only() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(accepts_gzip(&headers), expected, "{value}");
        }
    }
}
