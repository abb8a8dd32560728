//! Retry: the policy, and the attempts of one call.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::StatusCode;
use tokio::time::Instant;

use crate::{
    budget::Budget,
    error::{Error, Kind},
    exchange::Answer,
    retry_after::retry_after,
};

/// When a failed request is sent again, and how long to wait before.
///
/// Sent again are requests that met a failed connection, a time-out, a body that was cut, or one of the statuses 408,
/// 429, 502, 503 and 504; reading results also after a 500. Submitting is sent again too: a query computes, it changes
/// nothing, so at worst the service computes it twice.
///
/// All calls of a client share a budget: 50 retries at once and 5 a second, and half a one for each success. When
/// everything fails, retries come slower, so that many tasks do not hammer the service.
///
/// A `Retry-After` is obeyed and never undercut. Without one, the wait is random between nothing and an upper bound
/// that doubles with each attempt ("full jitter"), so that many clients do not come back at the same moment.
///
/// ```
/// use std::time::Duration;
/// use usage_client::RetryPolicy;
///
/// // Longer than ten minutes would need a longer `ClientBuilder::timeout` too.
/// let patient = RetryPolicy::default().with_max_attempts(20).with_max_elapsed(Duration::from_secs(600));
/// let never = RetryPolicy::none();
/// # assert_ne!(patient, never);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many times a request is sent at most. 10: with the other defaults, a minute or two of a failing service.
    pub max_attempts: u32,
    /// No attempt begins later than this after the first. 5 minutes: what Genesys's own guidance retries 5xx for.
    pub max_elapsed: Duration,
    /// Upper bound of the first wait. 1 s: a hiccup is over by then.
    pub initial_backoff: Duration,
    /// Upper bound of every wait. 30 s: a service that came back is noticed soon.
    pub max_backoff: Duration,
    /// A longer `Retry-After` fails the call at once. 180 s: longer ones are daily limits, and waiting would look like
    /// a hang.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 10,
            max_elapsed: Duration::from_secs(300),
            initial_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(30),
            max_retry_after: Duration::from_secs(180),
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once. A refused token is still renewed.
    pub fn none() -> Self {
        Self::default().with_max_attempts(1)
    }

    /// Sets [`max_attempts`](Self::max_attempts); 0 counts as 1.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets [`max_elapsed`](Self::max_elapsed).
    #[must_use]
    pub fn with_max_elapsed(mut self, elapsed: Duration) -> Self {
        self.max_elapsed = elapsed;
        self
    }

    /// Sets [`initial_backoff`](Self::initial_backoff).
    #[must_use]
    pub fn with_initial_backoff(mut self, backoff: Duration) -> Self {
        self.initial_backoff = backoff;
        self
    }

    /// Sets [`max_backoff`](Self::max_backoff).
    #[must_use]
    pub fn with_max_backoff(mut self, backoff: Duration) -> Self {
        self.max_backoff = backoff;
        self
    }

    /// Sets [`max_retry_after`](Self::max_retry_after).
    #[must_use]
    pub fn with_max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// How long to wait after `made` attempts; `random` is between 0 and 1.
    fn backoff(&self, made: u32, retry_after: Option<Duration>, random: f64) -> Duration {
        let doubled = 2_u32
            .checked_pow(made.saturating_sub(1))
            .and_then(|factor| self.initial_backoff.checked_mul(factor));
        let bound = doubled.map_or(self.max_backoff, |bound| bound.min(self.max_backoff));
        let backoff = bound.mul_f64(random);
        match retry_after {
            // A little later than asked, each client by another little; and a zero is no reason to hammer.
            Some(asked) => asked
                .saturating_add(self.initial_backoff.min(asked / 10).mul_f64(random))
                .max(backoff),
            None => backoff,
        }
    }
}

/// An attempt that failed, and that another one follows: see
/// [`ClientBuilder::on_retry`](crate::ClientBuilder::on_retry).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Retry {
    /// What the attempt met, in a word or two: `503`, `no connection`, `timeout` …
    pub reason: &'static str,
    /// How many attempts have been made.
    pub attempts: u32,
    /// Time until the next one.
    pub wait: Duration,
}

