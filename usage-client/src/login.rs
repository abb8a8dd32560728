//! Login with client credentials.

use reqwest::{StatusCode, Url, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    budget::Budget,
    credentials::AccessToken,
    error::{Error, Kind},
    excerpt::{excerpt, words},
    exchange::exchange,
    retry::{self, Attempts, RetryPolicy},
    transport::{Response, Result},
};

/// The token endpoint, and how often to try it. Logins have a budget of their own: they are asked of another host.
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

    /// Gets a token for an OAuth client.
    pub(crate) async fn client_credentials(
        &self,
        http: &reqwest::Client,
        id: &str,
        secret: &SecretString,
    ) -> Result<AccessToken> {
        let mut attempts = Attempts::new(&self.retry, &self.budget, Instant::now(), None);
        loop {
            let attempt = attempts.begin();
            let error = match self.attempt(http, id, secret, attempt).await {
                Ok(token) => {
                    tracing::debug!(attempt, server.address = self.host(), "logged in");
                    return Ok(token);
                }
                Err(error) => error,
            };
            tracing::debug!(attempt, server.address = self.host(), %error, "login failed");
            match retry::transient_error(&error) {
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
        attempt: u32,
    ) -> Result<AccessToken> {
        let request = http
            .post(self.url.clone())
            .basic_auth(id, Some(secret.expose_secret()))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .build()?;
        let response: Response = exchange(http, request, attempt)
            .await
            .map_err(|cause| self.unreachable(cause))?;
        if response.status() != StatusCode::OK {
            return Err(self.refused(&response));
        }
        // The cause is left out: it may repeat parts of the answer.
        let answer: TokenAnswer = serde_json::from_slice(&response.body).map_err(|_| {
            self.error(
                Kind::Decode,
                "answered 200 OK, but with no access token that can be read",
            )
            .answered(&response.parts)
        })?;
        Ok(AccessToken::new(
            answer.access_token,
            answer.expires_in.map(std::time::Duration::from_secs),
        ))
    }

    fn error(&self, kind: Kind, what: &str) -> Error {
        Error::new(kind, format!("login failed: {} {what}", self.host())).of_login()
    }

    fn unreachable(&self, cause: Error) -> Error {
        self.error(cause.kind(), "gave no answer").with_source(cause)
    }

    pub(crate) fn refused(&self, response: &Response) -> Error {
        let status = response.status();
        let refusal: Refusal = serde_json::from_slice(&response.body).unwrap_or_default();
        let description = refusal
            .error_description
            .or(refusal.description)
            .map(|text| words(&text));
        let code = refusal.error.map(|text| words(&text));
        let what = match (code.as_deref(), description.as_deref()) {
            (Some("invalid_client"), _) => format!(
                "answered {status} invalid_client: the client's id or secret is wrong, or the organization lives in \
                 another region: a right secret sent to the wrong region looks the same"
            ),
            (Some(code), Some(description)) => format!("answered {status} {code}: {description}"),
            (Some(code), None) => format!("answered {status} {code}"),
            (None, _) => match excerpt(&response.body) {
                Some(text) => format!("answered {status} with the text \"{text}\""),
                None => format!("answered {status} with no text"),
            },
        };
        let kind = match status {
            StatusCode::BAD_REQUEST if is_throttled(code.as_deref(), description.as_deref()) => {
                Kind::LoginThrottled
            }
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Kind::LoginRefused,
            _ => Kind::Status,
        };
        self.error(kind, &what).answered(&response.parts)
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// The service throttles logins with a 400 whose text says so.
fn is_throttled(code: Option<&str>, description: Option<&str>) -> bool {
    let says_so =
        |text: Option<&str>| text.is_some_and(|text| text.to_ascii_lowercase().contains("rate limit"));
    says_so(code) || says_so(description)
}
