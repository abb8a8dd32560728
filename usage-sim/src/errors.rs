//! Errors of the API, in the service's words: the documented body for each documented code.

use std::borrow::Cow;
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
    code: Cow<'static, str>,
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
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let body = ErrorBody {
            message: message.into(),
            code: code.into(),
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

    /// An unknown key of a JSON object.
    pub(crate) fn invalid_property(name: &str, model: &str, known: &[&str]) -> Self {
        let message = format!(
            "Value [{name}] is not a valid property for object [{model}]. Its properties are: {}",
            known.join(", ")
        );
        Self::new(StatusCode::BAD_REQUEST, "invalid.property", message)
    }

    /// A value of a parameter in the query string.
    pub(crate) fn invalid_parameter(value: &str, name: &str, allowed: &str) -> Self {
        let message =
            format!("Value [{value}] is not valid for parameter [{name}]. Allowable values are: {allowed}");
        Self::new(StatusCode::BAD_REQUEST, "invalid.query.param.value", message)
    }

    /// A value that has the right form and is over a limit.
    pub(crate) fn constraint(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "constraint.validation", message)
    }

    /// A token without any of these permissions.
    pub(crate) fn forbidden(permissions: &[&str]) -> Self {
        let message = format!(
            "Unable to perform the requested action. You must have at least one of the following permissions assigned: \
             [{}]",
            permissions.join(", ")
        );
        Self::new(StatusCode::FORBIDDEN, "missing.any.permissions", message)
    }

    pub(crate) fn not_found() -> Self {
        Self::documented(StatusCode::NOT_FOUND)
    }

    /// There is no entity of this type with this id.
    pub(crate) fn unknown(entity: &'static str, id: String) -> Self {
        let mut error = Self::not_found();
        error.0.entity_id = Some(id);
        error.0.entity_name = Some(entity);
        error
    }

    /// The documented error of a status with another code.
    pub(crate) fn with_code(status: StatusCode, code: &str) -> Self {
        let mut error = Self::documented(status);
        if let Some(message) = message(code) {
            message.clone_into(&mut error.0.message);
        }
        error.0.code = Cow::Owned(code.to_owned());
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
                "not.authorized",
                "You are not authorized to perform the requested action.",
            ),
            404 => ("not.found", "The requested resource was not found."),
            405 => (
                "method.not.allowed",
                "The method is not allowed for this resource.",
            ),
            408 => ("client.timeout", "The client did not send its request in time."),
            409 => ("request.conflict", "The request conflicts with another one."),
            // Not documented. A service that was taken away could respond with it.
            410 => ("gone", "The resource is no longer available."),
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

    /// The error as a part of another body.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("structs with string keys serialize")
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

/// The message of the codes that share a status with another one.
fn message(code: &str) -> Option<&'static str> {
    Some(match code {
        "query.too.long" => "Query is too long. Try another request with less filters.",
        "response.entity.too.large" => "The response is over the size limit. Reduce pageSize.",
        "max.response.size.reached" => "The response was too big, try again with a smaller page size.",
        "query.error" => "There was a problem running the query.",
        "missing.permissions" => "Unable to perform the requested action. You are missing permissions.",
        _ => return None,
    })
}
