//! Errors of the API, in the service's words: the documented body for each documented code.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Serialize;

use crate::response::Response;

/// An error of the API, before it belongs to a request. It is boxed because it is much larger than a success.
#[derive(Debug)]
pub(crate) struct ApiError(Box<ErrorBody>);

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    message: String,
    code: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_with_params: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_params: BTreeMap<&'static str, String>,
    context_id: String,
    details: Vec<Detail>,
    errors: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    error_code: &'static str,
    field_name: &'static str,
}

#[derive(Debug, Serialize)]
struct Limit {
    key: &'static str,
    namespace: &'static str,
    value: u64,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let body = ErrorBody {
            message: message.into(),
            code,
            status: status.as_u16(),
            ..ErrorBody::default()
        };
        Self(Box::new(body))
    }

    pub(crate) fn foreign_host(host: &str) -> Self {
        let message = format!("The simulator is not the host [{host}].");
        Self::new(StatusCode::MISDIRECTED_REQUEST, "bad.host", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad.request", message)
    }

    pub(crate) fn invalid_date(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid.date", message)
    }

    pub(crate) fn invalid_value(value: &str, kind: &str, field: &'static str, allowed: &[&str]) -> Self {
        let allowed = allowed.join(", ");
        let message =
            format!("Value [{value}] is not valid for field type [{kind}]. Allowable values are: {allowed}");
        let mut error = Self::new(StatusCode::BAD_REQUEST, "invalid.value", message);
        error.0.message_with_params =
            Some("Value [{value}] is not valid for field type [{type}]. Allowable values are: {allowed}");
        error.0.message_params = BTreeMap::from([
            ("value", value.to_owned()),
            ("type", kind.to_owned()),
            ("allowed", allowed),
        ]);
        error.0.details = vec![Detail {
            error_code: "invalid.value",
            field_name: field,
        }];
        error
    }

    pub(crate) fn not_found() -> Self {
        Self::documented(StatusCode::NOT_FOUND)
    }

    pub(crate) fn unknown_execution(id: String) -> Self {
        let mut error = Self::not_found();
        error.0.entity_id = Some(id);
        error.0.entity_name = Some("execution");
        error
    }

    pub(crate) fn rate_limited(allowed: u64, retry_after: u64) -> Self {
        let message =
            format!("Rate limit exceeded the maximum. Retry the request in [{retry_after}] seconds");
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too.many.requests.retry.after",
            message,
        );
        error.0.message_params = BTreeMap::from([("retryAfter", retry_after.to_string())]);
        error.0.limit = Some(Limit {
            key: "client.credentials.token.rate.per.minute",
            namespace: "platform.api",
            value: allowed,
        });
        error.0.retry_after = Some(retry_after);
        error
    }

    /// The response to a connection beyond the limit. One second later, another connection may have ended.
    pub(crate) fn too_many_connections(limit: usize) -> Self {
        let message = format!("The simulator serves {limit} connections at once, and has as many. Try again");
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "service.unavailable", message);
        error.0.retry_after = Some(1);
        error
    }

    /// The documented error of a status, or a similar one for any other status.
    pub(crate) fn documented(status: StatusCode) -> Self {
        let (code, message) = match status.as_u16() {
            400 => ("bad.request", "The request could not be understood."),
            401 => ("bad.credentials", "Invalid login credentials."),
            403 => (
                "missing.any.permissions",
                "Unable to perform the requested action. You must have at least one of the following \
                 permissions assigned: [oauth:client:view, usage:organization:view]",
            ),
            404 => ("not.found", "The requested resource was not found."),
            405 => (
                "method.not.allowed",
                "The method is not allowed for this resource.",
            ),
            408 => ("client.timeout", "The client did not send its request in time."),
            409 => ("request.conflict", "The request conflicts with another one."),
            413 => ("request.entity.too.large", "The request is over the size limit."),
            415 => ("unsupported.media.type", "The content type is not supported."),
            429 => ("too.many.requests", "The rate limit was exceeded."),
            503 => ("service.unavailable", "The service is unavailable."),
            504 => ("request.timeout", "The request timed out."),
            code if code < 500 => ("bad.request", "The request could not be served."),
            _ => (
                "internal.server.error",
                "The service could not serve the request.",
            ),
        };
        Self::new(status, code, message)
    }

    /// The response to the request with this correlation id.
    pub(crate) fn into_response(mut self, correlation: &str) -> Response {
        correlation.clone_into(&mut self.0.context_id);
        let status = StatusCode::from_u16(self.0.status).expect("made from a status");
        let mut response = Response::serialized(status, &self.0);
        if let Some(seconds) = self.0.retry_after {
            response.set("retry-after", seconds);
        }
        response
    }
}
