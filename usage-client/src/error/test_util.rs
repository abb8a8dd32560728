//! Errors for the tests of code that handles them.

use std::{error::Error as StdError, time::Duration};

use reqwest::StatusCode;

use super::{Error, kind::Kind};
use crate::generated::types::ErrorBody;

/// Builds an [`Error`] for a test of code that handles one.
///
/// ```
/// use usage_client::{Error, reqwest::StatusCode, test_util::{ErrorBuilder, ErrorKind}};
///
/// fn advice(error: &Error) -> String {
///     match () {
///         () if error.is_deadline() => format!("resume {}", error.execution_id().unwrap_or_default()),
///         () if error.is_permission() => "change the role".to_owned(),
///         () => error.to_string(),
///     }
/// }
///
/// let deadline = ErrorBuilder::new(ErrorKind::Deadline).execution_id("9f32b7cf").polls(7).build();
/// assert_eq!(advice(&deadline), "resume 9f32b7cf");
/// let forbidden = ErrorBuilder::status(StatusCode::FORBIDDEN).code("missing.permissions").build();
/// assert_eq!(advice(&forbidden), "change the role");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ErrorBuilder(Error);

impl ErrorBuilder {
    /// An error of this kind, with nothing else set.
    pub fn new(kind: Kind) -> Self {
        let error = Error::new(kind, format!("test error: {}", kind.name()));
        Self(match kind {
            Kind::LoginRefused | Kind::LoginThrottled | Kind::TokenSource => error.in_login(),
            _ => error,
        })
    }

    /// The error of a response with this status.
    pub fn status(status: StatusCode) -> Self {
        Self(Error::new(Kind::Status, format!("the service returned {status}")).with_status(status))
    }

    /// What [`Display`](std::fmt::Display) shows.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.0.0.message = message.into();
        self
    }

    /// The login failed, instead of the call: [`Error::is_login`].
    pub fn in_login(self) -> Self {
        Self(self.0.in_login())
    }

    /// The service's error body, for [`Error::body`] and [`Error::code`].
    pub fn body(self, body: ErrorBody) -> Self {
        Self(self.0.with_body(Some(body)))
    }

    /// An error body with only this code.
    pub fn code(self, code: impl Into<String>) -> Self {
        self.body(ErrorBody {
            code: Some(code.into()),
            ..ErrorBody::default()
        })
    }

    /// [`Error::retry_after`].
    pub fn retry_after(self, wait: Duration) -> Self {
        Self(self.0.with_retry_after(Some(wait)))
    }

    /// [`Error::correlation_id`].
    pub fn correlation_id(self, id: &str) -> Self {
        Self(self.0.with_correlation_id(Some(id)))
    }

    /// [`Error::execution_id`].
    pub fn execution_id(self, id: &str) -> Self {
        Self(self.0.with_execution_id(id))
    }

    /// [`Error::attempts`].
    pub fn attempts(self, attempts: u32) -> Self {
        Self(self.0.with_attempts(attempts))
    }

    /// [`Error::polls`].
    pub fn polls(self, polls: u32) -> Self {
        Self(self.0.with_polls(polls))
    }

    /// [`source`](StdError::source).
    pub fn source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        Self(self.0.with_source(source))
    }

    /// The error.
    pub fn build(self) -> Error {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A predicate, and an error for which it is true.
    type Case = (fn(&Error) -> bool, ErrorBuilder);

    #[test]
    fn there_is_an_error_for_each_predicate() {
        let kind = ErrorBuilder::new;
        let status = |status: u16| ErrorBuilder::status(StatusCode::from_u16(status).unwrap());
        let cases: [Case; 22] = [
            (Error::is_auth, kind(Kind::LoginRefused)),
            (Error::is_auth, status(401)),
            (Error::is_login, kind(Kind::TokenSource)),
            (Error::is_login, kind(Kind::Connect).in_login()),
            (Error::is_permission, status(403)),
            (Error::is_bad_request, status(400)),
            (Error::is_server_error, status(503)),
            (Error::is_address_refused, status(401).code("ip.not.authorized")),
            (Error::is_not_found, status(404)),
            (Error::is_rate_limited, status(429)),
            (Error::is_rate_limited, kind(Kind::LoginThrottled)),
            (Error::is_timeout, kind(Kind::Timeout)),
            (Error::is_connect, kind(Kind::CutBody)),
            (Error::is_certificate, kind(Kind::Certificate)),
            (Error::is_proxy_refused, kind(Kind::ProxyRefused)),
            (Error::is_deadline, kind(Kind::Deadline)),
            (Error::is_query_failed, kind(Kind::QueryFailed)),
            (Error::is_decode, kind(Kind::TooLarge)),
            (Error::is_changed, kind(Kind::Changed)),
            (Error::is_invalid_request, kind(Kind::InvalidRequest)),
            (Error::is_configuration, kind(Kind::Configuration)),
            (Error::is_transient, kind(Kind::Connect)),
        ];
        for (index, (predicate, error)) in cases.into_iter().enumerate() {
            let error = error.build();
            assert!(predicate(&error), "{index}: {error:?}");
        }
    }

    #[test]
    fn everything_that_an_error_says_can_be_set() {
        let error = ErrorBuilder::status(StatusCode::TOO_MANY_REQUESTS)
            .message("slow down")
            .code("too.many.requests")
            .retry_after(Duration::from_secs(7))
            .correlation_id("corr-7")
            .execution_id("9f32b7cf")
            .attempts(3)
            .polls(2)
            .source(std::fmt::Error)
            .build();
        assert_eq!(error.to_string(), "slow down");
        assert_eq!(
            (error.status(), error.code()),
            (Some(StatusCode::TOO_MANY_REQUESTS), Some("too.many.requests"))
        );
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(
            (error.correlation_id(), error.execution_id()),
            (Some("corr-7"), Some("9f32b7cf"))
        );
        assert_eq!((error.attempts(), error.polls()), (3, 2));
        assert!(error.source().unwrap().is::<std::fmt::Error>());
    }
}
