//! One call of an operation: token, attempts, the response.

use reqwest::{StatusCode, header};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

use crate::{
    error::{Error, Result, kind::Kind},
    generated::client::Client,
    http::{
        content::Limits,
        request::Operation,
        response::{Response, StreamingResponse},
        send::{OpenResponse, ReadResponse, send},
    },
    inner::{Inner, Shared},
    retry::{attempts::Attempts, rate_limit::RequestSlot, transient::transient},
};

/// How many tokens in a row may run out between sending and response before it counts as refused.
const MAX_EXPIRED_IN_FLIGHT: u32 = 3;

impl Client {
    /// Sends the request with login and retry, and reads the whole of a good response.
    pub(crate) async fn exec(&self, request: reqwest::Request, operation: Operation) -> Result<Response> {
        let response: Response = self.call(request, operation).await?;
        match response.status().is_success() {
            true => Ok(response),
            false => Err(refused(&response, operation)),
        }
    }

    /// Sends the request as every call is sent, but leaves the body of a good response to be read.
    pub(crate) async fn open(
        &self,
        request: reqwest::Request,
        operation: Operation,
    ) -> Result<StreamingResponse> {
        match self.call(request, operation).await? {
            OpenResponse::Open(response) => Ok(*response),
            OpenResponse::Refused(response) => Err(refused(&response, operation)),
        }
    }

    async fn call<A: ReadResponse>(&self, request: reqwest::Request, operation: Operation) -> Result<A> {
        let call = Call {
            client: self,
            shared: &self.inner.shared,
            operation,
        };
        let span = tracing::debug_span!(
            "usage_client.call",
            operation.id = operation.id,
            server.address = request.url().host_str(),
            http.request.method = request.method().as_str(),
            http.response.status_code = field::Empty,
            attempts = field::Empty,
            correlation_id = field::Empty,
            bytes = field::Empty,
        );
        if span.is_disabled() {
            return call.run(request).await;
        }
        async {
            let outcome = call.run(request).await;
            record(&outcome);
            outcome
        }
        .instrument(span)
        .await
    }
}

fn refused(response: &Response, operation: Operation) -> Error {
    match operation.retry_internal_error {
        true => Error::refused(response),
        false => Error::refused(response).with_final_500(),
    }
}

fn record(outcome: &Result<impl ReadResponse>) {
    let span = Span::current();
    match outcome {
        Ok(answer) => {
            let parts = answer.parts();
            span.record("http.response.status_code", parts.status.as_u16());
            span.record("attempts", parts.attempts);
            span.record("correlation_id", parts.correlation_id());
            span.record("bytes", answer.bytes());
        }
        Err(error) => {
            span.record("attempts", error.attempts());
        }
    }
}

/// What a call is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    RateLimit,
    Login,
    Response,
    Retry,
}

struct Call<'a> {
    client: &'a Client,
    shared: &'a Shared,
    operation: Operation,
}

