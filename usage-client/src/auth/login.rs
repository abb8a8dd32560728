//! Logs in with client credentials.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::{StatusCode, Url, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};

use super::credentials::AccessToken;
use crate::{
    error::{self, Error, Result, excerpt::sanitized, kind::Kind},
    generated::types::ErrorBody,
    http::{
        content::Limits,
        error_body, json,
        response::Response,
        response_error::described,
        send::{Received, send},
    },
    retry::{
        attempts::{Attempt, Attempts, Outcome},
        budget::Budget,
        policy::{OnRetry, RetryPolicy},
    },
};

/// The token endpoint, and how to retry. Logins have a budget of their own, because they go to another host.
#[derive(Debug)]
pub(crate) struct Login {
    url: Url,
    retry: RetryPolicy,
    pub(super) budget: Budget,
    limits: Limits,
    /// How long a login may take with all its attempts.
    timeout: Duration,
    on_retry: Option<OnRetry>,
    /// Why the last attempt failed, for callers that stop waiting.
    last: Mutex<Option<Error>>,
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: SecretString,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<Duration>,
}

/// A number of seconds. It may be fractional, and some gateways write it as a string.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(f64),
        Text(String),
        Absent(()),
    }
    let seconds = match Seconds::deserialize(deserializer)? {
        Seconds::Number(seconds) => seconds,
        Seconds::Text(text) if text.trim().is_empty() => return Ok(None),
        Seconds::Text(text) => text.trim().parse().map_err(serde::de::Error::custom)?,
        Seconds::Absent(()) => return Ok(None),
    };
    match Duration::try_from_secs_f64(seconds) {
        Ok(life) => Ok(Some(life)),
        // It is longer than any clock can hold.
        Err(_) if seconds > 0.0 => Ok(Some(Duration::MAX)),
        Err(_) => Err(serde::de::Error::custom("it is negative or no number")),
    }
}

#[derive(Default, Deserialize)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
    description: Option<String>,
}

impl Login {
    /// The token endpoint below a login base URL.
    pub(crate) fn new(
        base: &Url,
        retry: RetryPolicy,
        on_retry: Option<OnRetry>,
        limits: Limits,
        timeout: Duration,
    ) -> Self {
        let mut url = base.clone();
        url.set_path(&format!("{}/oauth/token", base.path().trim_end_matches('/')));
        Self {
            url,
            retry,
            on_retry,
            budget: Budget::new(),
            limits,
            timeout,
            last: Mutex::default(),
        }
    }

