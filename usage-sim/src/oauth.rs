//! The login: an access token for client credentials.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use tokio::time::Instant;

use crate::errors::ApiError;
use crate::ids;
use crate::record::lock;
use crate::response::Response;

/// The clients that can log in, and the tokens that were issued.
pub(crate) struct Logins {
    clients: Vec<(String, String)>,
    fixed: Vec<String>,
    lifetime: Duration,
    issued: Mutex<Issued>,
}

#[derive(Default)]
struct Issued {
    expiries: HashMap<String, Instant>,
    count: usize,
}

#[derive(Serialize)]
struct Grant {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

#[derive(Serialize)]
struct Refusal<'a> {
    error: &'a str,
    description: &'a str,
    error_description: &'a str,
}

impl Logins {
    pub(crate) fn new(clients: Vec<(String, String)>, fixed: Vec<String>, lifetime: Duration) -> Self {
        Self {
            clients,
            fixed,
            lifetime,
            issued: Mutex::default(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.issued).count
    }

    pub(crate) fn revoke(&self) {
        lock(&self.issued).expiries.clear();
    }

    /// Responds to `POST /oauth/token`.
    pub(crate) fn response(&self, headers: &HeaderMap, body: &[u8]) -> Response {
        if !basic(headers).is_some_and(|given| self.clients.contains(&given)) {
            return refused(StatusCode::BAD_REQUEST);
        }
        let grant = form_urlencoded::parse(body).find(|(name, _)| name == "grant_type");
        let (error, description) = match grant.as_ref().map(|(_, value)| value.as_ref()) {
            Some("client_credentials") => return Response::serialized(StatusCode::OK, &self.grant()),
            Some(_) => ("unsupported_grant_type", "grant type is not supported"),
            None => ("invalid_request", "grant_type is missing"),
        };
        refuse(StatusCode::BAD_REQUEST, error, description)
    }

    fn grant(&self) -> Grant {
        let access_token = ids::token();
        let mut issued = lock(&self.issued);
        issued
            .expiries
            .insert(access_token.clone(), Instant::now() + self.lifetime);
        issued.count += 1;
        Grant {
            access_token,
            token_type: "bearer",
            expires_in: self.lifetime.as_secs(),
        }
    }

    /// The token of an API call, if it is valid now.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Result<String, ApiError> {
        let refused = |code, message: &str| Err(ApiError::new(StatusCode::UNAUTHORIZED, code, message));
        let Some(token) = scheme(headers, "bearer") else {
            let message = "No authentication bearer token specified in authorization header.";
            return refused("authentication.required", message);
        };
        if self.fixed.contains(&token) {
            return Ok(token);
        }
        match lock(&self.issued).expiries.get(&token) {
            None => Err(ApiError::documented(StatusCode::UNAUTHORIZED)),
            Some(expiry) if *expiry <= Instant::now() => {
                refused("credentials.expired", "The access token has expired.")
            }
            Some(_) => Ok(token),
        }
    }
}

/// The response to a wrong id or secret, or to those of another region.
pub(crate) fn refused(status: StatusCode) -> Response {
    refuse(status, "invalid_client", "authentication failed")
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    Response::serialized(
        status,
        &Refusal {
            error,
            description,
            error_description: description,
        },
    )
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let decoded = STANDARD.decode(scheme(headers, "basic")?).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn scheme(headers: &HeaderMap, expected: &str) -> Option<String> {
    let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case(expected)
        .then(|| rest.trim().to_owned())
}
