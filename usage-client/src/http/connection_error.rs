//! The errors of requests without a response.

use std::error::Error as _;

use crate::error::{Error, kind::Kind};

impl Error {
    /// A request that cannot be built, or that got no response.
    pub(crate) fn without_response(error: reqwest::Error) -> Self {
        // Only the host of the URL is shown, because the rest may contain secrets.
        let host = error.url().and_then(|url| url.host_str()).map(str::to_owned);
        let host = host.as_deref().unwrap_or("the service");
        let error = error.without_url();
        let (kind, message) = if error.is_builder() {
            (Kind::InvalidRequest, "the request cannot be made".to_owned())
        } else if error.is_connect() {
            match permanent_cause(&error) {
                Some((kind, reason)) => (kind, format!("cannot connect to {host}: {reason}")),
                None if error.is_timeout() => (
                    Kind::Timeout,
                    format!(
                        "no connection to {host} was made in time: connecting or the TLS handshake hangs"
                    ),
                ),
                None => (Kind::Connect, format!("cannot connect to {host}")),
            }
        } else if causes(&error).any(|text| text.contains("head is too large")) {
            (
                Kind::TooLarge,
                format!("the headers of {host}'s response are over the limit of what is read"),
            )
        } else if error.is_timeout() {
            (Kind::Timeout, format!("{host} did not respond in time"))
        } else if error.is_body() || error.is_decode() {
            (
                Kind::CutBody,
                "the response's body was cut or cannot be read".to_owned(),
            )
        } else {
            (
                Kind::Connect,
                format!("the connection to {host} was lost before a response came"),
            )
        };
        Self::new(kind, message).with_source(error)
    }
}

/// Why no connection is possible, if another attempt cannot change it.
fn permanent_cause(error: &reqwest::Error) -> Option<(Kind, &'static str)> {
    causes(error).find_map(|text| {
        if text.contains("certificate") {
            Some((Kind::Certificate, "its certificate is not accepted"))
        } else if text.contains("proxy authorization required") {
            let reason = "the proxy refuses the user name and password, or asks for them";
            Some((Kind::ProxyRefused, reason))
        } else {
            None
        }
    })
}

/// The texts of an error's causes, in lower case. Their types belong to crates that reqwest uses.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = String> {
    let mut texts = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string().to_ascii_lowercase());
        cause = error.source();
    }
    texts.into_iter()
}