/// Told of each retry.
#[derive(Clone)]
pub(crate) struct OnRetry(pub(crate) Arc<dyn Fn(&Retry) + Send + Sync>);

impl fmt::Debug for OnRetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnRetry")
    }
}

/// What is wrong with an outcome that is worth another attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Transient {
    pub(crate) reason: &'static str,
    pub(crate) retry_after: Option<Duration>,
}

/// Whether an outcome is worth another attempt. `retry_500`: also after an internal error of the service.
pub(crate) fn transient(outcome: &Result<impl Answer, Error>, retry_500: bool) -> Option<Transient> {
    match outcome {
        Ok(answer) => {
            let parts = answer.parts();
            let reason = transient_status(parts.status, retry_500)?;
            Some(Transient {
                reason,
                retry_after: retry_after(&parts.headers),
            })
        }
        Err(error) => transient_error(error),
    }
}

/// Whether an error, of a call that only reads or of a login, is worth another attempt.
pub(crate) fn transient_error(error: &Error) -> Option<Transient> {
    let reason = match error.kind() {
        Kind::Connect => "no connection",
        Kind::Timeout => "timeout",
        Kind::CutBody => "cut body",
        Kind::LoginThrottled => "login throttled",
        Kind::Status => transient_status(error.status()?, true)?,
        _ => return None,
    };
    Some(Transient {
        reason,
        retry_after: error.retry_after(),
    })
}

fn transient_status(status: StatusCode, retry_500: bool) -> Option<&'static str> {
    match status {
        StatusCode::REQUEST_TIMEOUT => Some("408"),
        StatusCode::TOO_MANY_REQUESTS => Some("429"),
        StatusCode::BAD_GATEWAY => Some("502"),
        StatusCode::SERVICE_UNAVAILABLE => Some("503"),
        StatusCode::GATEWAY_TIMEOUT => Some("504"),
        StatusCode::INTERNAL_SERVER_ERROR if retry_500 => Some("500"),
        _ => None,
    }
}

