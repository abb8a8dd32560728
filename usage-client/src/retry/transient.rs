//! Which outcomes are worth another attempt.

use std::time::Duration;

use reqwest::StatusCode;

use crate::{
    error::{Error, kind::Kind},
    http::{retry_after::retry_after, send::ReadResponse},
};

/// What is wrong with an outcome that is worth another attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Transient {
    pub(crate) reason: &'static str,
    pub(crate) retry_after: Option<Duration>,
}

/// Whether an outcome is worth another attempt. `retry_500`: also after an internal error of the service.
pub(crate) fn transient(outcome: &Result<impl ReadResponse, Error>, retry_500: bool) -> Option<Transient> {
    match outcome {
        Ok(answer) => {
            let parts = answer.parts();
            let reason = transient_status(parts.status, retry_500)?;
            Some(Transient {
                reason,
                retry_after: retry_after(&parts.headers),
            })
        }
        Err(error) => transient_error(error),
    }
}

/// Whether an error, of a call that only reads or of a login, is worth another attempt.
pub(crate) fn transient_error(error: &Error) -> Option<Transient> {
    let reason = match error.kind() {
        Kind::Connect => "no connection",
        Kind::Timeout => "timeout",
        Kind::CutBody => "cut body",
        Kind::LoginThrottled => "login throttled",
        Kind::Status => transient_status(error.status()?, !error.is_500_final())?,
        _ => return None,
    };
    Some(Transient {
        reason,
        retry_after: error.retry_after(),
    })
}

impl Error {
    /// Another attempt may succeed: the [`RetryPolicy`](crate::RetryPolicy) retries such a failure. So it was retried as often as
    /// the policy allows, or the wait that the service asked for was too long.
    pub fn is_transient(&self) -> bool {
        transient_error(self).is_some()
    }
}

fn transient_status(status: StatusCode, retry_500: bool) -> Option<&'static str> {
    match status {
        StatusCode::REQUEST_TIMEOUT => Some("408"),
        StatusCode::TOO_MANY_REQUESTS => Some("429"),
        StatusCode::BAD_GATEWAY => Some("502"),
        StatusCode::SERVICE_UNAVAILABLE => Some("503"),
        StatusCode::GATEWAY_TIMEOUT => Some("504"),
        StatusCode::INTERNAL_SERVER_ERROR if retry_500 => Some("500"),
        _ => None,
    }
}
