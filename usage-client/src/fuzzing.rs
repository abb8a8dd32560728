//! What fuzz targets use in addition to the public interface. Only with `cfg(fuzzing)`, which cargo-fuzz sets.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    StatusCode, Url,
    header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER},
};

use crate::{
    auth::login::Login,
    error::Error,
    http::{
        content::{Limits, SMALL_BODY},
        response::{Parts, Response},
    },
    retry::policy::RetryPolicy,
};

/// The error of a call with this response.
pub fn call_error(status: StatusCode, body: &[u8]) -> Error {
    Error::refused(&response(status, body))
}

/// The error of a login with this response.
pub fn login_error(status: StatusCode, body: &[u8]) -> Option<Error> {
    let url = Url::parse("https://login.example").ok()?;
    let (limits, timeout) = (
        Limits {
            size: SMALL_BODY,
            silence: Duration::ZERO,
            compression: false,
            probe: None,
        },
        Duration::ZERO,
    );
    Some(Login::new(&url, RetryPolicy::default(), None, limits, timeout).refused(&response(status, body)))
}

/// The wait that these headers ask for.
pub fn retry_after(retry_after: &[u8], date: &[u8]) -> Option<Duration> {
    let mut headers = HeaderMap::new();
    for (name, value) in [(RETRY_AFTER, retry_after), (DATE, date)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    crate::http::retry_after::retry_after(&headers)
}

fn response(status: StatusCode, body: &[u8]) -> Response {
    Response {
        parts: Parts {
            status,
            headers: HeaderMap::new(),
            attempts: 1,
        },
        body: Bytes::copy_from_slice(body),
        unread: None,
    }
}
