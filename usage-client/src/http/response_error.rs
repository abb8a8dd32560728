//! Turns responses into errors.

use reqwest::{StatusCode, Url, header::LOCATION};

use super::{
    error_body,
    json::Unreadable,
    response::{Parts, Response},
    retry_after::retry_after,
};
use crate::{
    error::{
        ADDRESS_REFUSED, Error,
        excerpt::{excerpt, sanitized},
        kind::Kind,
    },
    generated::types::ErrorBody,
};

impl Error {
    /// An error status, with the service's error body if there is one.
    pub(crate) fn refused(response: &Response) -> Self {
        match error_body::error_body(&response.body) {
            Some(body) => Self::with_error_body(&response.parts, body),
            None => Self::without_error_body(&response.parts, &response.body, response.unread.as_ref()),
        }
    }

    /// A successful status with an error in its body.
    pub(crate) fn error_under_success(parts: &Parts, body: &[u8]) -> Option<Self> {
        error_body::under_success(body).map(|body| Self::with_error_body(parts, body))
    }

    fn with_error_body(parts: &Parts, body: ErrorBody) -> Self {
        let status = parts.status;
        let mut message = format!("the service returned {status}");
        if status.is_success() {
            message.push_str(" with an error in its body:");
        }
        if let Some(code) = &body.code {
            message.push_str(&format!(" {}", sanitized(code)));
        }
        if let Some(text) = &body.message {
            message.push_str(&format!(": {}", sanitized(text)));
        }
        if let Some(wait) = retry_after(&parts.headers) {
            message.push_str(&format!("; retry after {} s", wait.as_secs()));
        }
        Self::new(Kind::Status, message)
            .with_parts(parts)
            .with_body(Some(body))
    }

    /// Adds the permissions of the operation, if the service refused the client (403) and does not name them itself.
    pub(crate) fn with_permissions(self, permissions: &str) -> Self {
        let names_permission = |body: &ErrorBody| {
            let text = body.message.as_ref();
            body.code.as_deref() == Some(ADDRESS_REFUSED)
                || text.is_some_and(|text| text.contains("permission"))
        };
        let is_forbidden = self.kind() == Kind::Status && self.status() == Some(StatusCode::FORBIDDEN);
        if !is_forbidden || permissions.is_empty() || self.body().is_none_or(names_permission) {
            return self;
        }
        self.with_advice(&format!("the client's role needs {permissions}"))
    }

    /// `unread` is why the body could not be read.
    fn without_error_body(parts: &Parts, body: &[u8], unread: Option<&Self>) -> Self {
        let status = parts.status;
        let message = match (unread, error_body::reason(body).message) {
            _ if status.is_redirection() => format!("the service returned {}", described(parts, body)),
            (Some(unread), _) => format!("the service returned {status}; {unread}"),
            (None, Some(text)) => format!("the service returned {status}: {}", sanitized(&text)),
            (None, None) => format!("the service returned {}", described(parts, body)),
        };
        Self::new(Kind::Status, message).with_parts(parts)
    }

    /// A success without its documented body.
    pub(crate) fn without_body(parts: &Parts) -> Self {
        let message = format!("the service returned {}, but no body", parts.status);
        Self::new(Kind::Decode, message).with_parts(parts)
    }

    /// A body that does not decode as the type of its status.
    pub(crate) fn undecodable(response: &Response, unreadable: &Unreadable) -> Self {
        let Response { parts, body, .. } = response;
        let status = parts.status;
        if !status.is_success() {
            return Self::refused(response);
        }
        if let Some(error) = Self::error_under_success(parts, body) {
            return error;
        }
        if body.is_empty() {
            return Self::without_body(parts);
        }
        let Unreadable {
            reason,
            row,
            byte,
            names_field,
        } = unreadable;
        let row = row.map(|row| format!("row {row}, ")).unwrap_or_default();
        let mut message = format!(
            "the service returned {status}, but the body cannot be read: {reason} (at {row}byte {byte})"
        );
        // The value of the field says enough.
        if let Some(text) = excerpt(body).filter(|_| row.is_empty() && !names_field) {
            message.push_str(&format!("; it begins with the text \"{text}\""));
        }
        Self::new(Kind::Decode, message).with_parts(parts)
    }

    /// The query or job failed, as `what` says. The body may say why.
    pub(crate) fn query_failed(parts: &Parts, what: &str, body: &[u8]) -> Self {
        let reason = error_body::reason(body);
        let mut message = format!("the service reports that {what}");
        let code = reason.body.as_ref().and_then(|body| body.code.as_ref());
        for text in [code, reason.message.as_ref()].into_iter().flatten() {
            message.push_str(&format!(": {}", sanitized(text)));
        }
        if code.is_none() && reason.message.is_none() {
            message.push_str("; it gives no reason");
        }
        Self::new(Kind::QueryFailed, message)
            .with_parts(parts)
            .with_body(reason.body)
    }

    /// The query was accepted, but without an id to request its results.
    pub(crate) fn no_execution_id(parts: &Parts) -> Self {
        Self::new(
            Kind::Decode,
            "the service accepted the query, but named no execution id",
        )
        .with_parts(parts)
    }

    /// Adds what a response says in addition to its body.
    pub(crate) fn with_parts(self, parts: &Parts) -> Self {
        self.with_status(parts.status)
            .with_correlation_id(parts.correlation_id())
            .with_retry_after(retry_after(&parts.headers))
            .with_attempts(parts.attempts)
    }
}

/// Describes a response without an error body: its status, and the target of a redirect or some of its text.
pub(crate) fn described(parts: &Parts, body: &[u8]) -> String {
    let status = parts.status;
    if status.is_redirection() {
        let target = match redirect_host(parts) {
            Some(host) => format!("a redirect to {}", sanitized(&host)),
            None => "a redirect".to_owned(),
        };
        return format!(
            "{status}, {target}, which is not followed; the URL or the gateway's settings are probably wrong"
        );
    }
    match excerpt(body) {
        Some(text) => format!("{status} with the text \"{text}\""),
        None => format!("{status} with no text"),
    }
}

/// The host of a redirect. The rest of its URL may contain secrets.
fn redirect_host(parts: &Parts) -> Option<String> {
    let location = parts.headers.get(LOCATION)?.to_str().ok()?;
    let url = match Url::parse(location) {
        Err(url::ParseError::RelativeUrlWithoutBase) if location.starts_with("//") => {
            Url::parse(&format!("https:{location}")).ok()?
        }
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Some("another path of the same host".to_owned());
        }
        url => url.ok()?,
    };
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}
