//! One call of an operation: token, attempts and response.

use std::sync::Arc;

use reqwest::{StatusCode, header};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

use crate::{
    auth::token_cache::Bearer,
    error::{Error, Result, kind::Kind},
    generated::client::Client,
    http::{
        content::Limits,
        request::Operation,
        send::{ReadResponse, Received, send},
    },
    inner::{Inner, Shared},
    retry::{
        attempts::{Attempt, Attempts, Outcome},
        rate_limit::{Pacer, RequestSlot},
    },
};

/// How many tokens in a row may expire while a request is sent, until the next one counts as refused.
const MAX_EXPIRED_IN_FLIGHT: u32 = 3;

impl Client {
    /// Sends the request with login and retry. The type of the response decides whether its body is read.
    pub(crate) async fn call<A: ReadResponse>(
        &self,
        request: reqwest::Request,
        operation: Operation,
    ) -> Result<A> {
        let call = Call {
            client: self,
            shared: &self.inner.shared,
            request,
            operation,
            phase: Phase::RateLimit,
            refusals: 0,
        };
        let span = tracing::debug_span!(
            "usage_client.call",
            operation.id = operation.id,
            server.address = call.request.url().host_str(),
            http.request.method = call.request.method().as_str(),
            http.response.status_code = field::Empty,
            attempts = field::Empty,
            correlation_id = field::Empty,
            bytes = field::Empty,
        );
        if span.is_disabled() {
            return call.run().await;
        }
        async {
            let outcome = call.run().await;
            record(&outcome);
            outcome
        }
        .instrument(span)
        .await
    }
}

fn record(outcome: &Result<impl ReadResponse>) {
    let span = Span::current();
    match outcome {
        Ok(response) => {
            let parts = response.parts();
            span.record("http.response.status_code", parts.status.as_u16());
            span.record("attempts", parts.attempts);
            span.record("correlation_id", parts.correlation_id());
            span.record("bytes", response.bytes());
        }
        Err(error) => {
            let status = error.status().filter(|_| !error.is_login());
            span.record("http.response.status_code", status.map(|status| status.as_u16()));
            span.record("attempts", error.attempts());
            span.record("correlation_id", error.correlation_id());
        }
    }
}

/// What a call is waiting for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    RateLimit,
    Login,
    Response,
}

struct Call<'a> {
    client: &'a Client,
    shared: &'a Shared,
    request: reqwest::Request,
    operation: Operation,
    phase: Phase,
    /// How many tokens were refused since the last pause.
    refusals: u32,
}

