//! Sends one request and reads its response, or leaves the body to the caller.

use bytes::Bytes;
use reqwest::{Url, header};
use serde::de::IgnoredAny;
use tracing::{Instrument as _, Span, field};

use super::{
    connect_timeout,
    content::{self, Body, Limits, SMALL_BODY},
    json,
    response::{Parts, Response, StreamingResponse},
};
use crate::error::{Error, Result, kind::Kind};

/// How much of a successful response belongs to the attempt.
pub(crate) trait ReadResponse: Sized + Send {
    /// Reads the part of the response whose errors lead to another attempt. `size` is the largest body that is kept in
    /// memory.
    fn read(response: StreamingResponse, size: usize) -> impl Future<Output = Result<Self>> + Send;

    fn parts(&self) -> &Parts;

    /// Length of the body, if it was read.
    fn bytes(&self) -> Option<usize>;
}

/// A response, sorted by its status.
pub(crate) enum Received<A> {
    Success(A),
    /// The status is an error. The body was read.
    Refused(Response),
}

impl<A: ReadResponse> Received<A> {
    pub(crate) fn parts(&self) -> &Parts {
        match self {
            Self::Success(response) => response.parts(),
            Self::Refused(response) => response.parts(),
        }
    }

    fn bytes(&self) -> Option<usize> {
        match self {
            Self::Success(response) => response.bytes(),
            Self::Refused(response) => response.bytes(),
        }
    }
}

/// Sends a request to `url` once, as attempt number `attempt`. Reads the part of the response that belongs to the attempt.
pub(crate) async fn send<A: ReadResponse>(
    http: &reqwest::Client,
    url: &Url,
    request: reqwest::Request,
    attempt: u32,
    limits: Limits,
) -> Result<Received<A>> {
    let span = tracing::debug_span!(
        "HTTP",
        http.request.resend_count = attempt - 1,
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    );
    if span.is_disabled() {
        return execute(http, url, request, attempt, limits).await;
    }
    logged(http, url, request, attempt, limits).instrument(span).await
}

/// Sends the request, and records the outcome in the span and the log.
async fn logged<A: ReadResponse>(
    http: &reqwest::Client,
    url: &Url,
    request: reqwest::Request,
    attempt: u32,
    limits: Limits,
) -> Result<Received<A>> {
    let started = tokio::time::Instant::now();
    let outcome: Result<Received<A>> = execute(http, url, request, attempt, limits).await;
    let duration = started.elapsed();
    match &outcome {
        Ok(response) => {
            Span::current().record("http.response.status_code", response.parts().status.as_u16());
            let correlation_id = response.parts().correlation_id();
            tracing::debug!(
                ?duration,
                bytes = response.bytes(),
                correlation_id,
                "response received"
            );
        }
        Err(error) => {
            Span::current().record("error.type", error.kind().name());
            tracing::debug!(?duration, %error, "no response");
        }
    }
    outcome
}

async fn execute<A: ReadResponse>(
    http: &reqwest::Client,
    url: &Url,
    mut request: reqwest::Request,
    attempt: u32,
    limits: Limits,
) -> Result<Received<A>> {
    if limits.compression {
        request
            .headers_mut()
            .entry(header::ACCEPT_ENCODING)
            .or_insert(content::ACCEPTED);
    }
    let host = url.host_str().unwrap_or("the service");
    let mut response = match tokio::time::timeout(limits.silence, http.execute(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            let is_hanging = error.is_connect() && error.is_timeout();
            let error = Error::without_response(error);
            let stage = match limits
                .probe
                .filter(|_| is_hanging && error.kind() == Kind::Timeout)
            {
                Some(limit) => connect_timeout::hanging_stage(url, limit).await,
                None => None,
            };
            return Err(match stage {
                Some(stage) => error.with_hanging_stage(host, &stage),
                None => error,
            });
        }
        Err(_) => {
            return Err(Error::new(
                Kind::Timeout,
                format!("{host} did not respond within {} s", limits.silence.as_secs_f64()),
            ));
        }
    };
    let parts = Parts {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        attempts: attempt,
    };
    let body = Body::new(response, &parts.headers, limits.silence);
    let response = StreamingResponse { parts, body };
    Ok(match response.parts.status.is_success() {
        true => Received::Success(A::read(response, limits.size).await?),
        false => Received::Refused(Response::read(response, limits.size).await?),
    })
}

/// The complete body belongs to the attempt, so that a cut body is retried.
impl ReadResponse for Response {
    async fn read(StreamingResponse { parts, body }: StreamingResponse, size: usize) -> Result<Self> {
        let is_success = parts.status.is_success();
        let is_close_delimited = body.is_close_delimited;
        let limit = if is_success { size } else { size.min(SMALL_BODY) };
        let mut unread = None;
        let body = match body.read_to_end(limit).await {
            Ok(body) => body,
            // The status is the error, even if its text cannot be decompressed.
            Err(error) if !is_success && error.kind() == Kind::Decode => {
                unread = Some(error);
                Bytes::new()
            }
            Err(error) if error.kind() == Kind::TooLarge => {
                let message = format!(
                    "the service returned {} with a body over the limit of {limit} bytes",
                    parts.status
                );
                return Err(Error::new(Kind::TooLarge, message).with_parts(&parts));
            }
            Err(error) if is_success => return Err(error.with_parts(&parts)),
            Err(error) => return Err(error),
        };
        if is_close_delimited && is_success && is_cut_json(json::without_byte_order_mark(&body)) {
            return Err(Error::cut_body().with_status(parts.status));
        }
        Ok(Self { parts, body, unread })
    }

    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn bytes(&self) -> Option<usize> {
        Some(self.body.len())
    }
}

/// The caller reads the body.
impl ReadResponse for StreamingResponse {
    async fn read(response: StreamingResponse, _size: usize) -> Result<Self> {
        Ok(response)
    }

    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn bytes(&self) -> Option<usize> {
        None
    }
}

/// Whether the JSON text ends early. For complete objects, counting braces is enough and costs much less than
/// parsing. If a string contains a single brace, the parser decides.
fn is_cut_json(body: &[u8]) -> bool {
    let count = |brace: u8| memchr::memchr_iter(brace, body).count();
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
