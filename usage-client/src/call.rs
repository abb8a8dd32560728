//! One call of an operation: token, attempts, the whole answer.

use reqwest::{StatusCode, Version, header};
use tracing::{Instrument as _, Span, field};

use crate::{
    auth::Bearer,
    client::{Inner, Shared},
    error::{Error, Kind},
    generated::Client,
    retry::{self, Attempts},
    transport::{ClientHooks, ClientInfo as _, OperationInfo, Parts, Response, Result},
};

/// The one operation that is repeated after an internal error of the service too: it only reads.
const READS_RESULTS: &str = "get_usage_query_execution_id_results";

impl ClientHooks<Inner> for Client {
    async fn pre(&self, request: &mut reqwest::Request, _info: &OperationInfo) -> Result<()> {
        // The generator's own; no official client sends it.
        request.headers_mut().remove("api-version");
        Ok(())
    }

    async fn exec(&self, request: reqwest::Request, info: &OperationInfo) -> Result<Response> {
        let call = Call {
            client: self,
            shared: &self.inner().shared,
            operation: info.operation_id,
        };
        let span = tracing::debug_span!(
            "usage_client.call",
            operation.id = info.operation_id,
            server.address = request.url().host_str(),
            http.request.method = request.method().as_str(),
            http.response.status_code = field::Empty,
            attempts = field::Empty,
            correlation_id = field::Empty,
            bytes = field::Empty,
        );
        call.run(request).instrument(span).await
    }
}

struct Call<'a> {
    client: &'a Client,
    shared: &'a Shared,
    operation: &'static str,
}

impl Call<'_> {
    /// The call within its time.
    async fn run(&self, request: reqwest::Request) -> Result<Response> {
        let mut attempts = Attempts::new(
            &self.client.inner().retry,
            &self.shared.budget,
            self.client.inner().deadline,
        );
        let whole = tokio::time::timeout(self.shared.timeout, self.attempts(request, &mut attempts)).await;
        let outcome = whole.unwrap_or_else(|_| {
            let timeout = self.shared.timeout.as_secs_f64();
            Err(Error::new(
                Kind::Timeout,
                format!("the call took longer than {timeout} s"),
            ))
        });
        let span = Span::current();
        span.record("attempts", attempts.made());
        match outcome {
            Ok(response) => {
                span.record("http.response.status_code", response.status().as_u16());
                span.record("correlation_id", response.parts.correlation_id());
                span.record("bytes", response.body.len());
                Ok(response)
            }
            // A failed login counts its own attempts.
            Err(error) if error.is_login() => Err(error),
            Err(error) => Err(error.after_attempts(attempts.made())),
        }
    }

    /// Sends until the outcome is not worth another attempt.
    async fn attempts(&self, request: reqwest::Request, attempts: &mut Attempts<'_>) -> Result<Response> {
        let mut may_log_in_again = true;
        loop {
            // First the wait, then the token: it may expire in between.
            self.pace().await;
            let bearer = self
                .shared
                .auth
                .bearer(self.client.http(), attempts.deadline())
                .await?;
            let attempt = attempts.begin();
            let span = tracing::debug_span!(
                "HTTP",
                http.request.resend_count = attempt - 1,
                http.response.status_code = field::Empty,
                error.type = field::Empty,
            );
            let outcome = self.attempt(&request, &bearer, attempt).instrument(span).await;
            if may_log_in_again && is_refused(&outcome) && self.shared.auth.refuse(&bearer) {
                tracing::debug!("the access token was refused; logging in again");
                may_log_in_again = false;
                continue;
            }
            match retry::transient(&outcome, self.operation == READS_RESULTS) {
                // A token that was good for this attempt may have expired by the next.
                Some(transient) if attempts.pause(transient).await => may_log_in_again = true,
                Some(_) => return outcome,
                None => {
                    self.shared.budget.earn();
                    return outcome;
                }
            }
        }
    }

    async fn pace(&self) {
        if let Some(pacer) = &self.shared.pacer {
            let wait = pacer.take();
            if !wait.is_zero() {
                tracing::debug!(?wait, "near the rate limit; slowing down");
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// Sends once and reads the whole answer.
    async fn attempt(&self, request: &reqwest::Request, bearer: &Bearer, attempt: u32) -> Result<Response> {
        let started = tokio::time::Instant::now();
        let outcome = self.exchange(request, bearer, attempt).await;
        let duration = started.elapsed();
        let span = Span::current();
        match &outcome {
            Ok(response) => {
                span.record("http.response.status_code", response.status().as_u16());
                tracing::debug!(?duration, bytes = response.body.len(), "answered");
            }
            Err(error) => {
                span.record("error.type", error.kind().name());
                tracing::debug!(?duration, %error, "no answer");
            }
        }
        outcome
    }

    async fn exchange(&self, request: &reqwest::Request, bearer: &Bearer, attempt: u32) -> Result<Response> {
        let mut request = request.try_clone().ok_or_else(|| {
            Error::invalid_request("the request's body is a stream, which cannot be sent again".to_owned())
        })?;
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, bearer.header.clone());
        let response = self.client.http().execute(request).await?;
        if let Some(pacer) = &self.shared.pacer {
            pacer.observe(response.headers());
        }
        let ends_unmarked = ends_unmarked(&response);
        let parts = Parts {
            status: response.status(),
            headers: response.headers().clone(),
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
}

fn is_refused(outcome: &Result<Response>) -> bool {
    outcome
        .as_ref()
        .is_ok_and(|response| response.status() == StatusCode::UNAUTHORIZED)
}

/// Whether the body's end is only where the connection is closed, so that a lost connection looks like the end.
fn ends_unmarked(response: &reqwest::Response) -> bool {
    let headers = response.headers();
    response.version() <= Version::HTTP_11
        && !headers.contains_key(header::CONTENT_LENGTH)
        && !headers.contains_key(header::TRANSFER_ENCODING)
}

fn is_cut_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err_and(|error| error.is_eof())
}