impl Call<'_> {
    /// Runs the call until its timeout, or until the client's deadline if that is earlier.
    async fn run<A: ReadResponse>(mut self) -> Result<A> {
        let Inner { retry, deadline, .. } = &self.client.inner;
        let Shared { budget, timeout, .. } = self.shared;
        let on_retry = self.shared.on_retry.as_ref();
        let mut attempts = Attempts::new(retry, budget, on_retry, *timeout, *deadline);
        let end = attempts.deadline();
        let sending = attempts.run(&mut self);
        let outcome = match end {
            Some(end) => tokio::time::timeout_at(end, sending).await.ok(),
            None => Some(sending.await),
        };
        let is_over = || end.is_some_and(|end| end <= Instant::now());
        let outcome = match outcome {
            // The attempt was silent until the end, so its own error says nothing more.
            Some(Err(error)) if error.kind() == Kind::Timeout && is_over() => None,
            outcome => outcome,
        };
        let last = attempts.take_last_failure();
        outcome
            .unwrap_or_else(|| Err(self.too_late(*deadline == end, last)))
            // A failed login has counted its own attempts.
            .map_err(|error| match error.is_login() {
                true => error,
                false => error.with_attempts(attempts.made()),
            })
    }

    /// The error of a call that is out of time. It says what the call waited for, and why the last attempt failed.
    fn too_late(&self, is_deadline: bool, last: Option<Error>) -> Error {
        let mut message = if is_deadline {
            "there was no response before the deadline".to_owned()
        } else {
            format!(
                "the call took longer than {} s",
                self.shared.timeout.as_secs_f64()
            )
        };
        let host = self.client.baseurl.split('/').nth(2).unwrap_or("the service");
        message.push_str(&match self.phase {
            Phase::RateLimit => "; it was waiting for the rate limit".to_owned(),
            Phase::Login => "; it was waiting for the login".to_owned(),
            Phase::Response => format!("; it was waiting for the response of {host}"),
        });
        let last = match self.phase {
            Phase::Login => self.shared.tokens.last_failure(),
            _ => last,
        };
        let error = match last {
            Some(last) => {
                let attempts = last.attempts();
                message.push_str(&format!("; attempt {attempts} failed: {last}"));
                Error::new(Kind::Timeout, message)
                    .with_attempts(attempts)
                    .with_source(last)
            }
            None => Error::new(Kind::Timeout, message),
        };
        match self.phase {
            Phase::Login => error.in_login(),
            _ => error,
        }
    }

    /// Drops a token that was refused. Returns whether to send the request with a new one.
    fn replaces(&mut self, bearer: &Arc<Bearer>) -> bool {
        // The token may have expired while the request was sent. Then the next one may still be accepted.
        let allowed = match bearer.is_fresh() {
            true => 1,
            false => MAX_EXPIRED_IN_FLIGHT,
        };
        self.refusals += 1;
        let is_replaced = self.refusals <= allowed && self.shared.tokens.refuse(bearer);
        if is_replaced {
            tracing::debug!("the access token was refused; logging in again");
        }
        is_replaced
    }

    /// Results may be large. Other responses have a few hundred bytes.
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
}

impl<A: ReadResponse> Attempt<A> for Call<'_> {
    async fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Outcome<A> {
        let Shared { tokens, pacer, .. } = self.shared;
        // The wait comes before the token, which could expire during the wait.
        self.phase = Phase::RateLimit;
        let mut slot = request_slot(pacer.as_ref()).await;
        self.phase = Phase::Login;
        let bearer = match tokens.bearer(&self.client.client).await {
            Ok(bearer) => bearer,
            // The login has retried already.
            Err(error) => return Outcome::Done(Err(error)),
        };
        let Some(mut copy) = self.request.try_clone() else {
            let reason = "the request's body is a stream, which cannot be sent again";
            return Outcome::Done(Err(Error::invalid_request(reason.to_owned())));
        };
        copy.headers_mut()
            .insert(header::AUTHORIZATION, bearer.header.clone());
        self.phase = Phase::Response;
        if let Some(slot) = &mut slot {
            slot.begin();
        }
        let received = send(
            &self.client.client,
            self.request.url(),
            copy,
            attempts.begin(),
            self.limits(),
        )
        .await;
        drop(slot);
        if let (Some(pacer), Ok(received)) = (pacer, &received) {
            pacer.observe(&received.parts().headers);
        }
        let error = match received {
            Ok(Received::Success(response)) => return Outcome::Success(response),
            Ok(Received::Refused(response)) => {
                if response.status() == StatusCode::UNAUTHORIZED && self.replaces(&bearer) {
                    return Outcome::Again;
                }
                let error = Error::refused(&response).with_permissions(self.operation.permissions);
                match self.operation.retries_internal_error(error.code()) {
                    true => error,
                    false => error.with_final_500(),
                }
            }
            Err(error) => error,
        };
        // The next token may expire too, if the wait is long.
        self.refusals = 0;
        Outcome::Failure(error)
    }
}

/// Waits for a slot under the rate limit, and holds it.
async fn request_slot(pacer: Option<&Pacer>) -> Option<RequestSlot<'_>> {
    let slot = pacer?.take();
    if !slot.wait.is_zero() {
        tracing::debug!(wait = ?slot.wait, "near the rate limit; slowing down");
        tokio::time::sleep(slot.wait).await;
    }
    Some(slot)
}
