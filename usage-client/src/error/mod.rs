//! The one public error.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use reqwest::StatusCode;

use crate::generated::types::{ErrorBody, QueryStatus};

pub(crate) mod excerpt;
pub(crate) mod kind;
#[cfg(feature = "test-util")]
pub(crate) mod test_util;

use excerpt::sanitized;
use kind::Kind;

/// The code of an organization that lets only listed addresses in.
pub(crate) const ADDRESS_REFUSED: &str = "ip.not.authorized";

/// What went wrong, and what may be concluded from it.
///
/// `Display` is one line without the [source](StdError::source). Neither it nor `Debug` ever holds a payload, a token or
/// a secret: of the service's error they hold code and message, and of a body that is no JSON a short excerpt, both
/// without words that are long enough to be a secret.
#[derive(Clone)]
pub struct Error(Box<Inner>);

/// A [`std::result::Result`] with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Clone)]
struct Inner {
    kind: Kind,
    /// Whether it was the login that failed, before the operation itself.
    is_login: bool,
    /// The method of the builder whose value is wrong.
    setting: Option<&'static str>,
    message: String,
    status: Option<StatusCode>,
    body: Option<ErrorBody>,
    retry_after: Option<Duration>,
    correlation_id: Option<String>,
    execution_id: Option<String>,
    attempts: u32,
    polls: u32,
    /// Whether a 500 is final: the operation does more than read.
    is_500_final: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            is_login: false,
            setting: None,
            message: message.into(),
            status: None,
            body: None,
            retry_after: None,
            correlation_id: None,
            execution_id: None,
            attempts: 0,
            polls: 0,
            is_500_final: false,
            source: None,
        }))
    }

    /// The same of a connection that was not made in time, with what hangs.
    pub(crate) fn with_hanging_stage(mut self, host: &str, stage: &str) -> Self {
        self.0.message = format!("no connection to {host} was made in time: {stage}");
        self
    }

    pub(crate) fn invalid_request(message: String) -> Self {
        Self::new(Kind::InvalidRequest, message)
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, message)
    }

    /// The value of a setting of the builder cannot be used.
    pub(crate) fn wrong_setting(setting: &'static str, reason: impl Into<String>) -> Self {
        let mut error = Self::configuration(reason);
        error.0.setting = Some(setting);
        error
    }

    /// The results, fetched again, do not begin with the rows that were delivered before.
    pub(crate) fn changed() -> Self {
        Self::new(
            Kind::Changed,
            "the response was cut, and the new response does not begin with the same rows; start again with the same \
             execution id, and drop the rows so far",
        )
    }

    /// The response has rows, but does not say that they are all.
    pub(crate) fn rows_without_status(status: Option<&QueryStatus>) -> Self {
        let status = match status {
            Some(status) => format!("its query status `{}` is unknown", sanitized(status.as_str())),
            None => "it has no query status".to_owned(),
        };
        Self::new(
            Kind::Decode,
            format!("the response has rows, but {status}, so some rows may be missing"),
        )
    }

    /// Reading the results took longer than [`RowsPolicy::deadline`](crate::RowsPolicy::deadline).
    pub(crate) fn too_long(limit: Duration) -> Self {
        let message = format!(
            "the results took longer than {} s, not counting pauses of the reader",
            limit.as_secs_f64()
        );
        Self::new(Kind::Timeout, message)
    }

    /// The connection was closed too early.
    pub(crate) fn cut_body() -> Self {
        Self::new(
            Kind::CutBody,
            "the connection was closed before the end of the response body",
        )
    }

    /// The query was still not complete when the deadline came; `cause` is why the last poll failed, if it did.
    pub(crate) fn deadline(
        execution_id: &str,
        waited: Duration,
        polls: u32,
        status: Option<&QueryStatus>,
        cause: Option<Self>,
    ) -> Self {
        let last = match (status, &cause) {
            (Some(status), _) => format!("last status: {}", sanitized(status.as_str())),
            (None, Some(_)) => "the last poll failed".to_owned(),
            (None, None) => "the service named no status".to_owned(),
        };
        let error = Self::new(
            Kind::Deadline,
            format!(
                "the query is not complete after {:.0} s and {polls} poll{} ({last}); it continues to run: resume with \
                 execution id {}",
                waited.as_secs_f64(),
                if polls == 1 { "" } else { "s" },
                excerpt::id(execution_id),
            ),
        )
        .with_execution_id(execution_id)
        .with_polls(polls);
        match cause {
            Some(cause) => error.with_attempts(cause.attempts()).with_source(cause),
            None => error,
        }
    }

    /// With what to do instead.
    pub(crate) fn with_advice(mut self, advice: &str) -> Self {
        self.0.message.push_str("; ");
        self.0.message.push_str(advice);
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// With the service's error body, whose context id counts as the correlation id if there is no other.
    pub(crate) fn with_body(mut self, body: Option<ErrorBody>) -> Self {
        let context_id = body.as_ref().and_then(|body| body.context_id.clone());
        self.0.correlation_id = self.0.correlation_id.take().or(context_id);
        self.0.body = body;
        self
    }

    pub(crate) fn with_boxed_source(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn with_execution_id(mut self, execution_id: &str) -> Self {
        self.0.execution_id = Some(execution_id.to_owned());
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_polls(mut self, polls: u32) -> Self {
        self.0.polls = polls;
        self
    }

    pub(crate) fn with_final_500(mut self) -> Self {
        self.0.is_500_final = true;
        self
    }

    pub(crate) fn is_500_final(&self) -> bool {
        self.0.is_500_final
    }

    /// Another correlation id, unless there is none.
    pub(crate) fn with_correlation_id(mut self, id: Option<&str>) -> Self {
        self.0.correlation_id = id.map(str::to_owned).or(self.0.correlation_id.take());
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn in_login(mut self) -> Self {
        self.0.is_login = true;
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The service refused the credentials, or the access token even after a new login. The request was not served.
    /// Not retried beyond that one login: it needs other credentials, or another region.
    pub fn is_auth(&self) -> bool {
        self.0.kind == Kind::LoginRefused
            || (!self.0.is_login && self.0.status == Some(StatusCode::UNAUTHORIZED))
    }

    /// No access token could be had, for whatever reason: refused ([`is_auth`](Self::is_auth)), throttled
    /// ([`is_rate_limited`](Self::is_rate_limited)) or out of reach ([`is_connect`](Self::is_connect),
    /// [`is_timeout`](Self::is_timeout)). All but a refusal were retried. This attempt was not sent to the API.
    pub fn is_login(&self) -> bool {
        self.0.is_login
    }

    /// The client lacks a permission (403). Not retried; it needs a change of the client's roles.
    pub fn is_permission(&self) -> bool {
        self.is_api_status(StatusCode::FORBIDDEN)
    }

    /// The service says that the request is wrong (400), as it does of an interval that it cannot read. Not retried. What
    /// this client finds wrong before anything is sent is [`is_invalid_request`](Self::is_invalid_request).
    pub fn is_bad_request(&self) -> bool {
        self.is_api_status(StatusCode::BAD_REQUEST)
    }

    /// The service, or a gateway before it, failed with a status of 500 or above. Statuses that pass were retried.
    pub fn is_server_error(&self) -> bool {
        self.0.status.is_some_and(|status| status.is_server_error())
    }

    /// The organization lets only listed addresses in, and this machine's is not among them. Not retried.
    pub fn is_address_refused(&self) -> bool {
        self.code() == Some(ADDRESS_REFUSED)
    }

    /// Nothing is known under this execution id (404). Not retried.
    pub fn is_not_found(&self) -> bool {
        self.is_api_status(StatusCode::NOT_FOUND)
    }

    /// The client is over a rate limit (429, or a throttled login). Waited out as the
    /// [`RetryPolicy`](crate::RetryPolicy) says before it is reported; see [`Error::retry_after`] for how long is left.
    pub fn is_rate_limited(&self) -> bool {
        self.0.status == Some(StatusCode::TOO_MANY_REQUESTS) || self.0.kind == Kind::LoginThrottled
    }

    /// No response came in time, after all attempts. A submitted query may be running all the same. A query that is not complete
    /// in time is [`is_deadline`](Self::is_deadline) instead.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == Kind::Timeout
    }

    /// No connection could be made, or it was lost, or closed before the response was whole, on every attempt. A
    /// certificate that is not trusted, and a proxy that asks for a login, are not retried. A submitted query may be
    /// running all the same.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect | Kind::CutBody)
            || self.is_certificate()
            || self.is_proxy_refused()
    }

    /// The certificate of the service, or of a proxy or gateway before it, is not accepted. Not retried.
    pub fn is_certificate(&self) -> bool {
        self.0.kind == Kind::Certificate
    }

    /// The proxy refuses its user name and password, or asks for them. Not retried, since accounts are locked after a few
    /// attempts.
    pub fn is_proxy_refused(&self) -> bool {
        self.0.kind == Kind::ProxyRefused
    }

    /// The query was not complete at the deadline. Polls were made until then. The query continues to run: wait for the
    /// same execution again.
    pub fn is_deadline(&self) -> bool {
        self.0.kind == Kind::Deadline
    }

    /// The service reports that the query failed. Not retried: waiting longer will not help; submitting it anew may.
    pub fn is_query_failed(&self) -> bool {
        self.0.kind == Kind::QueryFailed
    }

    /// The service's response is not what the API promises, or larger than what is kept in memory. Not retried: it would
    /// be the same again.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode | Kind::TooLarge)
    }

    /// The results were cut while their rows were streamed, and fetched again they do not begin with the same rows. The
    /// rows so far are of a response that can no longer be had: drop them, and stream the execution from the start.
    pub fn is_changed(&self) -> bool {
        self.0.kind == Kind::Changed
    }

    /// A value is not allowed, and nothing was sent. What the service refuses is
    /// [`is_bad_request`](Self::is_bad_request).
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == Kind::InvalidRequest
    }

    /// The client cannot be built from its settings, or no header can hold the access token. Nothing was sent.
    pub fn is_configuration(&self) -> bool {
        self.0.kind == Kind::Configuration
    }

    /// The method of [`ClientBuilder`](crate::ClientBuilder) whose value cannot be used, such as `base_url`. The text of the error
    /// begins with it.
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

    /// The execution that was waited for, to go on with later.
    pub fn execution_id(&self) -> Option<&str> {
        self.0.execution_id.as_deref()
    }

    /// How many times the request was sent, 0 if it was not. At a deadline, how many times the last poll was, if it failed.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How many polls were made by the wait for a query that this error ended; 0 if it ended no wait.
    pub fn polls(&self) -> u32 {
        self.0.polls
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(setting) = self.0.setting {
            write!(f, "{setting}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("is_login", &self.0.is_login)
            .field("setting", &self.0.setting)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("retry_after", &self.0.retry_after)
            .field("correlation_id", &self.0.correlation_id)
            .field("execution_id", &self.0.execution_id)
            .field("attempts", &self.0.attempts)
            .field("polls", &self.0.polls)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
