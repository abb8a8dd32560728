//! What fuzz targets reach beside the public interface. It is there only with `cfg(fuzzing)`, which cargo-fuzz sets.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use reqwest::{
    StatusCode, Url,
    header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER},
};

use crate::{
    content::{Limits, SMALL_BODY},
    error::Error,
    generated::types::ErrorBody,
    login::Login,
    retry::RetryPolicy,
    transport::{Parts, Response, ResponseValue},
};

/// The error of a call that was answered with this: of a status that the API documents, or of another.
pub fn call_error(status: StatusCode, is_documented: bool, body: &[u8]) -> Option<Error> {
    let response = response(status, body);
    if !is_documented {
        return Some(Error::unexpected_response(response));
    }
    let refusal = ResponseValue::<ErrorBody>::from_response(response).now_or_never()?;
    Some(refusal.map_or_else(|error| error, Error::error_response))
}

/// The error of a login that was answered with this.
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

/// The wait that headers ask for.
pub fn retry_after(retry_after: &[u8], date: &[u8]) -> Option<Duration> {
    let mut headers = HeaderMap::new();
    for (name, value) in [(RETRY_AFTER, retry_after), (DATE, date)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    crate::retry_after::retry_after(&headers)
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
