//! Login with client credentials.

use std::time::Duration;

use reqwest::{StatusCode, Url, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::{
    credentials::AccessToken,
    error::{Error, Kind},
    excerpt::excerpt,
};

/// The token endpoint.
#[derive(Debug)]
pub(crate) struct Login {
    url: Url,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretToken,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct SecretToken(String);

#[derive(Default, Deserialize)]
struct Refusal {
    error: Option<String>,
    #[serde(alias = "description")]
    error_description: Option<String>,
}

impl Login {
    /// The token endpoint below a login base URL.
    pub(crate) fn below(base: &Url) -> Self {
        let mut url = base.clone();
        url.set_path(&format!("{}/oauth/token", base.path().trim_end_matches('/')));
        Self { url }
    }

    /// Gets a token for an OAuth client.
    pub(crate) async fn client_credentials(
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
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.unreachable(error))?;
        if !status.is_success() {
            return Err(self.refused(status, &body));
        }
        let answer: TokenAnswer = serde_json::from_slice(&body)
            .map_err(|_| self.failed(format!("answered {status}, but with no access token")))?;
        let expires_in = answer.expires_in.map(Duration::from_secs);
        Ok(AccessToken::new(answer.access_token.0, expires_in))
    }

    fn failed(&self, what: String) -> Error {
        Error::new(Kind::Login, format!("login failed: {} {what}", self.host()))
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        let cause = Error::from(error);
        self.failed("cannot be reached".to_owned()).with_source(cause)
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> Error {
        let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
        let what = match (refusal.error.as_deref(), refusal.error_description.as_deref()) {
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
        self.failed(what).with_status(status)
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}
