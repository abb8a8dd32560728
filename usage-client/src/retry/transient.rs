//! Which errors are worth another attempt.

use std::time::Duration;

use reqwest::StatusCode;

use crate::error::{Error, kind::Kind};

/// Why another attempt may succeed, and when to make it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Transient {
    pub(crate) reason: &'static str,
    pub(crate) retry_after: Option<Duration>,
}

impl Error {
    /// Another attempt may succeed. The [`RetryPolicy`](crate::RetryPolicy) retries such failures. So it was retried
    /// as often as the policy allows, or the service asked for too long a wait.
    pub fn is_transient(&self) -> bool {
        transient(self).is_some()
    }
}

/// Whether an error is worth another attempt.
pub(crate) fn transient(error: &Error) -> Option<Transient> {
    let reason = match error.kind() {
        Kind::Connect => "no connection",
        Kind::Timeout => "timeout",
        Kind::CutBody => "cut body",
        Kind::LoginThrottled => "login throttled",
        Kind::Status => match error.status()? {
            StatusCode::REQUEST_TIMEOUT => "408",
            StatusCode::TOO_MANY_REQUESTS => "429",
            StatusCode::BAD_GATEWAY => "502",
            StatusCode::SERVICE_UNAVAILABLE => "503",
            StatusCode::GATEWAY_TIMEOUT => "504",
            StatusCode::INTERNAL_SERVER_ERROR if !error.is_500_final() => "500",
            _ => return None,
        },
        _ => return None,
    };
    Some(Transient {
        reason,
        retry_after: error.retry_after(),
    })
}