    /// Why the last attempt of the current login failed.
    pub(crate) fn last_failure(&self) -> Option<Error> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, failure: Option<&Error>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = failure.cloned();
    }

    /// Gets a token for an OAuth client.
    pub(crate) async fn client_credentials(
        &self,
        http: &reqwest::Client,
        id: &str,
        secret: &SecretString,
    ) -> Result<AccessToken> {
        self.record(None);
        let mut request = TokenRequest {
            login: self,
            http,
            id,
            secret,
        };
        // No caller waits longer than this.
        let on_retry = self.on_retry.as_ref();
        let mut attempts = Attempts::new(&self.retry, &self.budget, on_retry, self.timeout, None);
        attempts.run(&mut request).await
    }

    /// Reads the token from a successful response.
    pub(crate) fn granted(&self, response: &Response) -> Result<AccessToken> {
        // The error does not quote the body, which may contain the token.
        let undecodable = |what: &str| {
            let what = format!("returned {}, but {what}", response.status());
            self.error(Kind::Decode, &what).with_parts(&response.parts)
        };
        if error_body::under_success(&response.body).is_some() {
            return Err(self.refused(response));
        }
        if json::is_page(&response.body) {
            return Err(undecodable(json::A_PAGE));
        }
        let token: TokenResponse = json::from_slice(&response.body).map_err(|_| {
            match json::from_slice::<Refusal>(&response.body) {
                // Some gateways pass on a refusal with a successful status.
                Ok(Refusal { error: Some(_), .. }) => self.refused(response),
                _ => undecodable("with no access token that can be read"),
            }
        })?;
        if token.access_token.expose_secret().trim().is_empty() {
            return Err(undecodable("its access token is empty"));
        }
        Ok(AccessToken::new(token.access_token, token.expires_in))
    }

    fn error(&self, kind: Kind, what: &str) -> Error {
        Error::new(kind, format!("login failed: {} {what}", self.host())).in_login()
    }

    fn unreachable(&self, cause: Error) -> Error {
        let what = match cause.kind() {
            Kind::Decode | Kind::TooLarge => "sent an invalid response",
            _ => "did not respond",
        };
        let error = self.error(cause.kind(), what);
        let error = match cause.status() {
            Some(status) => error.with_status(status),
            None => error,
        };
        error.with_source(cause)
    }

    /// The error of a response that refuses the login.
    pub(crate) fn refused(&self, response: &Response) -> Error {
        let status = response.status();
        let refusal: Refusal = json::from_slice(&response.body).unwrap_or_default();
        let description = refusal.error_description.or(refusal.description);
        let description = description.map(|text| sanitized(&text));
        let code = refusal.error.map(|text| sanitized(&text));
        let body = error_body::error_body(&response.body).filter(|_| code.is_none());
        let what = match (code.as_deref(), description.as_deref()) {
            (Some("invalid_client"), _) => format!(
                "returned {status} invalid_client: the client's id or secret is wrong, or the organization is in \
                 another region (the service reports both in the same way)"
            ),
            (Some(code), Some(description)) => format!("returned {status} {code}: {description}"),
            (Some(code), None) => format!("returned {status} {code}"),
            (None, _) => match &body {
                Some(body) => format!("returned {status}{}", in_words(body)),
                None => match &response.unread {
                    Some(unread) => format!("returned {status}; {unread}"),
                    None => format!("returned {}", described(&response.parts, &response.body)),
                },
            },
        };
        let is_throttled = is_throttled(code.as_deref(), description.as_deref());
        let refuses_address = body
            .as_ref()
            .is_some_and(|body| body.code.as_deref() == Some(error::ADDRESS_REFUSED));
        let kind = match status {
            StatusCode::BAD_REQUEST if is_throttled => Kind::LoginThrottled,
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Kind::LoginRefused,
            _ if refuses_address => Kind::LoginRefused,
            _ if status.is_success() && code.is_some() => Kind::LoginRefused,
            // Only a gateway or a wrong host sends such a status. It says nothing about the credentials.
            _ => Kind::Status,
        };
        self.error(kind, &what)
            .with_parts(&response.parts)
            .with_body(body)
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

struct TokenRequest<'a> {
    login: &'a Login,
    http: &'a reqwest::Client,
    id: &'a str,
    secret: &'a SecretString,
}

impl Attempt<AccessToken> for TokenRequest<'_> {
    async fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Outcome<AccessToken> {
        let (attempt, host) = (attempts.begin(), self.login.host());
        let token = self.send(attempt).await;
        let token = token.map_err(|error| error.with_attempts(attempt));
        match &token {
            Ok(_) => tracing::debug!(attempt, server.address = host, "logged in"),
            Err(error) => tracing::debug!(attempt, server.address = host, %error, "login failed"),
        }
        self.login.record(token.as_ref().err());
        token.map_or_else(Outcome::Failure, Outcome::Success)
    }
}

impl TokenRequest<'_> {
    async fn send(&self, attempt: u32) -> Result<AccessToken> {
        let request = self
            .http
            .post(self.login.url.clone())
            .basic_auth(self.id, Some(self.secret.expose_secret()))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .build()
            .map_err(Error::without_response)?;
        let received = send(self.http, &self.login.url, request, attempt, self.login.limits).await;
        match received.map_err(|cause| self.login.unreachable(cause))? {
            Received::Success(response) => self.login.granted(&response),
            Received::Refused(response) => Err(self.login.refused(&response)),
        }
    }
}

/// Code and message of an error body, each with its separator.
fn in_words(body: &ErrorBody) -> String {
    let code = body.code.as_deref().map(|code| format!(" {}", sanitized(code)));
    let message = body
        .message
        .as_deref()
        .map(|text| format!(": {}", sanitized(text)));
    code.unwrap_or_default() + &message.unwrap_or_default()
}

/// The service throttles logins with status 400 and says so in the text.
fn is_throttled(code: Option<&str>, description: Option<&str>) -> bool {
    let says_so =
        |text: Option<&str>| text.is_some_and(|text| text.to_ascii_lowercase().contains("rate limit"));
    says_so(code) || says_so(description)
}