impl Call<'_> {
    /// The call within its time: the client's time-out, or the deadline of who waits, whichever comes first.
    async fn run<A: ReadResponse>(&self, request: reqwest::Request) -> Result<A> {
        let Inner { retry, deadline, .. } = &self.client.inner;
        let started = Instant::now();
        let end = started
            .checked_add(self.shared.timeout)
            .into_iter()
            .chain(*deadline)
            .min();
        let attempts = Attempts::new(retry, &self.shared.budget, started, end);
        let mut attempts = attempts.with_on_retry(self.shared.on_retry.as_ref());
        let mut phase = Phase::RateLimit;
        let outcome = match end {
            Some(end) => {
                let attempts = self.attempts(request, &mut attempts, &mut phase);
                tokio::time::timeout_at(end, attempts).await
            }
            None => Ok(self.attempts(request, &mut attempts, &mut phase).await),
        };
        let is_over = || end.is_some_and(|end| end <= Instant::now());
        let outcome = match outcome {
            // An attempt that was silent until the end has nothing of its own to tell.
            Ok(Err(error)) if error.kind() == Kind::Timeout && is_over() => Err(()),
            other => other.map_err(|_| ()),
        };
        outcome
            .unwrap_or_else(|()| Err(self.too_late(*deadline == end, phase, &mut attempts)))
            .map_err(|error| {
                // A failed login has counted its own attempts.
                if error.is_login() {
                    error
                } else {
                    error.with_attempts(attempts.made())
                }
            })
    }

    /// The time is up: what the call was doing, and what it met before.
    fn too_late(&self, is_deadline: bool, phase: Phase, attempts: &mut Attempts<'_>) -> Error {
        let mut message = if is_deadline {
            "there was no answer before the deadline".to_owned()
        } else {
            format!(
                "the call took longer than {} s",
                self.shared.timeout.as_secs_f64()
            )
        };
        let host = self.client.baseurl.split('/').nth(2).unwrap_or("the service");
        message.push_str(&match phase {
            Phase::RateLimit => "; it was waiting for its turn under the rate limit".to_owned(),
            Phase::Login => "; it was waiting for the login".to_owned(),
            Phase::Response => format!("; it was waiting for the response of {host}"),
            Phase::Retry => "; it was waiting to try again".to_owned(),
        });
        let met = match phase {
            Phase::Login => self.shared.tokens.last_failure().map(|met| (met.attempts(), met)),
            _ => attempts.take_last_failure(),
        };
        let mut error = match met {
            Some((attempt, met)) => {
                message.push_str(&format!("; attempt {} met: {met}", attempt.max(1)));
                Error::new(Kind::Timeout, message)
                    .with_attempts(attempt)
                    .with_source(met)
            }
            None => Error::new(Kind::Timeout, message),
        };
        if phase == Phase::Login {
            error = error.in_login();
        }
        error
    }

    /// Sends until the outcome is not worth another attempt.
    async fn attempts<A: ReadResponse>(
        &self,
        request: reqwest::Request,
        attempts: &mut Attempts<'_>,
        phase: &mut Phase,
    ) -> Result<A> {
        let mut refusals = 0;
        loop {
            // First the wait, then the token: it may expire in between.
            *phase = Phase::RateLimit;
            let mut slot = self.request_slot().await;
            *phase = Phase::Login;
            let bearer = self.shared.tokens.bearer(&self.client.client).await?;
            let mut copy = request.try_clone().ok_or_else(|| {
                Error::invalid_request(
                    "the request's body is a stream, which cannot be sent again".to_owned(),
                )
            })?;
            copy.headers_mut()
                .insert(header::AUTHORIZATION, bearer.header.clone());
            *phase = Phase::Response;
            if let Some(slot) = &mut slot {
                slot.begin();
            }
            let attempt = attempts.begin();
            let outcome: Result<A> = send(&self.client.client, copy, attempt, self.limits()).await;
            drop(slot);
            if let (Some(pacer), Ok(response)) = (&self.shared.pacer, &outcome) {
                pacer.observe(&response.parts().headers);
            }
            if is_refused(&outcome) {
                // A token that ran out on the way, by this side's own clock, was not refused for what it is.
                let allowed = if bearer.is_fresh() {
                    1
                } else {
                    MAX_EXPIRED_IN_FLIGHT
                };
                refusals += 1;
                if refusals <= allowed && self.shared.tokens.refuse(&bearer) {
                    tracing::debug!("the access token was refused; logging in again");
                    continue;
                }
            }
            match transient(&outcome, self.operation.retry_internal_error) {
                Some(transient) => {
                    *phase = Phase::Retry;
                    if !attempts.pause(transient).await {
                        *phase = Phase::Response;
                        return outcome;
                    }
                    attempts.record_failure(failure(&outcome));
                    // A token that was good for this attempt may have expired by the next.
                    refusals = 0;
                }
                None => {
                    self.shared.budget.earn();
                    return outcome;
                }
            }
        }
    }

    /// Results may be large; other responses have some hundred bytes.
    fn limits(&self) -> Limits {
        let limits = self.shared.limits;
        match self.operation.is_large {
            true => Limits {
                size: self.shared.max_result_bytes,
                ..limits
            },
            false => limits,
        }
    }

    /// Waits for the next request's slot under the rate limit, and holds it.
    async fn request_slot(&self) -> Option<RequestSlot<'_>> {
        let slot = self.shared.pacer.as_ref()?.take();
        if !slot.wait.is_zero() {
            tracing::debug!(wait = ?slot.wait, "near the rate limit; slowing down");
            tokio::time::sleep(slot.wait).await;
        }
        Some(slot)
    }
}

/// What an attempt met that is worth another one.
fn failure(outcome: &Result<impl ReadResponse>) -> Error {
    match outcome {
        Ok(answer) => {
            let parts = answer.parts();
            Error::new(Kind::Status, format!("the service answered {}", parts.status)).with_parts(parts)
        }
        Err(error) => error.clone(),
    }
}

fn is_refused(outcome: &Result<impl ReadResponse>) -> bool {
    outcome
        .as_ref()
        .is_ok_and(|answer| answer.parts().status == StatusCode::UNAUTHORIZED)
}