/// The attempts of one call.
pub(crate) struct Attempts<'a> {
    policy: &'a RetryPolicy,
    budget: &'a Budget,
    started: Instant,
    /// No attempt begins later than this, whatever the policy says.
    deadline: Option<Instant>,
    made: u32,
    /// What the attempt before the one under way met, and which one it was.
    met: Option<(u32, Error)>,
    on_retry: Option<&'a OnRetry>,
    random: fn() -> f64,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(
        policy: &'a RetryPolicy,
        budget: &'a Budget,
        started: Instant,
        deadline: Option<Instant>,
    ) -> Self {
        Self {
            policy,
            budget,
            started,
            deadline,
            made: 0,
            met: None,
            on_retry: None,
            random: fastrand::f64,
        }
    }

    /// Tells of each retry.
    pub(crate) fn told_to(mut self, on_retry: Option<&'a OnRetry>) -> Self {
        self.on_retry = on_retry;
        self
    }

    /// How many attempts have begun.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    /// Keeps what an attempt met, for the error that tells of the time that is up.
    pub(crate) fn note(&mut self, met: Error) {
        self.met = Some((self.made, met));
    }

    /// What the attempt before the one under way met.
    pub(crate) fn take_met(&mut self) -> Option<(u32, Error)> {
        self.met.take()
    }

    /// Counts an attempt that begins.
    pub(crate) fn begin(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    /// Waits for the next attempt. False, at once, if there is none: the outcome at hand is the last.
    pub(crate) async fn pause(&mut self, transient: Transient) -> bool {
        let refusal = if self.made >= self.policy.max_attempts {
            "no attempt left"
        } else if transient
            .retry_after
            .is_some_and(|wait| wait > self.policy.max_retry_after)
        {
            "the wait asked for is too long"
        } else {
            let turn = self.budget.take();
            let wait = self
                .policy
                .backoff(self.made, transient.retry_after, (self.random)())
                .max(turn.wait);
            if self.ends_after(wait) {
                tracing::debug!(attempt = self.made, reason = transient.reason, backoff = ?wait, "sending again after a wait");
                if let Some(OnRetry(tell)) = self.on_retry {
                    tell(&Retry {
                        reason: transient.reason,
                        attempts: self.made,
                        wait,
                    });
                }
                tokio::time::sleep(wait).await;
                turn.use_up();
                return true;
            }
            "the next attempt would be too late"
        };
        tracing::debug!(
            attempt = self.made,
            reason = transient.reason,
            refusal,
            "not sending again"
        );
        false
    }

    /// Whether an attempt may still begin after a wait.
    fn ends_after(&self, wait: Duration) -> bool {
        let ends = self
            .started
            .checked_add(self.policy.max_elapsed)
            .into_iter()
            .chain(self.deadline)
            .min();
        let wakes = Instant::now().checked_add(wait);
        ends.is_none_or(|end| wakes.is_some_and(|wakes| wakes <= end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts<'a>(policy: &'a RetryPolicy, budget: &'a Budget) -> Attempts<'a> {
        Attempts {
            random: || 1.0,
            ..Attempts::new(policy, budget, Instant::now(), None)
        }
    }

    fn without_retry_after() -> Transient {
        Transient {
            reason: "503",
            retry_after: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_bound_of_the_wait_doubles_up_to_the_cap_until_attempts_are_used_up() {
        let (policy, budget) = (RetryPolicy::default().with_max_attempts(8), Budget::new());
        let mut attempts = attempts(&policy, &budget);
        let mut waits = Vec::new();
        loop {
            attempts.begin();
            let before = Instant::now();
            if !attempts.pause(without_retry_after()).await {
                break;
            }
            waits.push(before.elapsed().as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_attempt_begins_after_the_time_is_up() {
        let policy = RetryPolicy::default().with_max_elapsed(Duration::from_secs(10));
        let budget = Budget::new();
        let mut attempts = attempts(&policy, &budget);
        let started = Instant::now();
        while {
            attempts.begin();
            attempts.pause(without_retry_after()).await
        } {}
        assert_eq!((attempts.made, started.elapsed().as_secs()), (4, 7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_ends_the_attempts_before_the_policy_does() {
        let (policy, budget) = (RetryPolicy::default(), Budget::new());
        let deadline = Some(Instant::now() + Duration::from_secs(5));
        let mut attempts = Attempts {
            deadline,
            ..attempts(&policy, &budget)
        };
        while {
            attempts.begin();
            attempts.pause(without_retry_after()).await
        } {}
        assert_eq!(attempts.made, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_never_undercut_and_too_long_a_one_ends_at_once() {
        let (policy, budget) = (RetryPolicy::default(), Budget::new());
        for (asked, goes_on) in [(7, true), (180, true), (181, false), (7200, false)] {
            let asked = Duration::from_secs(asked);
            let mut attempts = attempts(&policy, &budget);
            attempts.begin();
            let before = Instant::now();
            let transient = Transient {
                reason: "429",
                retry_after: Some(asked),
            };
            assert_eq!(attempts.pause(transient).await, goes_on);
            assert_eq!(before.elapsed() >= asked, goes_on);
            assert!(before.elapsed() <= asked + policy.initial_backoff);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fails_the_budget_slows_everyone_down() {
        let policy = RetryPolicy::default().with_initial_backoff(Duration::ZERO);
        let budget = Budget::new();
        let started = Instant::now();
        for _ in 0..100 {
            let mut attempts = attempts(&policy, &budget);
            attempts.begin();
            assert!(attempts.pause(without_retry_after()).await);
        }
        // 50 at once, the other 50 at 5 a second.
        assert_eq!(started.elapsed().as_secs(), 10);
    }

    #[test]
    fn a_wait_of_zero_is_no_reason_to_hammer() {
        let policy = RetryPolicy::default();
        assert_eq!(
            policy.backoff(3, Some(Duration::ZERO), 1.0),
            Duration::from_secs(4)
        );
        assert_eq!(policy.backoff(1, Some(Duration::MAX), 1.0), Duration::MAX);
    }

    proptest::proptest! {
        #[test]
        fn no_wait_is_over_its_bound(made in 1_u32..1000, random in 0.0_f64..=1.0) {
            let policy = RetryPolicy::default();
            proptest::prop_assert!(policy.backoff(made, None, random) <= policy.max_backoff);
        }
    }
}
