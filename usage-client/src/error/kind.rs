//! The kinds of errors.

/// The kind of an [`Error`](crate::Error), for [`ErrorBuilder`](super::test_util::ErrorBuilder).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    not(feature = "test-util"),
    allow(unreachable_pub, reason = "users' tests name it")
)]
#[non_exhaustive]
pub enum Kind {
    /// The request cannot be built: a value is not allowed.
    InvalidRequest,
    /// The client cannot be built from these settings.
    Configuration,
    /// The credentials were refused.
    LoginRefused,
    /// The login host throttles logins. It responds with 400, not 429.
    LoginThrottled,
    /// The application's token source failed.
    TokenSource,
    /// No connection was made, or it was lost.
    Connect,
    /// The certificate of the other side is not accepted. Another attempt would fail too.
    Certificate,
    /// The proxy requires another login. Another attempt may lock an account.
    ProxyRefused,
    /// The response did not come in time.
    Timeout,
    /// The response's body ended early.
    CutBody,
    /// The response has an error status.
    Status,
    /// A body is larger than what is kept in memory.
    TooLarge,
    /// The response is not what the API promises.
    Decode,
    /// The results were fetched again and have other rows.
    Changed,
    /// The query itself failed.
    QueryFailed,
    /// The query was not complete at the deadline.
    Deadline,
}

impl Kind {
    /// A short name, for logs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Configuration => "configuration",
            Self::LoginRefused => "login_refused",
            Self::LoginThrottled => "login_throttled",
            Self::TokenSource => "token_source",
            Self::Connect => "connect",
            Self::Certificate => "certificate",
            Self::ProxyRefused => "proxy_refused",
            Self::Timeout => "timeout",
            Self::CutBody => "cut_body",
            Self::Status => "status",
            Self::TooLarge => "too_large",
            Self::Decode => "decode",
            Self::Changed => "changed",
            Self::QueryFailed => "query_failed",
            Self::Deadline => "deadline",
        }
    }
}
