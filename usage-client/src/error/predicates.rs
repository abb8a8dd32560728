//! What an error lets the caller conclude.

use std::time::Duration;

use reqwest::StatusCode;

use super::{ADDRESS_REFUSED, Error, kind::Kind};
use crate::generated::types::ErrorBody;

impl Error {
    /// The service refused the credentials, or refused the access token even after a new login. The request was not
    /// served. Not retried after that one login. Check the credentials and the region.
    pub fn is_auth(&self) -> bool {
        self.0.kind == Kind::LoginRefused
            || (!self.0.is_login && self.0.status == Some(StatusCode::UNAUTHORIZED))
    }

    /// There is no access token: the login was refused ([`is_auth`](Self::is_auth)) or throttled
    /// ([`is_rate_limited`](Self::is_rate_limited)), or the login host was not reached
    /// ([`is_connect`](Self::is_connect), [`is_timeout`](Self::is_timeout)). All but a refusal were retried. The API
    /// did not get this attempt.
    pub fn is_login(&self) -> bool {
        self.0.is_login
    }

    /// The client lacks a permission (403). Not retried. Change the client's roles.
    pub fn is_permission(&self) -> bool {
        self.is_api_status(StatusCode::FORBIDDEN)
    }

    /// The service says that the request is wrong (400), for example because of an interval that it cannot read. Not
    /// retried. For what this client refuses before it sends anything, see
    /// [`is_invalid_request`](Self::is_invalid_request).
    pub fn is_bad_request(&self) -> bool {
        self.is_api_status(StatusCode::BAD_REQUEST)
    }

    /// The service, or a gateway before it, failed with a status from 500. Transient statuses were retried.
    pub fn is_server_error(&self) -> bool {
        self.0.status.is_some_and(|status| status.is_server_error())
    }

    /// The organization accepts requests only from listed addresses, and this one is not listed. Not retried.
    pub fn is_address_refused(&self) -> bool {
        self.code() == Some(ADDRESS_REFUSED)
    }

    /// The execution id is unknown (404). Not retried.
    pub fn is_not_found(&self) -> bool {
        self.is_api_status(StatusCode::NOT_FOUND)
    }

    /// The client is over a rate limit (429, or a throttled login). The [`RetryPolicy`](crate::RetryPolicy) says how
    /// long calls wait before this is reported. [`Error::retry_after`] is the wait that is left.
    pub fn is_rate_limited(&self) -> bool {
        self.0.status == Some(StatusCode::TOO_MANY_REQUESTS) || self.0.kind == Kind::LoginThrottled
    }

    /// No response came in time, after all attempts. A submitted query may still be running. For a query that is not
    /// done in time, see [`is_deadline`](Self::is_deadline).
    pub fn is_timeout(&self) -> bool {
        self.0.kind == Kind::Timeout
    }

    /// On every attempt, no connection was made, or it was lost or closed before the response was complete. Refused
    /// certificates and proxy logins are not retried. A submitted query may still be running.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect | Kind::CutBody)
            || self.is_certificate()
            || self.is_proxy_refused()
    }

    /// The certificate of the service, or of a proxy or gateway before it, is not accepted. Not retried.
    pub fn is_certificate(&self) -> bool {
        self.0.kind == Kind::Certificate
    }

    /// The proxy refuses the user name and password, or asks for them. Not retried, because accounts are locked after
    /// a few attempts.
    pub fn is_proxy_refused(&self) -> bool {
        self.0.kind == Kind::ProxyRefused
    }

    /// The query was not complete at the deadline. It was polled until then. The query continues: wait for the same
    /// execution again.
    pub fn is_deadline(&self) -> bool {
        self.0.kind == Kind::Deadline
    }

    /// The service reports that the query failed. Not retried. Waiting longer does not help, but submitting the query
    /// again may.
    pub fn is_query_failed(&self) -> bool {
        self.0.kind == Kind::QueryFailed
    }

    /// The response is not what the API promises, or is larger than what is kept in memory. Not retried, because
    /// another response would be the same.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode | Kind::TooLarge)
    }

    /// The results were cut while their rows were streamed. When they were fetched again, they did not begin with the
    /// same rows. Drop the rows so far, and stream the execution from the start.
    pub fn is_changed(&self) -> bool {
        self.0.kind == Kind::Changed
    }

    /// A value is not allowed, and nothing was sent. For what the service refuses, see
    /// [`is_bad_request`](Self::is_bad_request).
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == Kind::InvalidRequest
    }

    /// The client cannot be built from its settings, or the access token does not fit in a header. Nothing was sent.
    pub fn is_configuration(&self) -> bool {
        self.0.kind == Kind::Configuration
    }

    /// The method of [`ClientBuilder`](crate::ClientBuilder) whose value cannot be used, such as `base_url`. The text of
    /// the error begins with it.
    pub fn setting(&self) -> Option<&'static str> {
        self.0.setting
    }

    /// The text of the error without the [setting](Self::setting), to name the user's own setting instead.
    pub fn reason(&self) -> &str {
        &self.0.message
    }

    fn is_api_status(&self, status: StatusCode) -> bool {
        !self.0.is_login && self.0.status == Some(status)
    }

    /// The HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's error body, if it sent one.
    pub fn body(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref()
    }

    /// The service's error code, such as `missing.any.permissions`.
    pub fn code(&self) -> Option<&str> {
        self.body()?.code.as_deref()
    }

    /// How long the service asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The id that Genesys support asks for.
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// The id of the execution, to resume it later.
    pub fn execution_id(&self) -> Option<&str> {
        self.0.execution_id.as_deref()
    }

    /// How many times the request was sent. 0 if it was not sent. At a deadline, how many times the last poll was
    /// sent, if it failed.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How many polls the wait for the query made before this error. 0 if the error is not from such a wait.
    pub fn polls(&self) -> u32 {
        self.0.polls
    }
}
