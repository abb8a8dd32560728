//! The attempts of one call.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    budget::Budget,
    policy::{OnRetry, Retry, RetryPolicy},
    transient::Transient,
};
use crate::error::Error;

/// The attempts of one call.
pub(crate) struct Attempts<'a> {
    policy: &'a RetryPolicy,
    budget: &'a Budget,
    started: Instant,
    /// No attempt begins later than this, whatever the policy says.
    deadline: Option<Instant>,
    made: u32,
    /// The number of the last attempt that failed, and its error.
    last_failure: Option<(u32, Error)>,
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
            last_failure: None,
            on_retry: None,
            random: fastrand::f64,
        }
    }

    /// Reports each retry to this callback.
    pub(crate) fn with_on_retry(mut self, on_retry: Option<&'a OnRetry>) -> Self {
        self.on_retry = on_retry;
        self
    }

    /// How many attempts have begun.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    /// Keeps the error of an attempt, which a timeout then names.
    pub(crate) fn record_failure(&mut self, failure: Error) {
        self.last_failure = Some((self.made, failure));
    }

    /// The number of the last attempt that failed, and its error.
    pub(crate) fn take_last_failure(&mut self) -> Option<(u32, Error)> {
        self.last_failure.take()
    }

    /// Counts an attempt that begins.
    pub(crate) fn begin(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    /// Waits for the next attempt. False, at once, if there is none: the outcome at hand is the last.
    pub(crate) async fn pause(&mut self, transient: Transient) -> bool {
        if self.policy.max_attempts <= 1 {
            // Nothing is given up.
            return false;
        }
        let refusal = if self.made >= self.policy.max_attempts {
            "no attempt left"
        } else if transient
            .retry_after
            .is_some_and(|wait| wait > self.policy.max_retry_after)
        {
            "the wait asked for is too long"
        } else {
            let permit = self.budget.take();
            let wait = self
                .policy
                .backoff(self.made, transient.retry_after, (self.random)())
                .max(permit.wait);
            if self.has_time_after(wait) {
                let (attempt, reason) = (self.made, transient.reason);
                match reason {
                    "429" | "login throttled" => {
                        tracing::warn!(attempt, reason, ?wait, "waiting for the rate limit");
                    }
                    _ => tracing::debug!(attempt, reason, ?wait, "sending again after a wait"),
                }
                if let Some(OnRetry(tell)) = self.on_retry {
                    tell(&Retry {
                        reason: transient.reason,
                        attempts: self.made,
                        wait,
                    });
                }
                tokio::time::sleep(wait).await;
                permit.use_up();
                return true;
            }
            "the next attempt would be too late"
        };
        tracing::warn!(
            attempt = self.made,
            reason = transient.reason,
            refusal,
            "not sending again"
        );
        false
    }

    /// Whether an attempt may still begin after a wait.
    fn has_time_after(&self, wait: Duration) -> bool {
        let ends = self
            .started
            .checked_add(self.policy.deadline)
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
        let policy = RetryPolicy::default().with_deadline(Duration::from_secs(10));
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
            assert!(before.elapsed() <= asked + policy.initial_wait);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fails_the_budget_slows_everyone_down() {
        let policy = RetryPolicy::default().with_initial_wait(Duration::ZERO);
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
}
