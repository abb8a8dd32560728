//! One request and its whole answer.

use reqwest::{StatusCode, Version, header};
use serde::de::IgnoredAny;
use tracing::{Instrument as _, Span, field};

use crate::{
    error::{Error, Kind},
    transport::{Parts, Response, Result},
};

/// Sends a request once, the `attempt`th time, and reads the answer to its end, so that a cut body is met where it can
/// be asked for again.
pub(crate) async fn exchange(
    http: &reqwest::Client,
    request: reqwest::Request,
    attempt: u32,
) -> Result<Response> {
    let span = tracing::debug_span!(
        "HTTP",
        http.request.resend_count = attempt - 1,
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    );
    if span.is_disabled() {
        return send(http, request, attempt).await;
    }
    observed(http, request, attempt).instrument(span).await
}

/// Tells the span and the log what became of the request.
async fn observed(http: &reqwest::Client, request: reqwest::Request, attempt: u32) -> Result<Response> {
    let started = tokio::time::Instant::now();
    let outcome = send(http, request, attempt).await;
    let duration = started.elapsed();
    match &outcome {
        Ok(response) => {
            Span::current().record("http.response.status_code", response.status().as_u16());
            let correlation_id = response.parts.correlation_id();
            tracing::debug!(?duration, bytes = response.body.len(), correlation_id, "answered");
        }
        Err(error) => {
            Span::current().record("error.type", error.kind().name());
            tracing::debug!(?duration, %error, "no answer");
        }
    }
    outcome
}

async fn send(http: &reqwest::Client, request: reqwest::Request, attempt: u32) -> Result<Response> {
    let mut response = http.execute(request).await?;
    let ends_unmarked = ends_unmarked(&response);
    let parts = Parts {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        attempts: attempt,
    };
    let body = response.bytes().await?;
    if ends_unmarked && parts.status == StatusCode::OK && is_cut_json(&body) {
        let cut = Error::new(
            Kind::CutBody,
            "the connection was closed before the answer's body was whole",
        );
        return Err(cut.with_status(parts.status));
    }
    Ok(Response { parts, body })
}

/// Whether the body's end is only where the connection is closed, so that a lost connection looks like the end.
fn ends_unmarked(response: &reqwest::Response) -> bool {
    let headers = response.headers();
    response.version() <= Version::HTTP_11
        && !headers.contains_key(header::CONTENT_LENGTH)
        && !headers.contains_key(header::TRANSFER_ENCODING)
}

/// Whether the JSON text stops in the middle. Counting braces settles it for whole objects at a fraction of the cost of
/// reading them; where a string holds a lone brace, reading decides.
fn is_cut_json(body: &[u8]) -> bool {
    let count = |brace: u8| body.iter().filter(|byte| **byte == brace).count();
    let is_balanced = count(b'{') == count(b'}') && body.starts_with(b"{");
    !is_balanced && serde_json::from_slice::<IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use super::is_cut_json;

    #[test]
    fn every_prefix_of_an_object_is_cut_and_the_whole_is_not() {
        let whole = br#"{"results":[{"templateUri":"api/v2/users/{userId}","requests":1},{"requests":2}],"queryStatus":"Complete"}"#;
        for end in 0..whole.len() {
            assert!(is_cut_json(&whole[..end]), "{end}");
        }
        assert!(!is_cut_json(whole));
        assert!(!is_cut_json(br#"{"a":"}"}"#) && !is_cut_json(b"{\"a\":1}\n") && !is_cut_json(b"<html>"));
    }
}
