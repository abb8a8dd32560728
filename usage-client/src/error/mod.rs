//! The public error.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use reqwest::StatusCode;

use crate::generated::types::ErrorBody;

pub(crate) mod excerpt;
pub(crate) mod kind;
mod predicates;
mod results;
#[cfg(feature = "test-util")]
pub(crate) mod test_util;

use kind::Kind;

/// The error code for requests from an address that the organization has not listed.
pub(crate) const ADDRESS_REFUSED: &str = "ip.not.authorized";

/// What went wrong. The predicates say what the caller may conclude.
///
/// `Display` is one line without the [source](StdError::source). `Display` and `Debug` never contain a payload, a
/// token or a secret. They contain the code and message of the service's error, and a short excerpt of a body that is
/// not JSON, both without words that are long enough to be a secret.
#[derive(Clone)]
pub struct Error(Box<Inner>);

/// A [`std::result::Result`] with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Clone)]
struct Inner {
    kind: Kind,
    /// Whether the login failed, and not the operation.
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
    /// Whether a 500 is not retried, because the operation does more than read.
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

    /// Names the stage of a connection attempt that did not end in time.
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

    /// Adds what to do instead.
    pub(crate) fn with_advice(mut self, advice: &str) -> Self {
        self.0.message.push_str("; ");
        self.0.message.push_str(advice);
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the service's error body. Its context id counts as the correlation id if there is no other.
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

    /// Sets the correlation id if there is one.
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
