//! Login with client credentials.

use reqwest::{StatusCode, Url, header, header::HeaderMap};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    credentials::AccessToken,
    error::{Error, Kind},
    excerpt::excerpt,
    retry::{self, Attempts, Budget, RetryPolicy, Transient, retry_after},
};

/// The token endpoint, and how often to try it.
#[derive(Debug)]
pub(crate) struct Login {
    url: Url,
    retry: RetryPolicy,
    budget: Budget,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
    expires_in: Option<u64>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
    description: Option<String>,
}

impl Login {
    /// The token endpoint below a login base URL.
    pub(crate) fn new(base: &Url, retry: RetryPolicy) -> Self {
        let mut url = base.clone();
        url.set_path(&format!("{}/oauth/token", base.path().trim_end_matches('/')));
        Self {
            url,
            retry,
            budget: Budget::new(),
        }
    }

    /// Gets a token for an OAuth client; no attempt begins after `deadline`.
    pub(crate) async fn client_credentials(
        &self,
        http: &reqwest::Client,
        id: &str,
        secret: &SecretString,
        deadline: Option<Instant>,
    ) -> Result<AccessToken, Error> {
        let mut attempts = Attempts::new(&self.retry, &self.budget, deadline);
        loop {
            let attempt = attempts.begin();
            let outcome = self.attempt(http, id, secret).await;
            let error = match outcome {
                Ok(token) => {
                    tracing::debug!(attempt, server.address = self.host(), "logged in");
                    return Ok(token);
                }
                Err(error) => error,
            };
            tracing::debug!(attempt, server.address = self.host(), %error, "login failed");
            match transient(&error) {
                Some(transient) if attempts.pause(transient).await => {}
                _ => return Err(error.after_attempts(attempt)),
            }
        }
    }

    async fn attempt(
        &self,
        http: &reqwest::Client,
        id: &str,
        secret: &SecretString,
    ) -> Result<AccessToken, Error> {
        let request = http
            .post(self.url.clone())
            .basic_auth(id, Some(secret.expose_secret()))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| self.unreachable(error))?;
        if !status.is_success() {
            return Err(self.refused(status, &headers, &body));
        }
        // The cause is left out: it may repeat parts of the answer.
        let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| {
            self.failed(&format!(
                "answered {status}, but with no access token that can be read"
            ))
        })?;
        Ok(AccessToken::new(
            answer.access_token,
            answer.expires_in.map(std::time::Duration::from_secs),
        ))
    }

    fn failed(&self, what: &str) -> Error {
        self.error(Kind::Login, what)
    }

    fn error(&self, kind: Kind, what: &str) -> Error {
        Error::new(kind, format!("login failed: {} {what}", self.host()))
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        self.failed("could not be reached")
            .with_source(Error::from(error))
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
        let description = refusal.error_description.or(refusal.description);
        let is_throttled = is_throttled(status, refusal.error.as_deref(), description.as_deref());
        let what = match (refusal.error.as_deref(), description) {
            (Some("invalid_client"), _) => format!(
                "answered {status} invalid_client: the client's id or secret is wrong, or the organization lives in \
                 another region: a right secret sent to the wrong region looks the same"
            ),
            (Some(error), Some(description)) => format!("answered {status} {error}: {description}"),
            (Some(error), None) => format!("answered {status} {error}"),
            (None, _) => match excerpt(body) {
                Some(text) => format!("answered {status} with the text \"{text}\""),
                None => format!("answered {status} with no text"),
            },
        };
        let kind = if is_throttled {
            Kind::LoginThrottled
        } else {
            Kind::Login
        };
        self.error(kind, &what)
            .with_status(status)
            .with_retry_after(retry_after(headers))
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// The service throttles logins with a 400 whose text says so.
fn is_throttled(status: StatusCode, error: Option<&str>, description: Option<&str>) -> bool {
    let says_so =
        |text: Option<&str>| text.is_some_and(|text| text.to_ascii_lowercase().contains("rate limit"));
    status == StatusCode::BAD_REQUEST && (says_so(error) || says_so(description))
}

/// Whether a failed login is worth another attempt: one that could not be sent, too.
fn transient(error: &Error) -> Option<Transient> {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<Error>());
    cause
        .and_then(retry::transient_error)
        .or_else(|| retry::transient_error(error))
}
