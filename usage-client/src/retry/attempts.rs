//! The one retry loop: counts attempts, waits between them, and gives up.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    budget::Budget,
    policy::{OnRetry, Retry, RetryPolicy},
    transient::{Transient, transient},
};
use crate::error::{Error, Result};

/// The attempts of one call.
pub(crate) struct Attempts<'a> {
    policy: &'a RetryPolicy,
    budget: &'a Budget,
    on_retry: Option<&'a OnRetry>,
    timeout: Duration,
    started: Instant,
    /// No attempt begins after this, whatever the policy says.
    deadline: Option<Instant>,
    made: u32,
    /// The error of the attempt that the current one repeats.
    last_failure: Option<Error>,
    random: fn() -> f64,
}

/// Something to attempt.
pub(crate) trait Attempt<T> {
    /// Makes one attempt. Calls [`Attempts::begin`] when it sends the request.
    fn attempt(&mut self, attempts: &mut Attempts<'_>) -> impl Future<Output = Outcome<T>> + Send;
}

/// How an attempt ended.
pub(crate) enum Outcome<T> {
    /// It succeeded, which earns retries.
    Success(T),
    /// It failed. Another attempt follows if the error is transient.
    Failure(Error),
    /// The request is sent again at once, for example with a new token.
    Again,
    /// No attempt follows, and nothing is earned.
    Done(Result<T>),
}

impl<'a> Attempts<'a> {
    /// Attempts that begin within `timeout` and before `deadline`.
    pub(crate) fn new(
        policy: &'a RetryPolicy,
        budget: &'a Budget,
        on_retry: Option<&'a OnRetry>,
        timeout: Duration,
        deadline: Option<Instant>,
    ) -> Self {
        let mut attempts = Self {
            policy,
            budget,
            on_retry,
            timeout,
            started: Instant::now(),
            deadline: None,
            made: 0,
            last_failure: None,
            random: fastrand::f64,
        };
        attempts.start(deadline);
        attempts
    }

    /// When the time of all attempts is over.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How many attempts have begun.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    /// Counts an attempt. Call this when it sends its request.
    pub(crate) fn begin(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    /// Starts counting again, because the current attempt made progress. It counts as the first.
    pub(crate) fn restart(&mut self, deadline: Option<Instant>) {
        self.start(deadline);
        self.made = 1;
    }

    fn start(&mut self, deadline: Option<Instant>) {
        self.started = Instant::now();
        let end = self.started.checked_add(self.timeout);
        self.deadline = end.into_iter().chain(deadline).min();
    }

    /// The error of the attempt that the current one repeats.
    pub(crate) fn take_last_failure(&mut self) -> Option<Error> {
        self.last_failure.take()
    }

    /// Makes attempts until one succeeds or no other may follow.
    pub(crate) async fn run<T>(&mut self, attempt: &mut impl Attempt<T>) -> Result<T> {
        loop {
            let error = match attempt.attempt(self).await {
                Outcome::Success(value) => {
                    self.budget.earn();
                    return Ok(value);
                }
                Outcome::Failure(error) => error,
                Outcome::Again => continue,
                Outcome::Done(result) => return result,
            };
            let Some(transient) = transient(&error) else {
                return Err(error);
            };
            let error = error.with_attempts(self.made);
            if let Err(refusal) = self.pause(transient, &error).await {
                let (attempt, reason) = (self.made, transient.reason);
                // Without retries nothing is given up.
                if self.policy.max_attempts > 1 {
                    tracing::warn!(attempt, reason, refusal, "not sending again");
                }
                return Err(error);
            }
        }
    }

    /// Waits for the next attempt. If there is none, returns the reason at once.
    async fn pause(&mut self, transient: Transient, error: &Error) -> Result<(), &'static str> {
        let Transient { reason, retry_after } = transient;
        if self.made >= self.policy.max_attempts {
            return Err("no attempt left");
        }
        if retry_after.is_some_and(|wait| wait > self.policy.max_retry_after) {
            return Err("the wait asked for is too long");
        }
        let permit = self.budget.take();
        let backoff = self.policy.backoff(self.made, retry_after, (self.random)());
        let wait = backoff.max(permit.wait);
        if !self.has_time_after(wait) {
            return Err("the next attempt would be too late");
        }
        self.last_failure = Some(error.clone());
        let attempt = self.made;
        match reason {
            "429" | "login throttled" => {
                tracing::warn!(attempt, reason, ?wait, "waiting for the rate limit");
            }
            _ => tracing::debug!(attempt, reason, ?wait, "sending again after a wait"),
        }
        if let Some(OnRetry(report)) = self.on_retry {
            report(&Retry {
                reason,
                attempts: attempt,
                wait,
            });
        }
        tokio::time::sleep(wait).await;
        permit.use_up();
        Ok(())
    }

    /// Whether an attempt may still begin after a wait.
    fn has_time_after(&self, wait: Duration) -> bool {
        let end = self.started.checked_add(self.policy.deadline);
        let end = end.into_iter().chain(self.deadline).min();
        let next = Instant::now().checked_add(wait);
        end.is_none_or(|end| next.is_some_and(|next| next <= end))
    }
}

#[cfg(test)]
mod tests;
