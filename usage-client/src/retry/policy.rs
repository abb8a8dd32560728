//! The retry policy, and the report of a retry.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::fields::{duration, setters::setters};

/// When a failed request is sent again, and how long the wait before is.
///
/// Retried are failed connections, timeouts, cut bodies, and the statuses 408, 429, 502, 503 and 504. Reading results
/// is also retried after a 500. Submitting is retried too: a query changes nothing, so the service computes it twice
/// at worst.
///
/// All calls of a client share a budget: 50 retries at once and 5 a second, and half a one for each success. When
/// everything fails, retries slow down, so that many tasks do not overload the service.
///
/// The wait is never shorter than a `Retry-After`. Without that header it is random, up to an upper bound that
/// doubles with each attempt ("full jitter"), so that many clients do not come back at the same moment.
///
/// ```
/// use std::time::Duration;
/// use usage_client::RetryPolicy;
///
/// // Longer than ten minutes would need a longer `ClientBuilder::timeout` too.
/// let patient = RetryPolicy::default().with_max_attempts(20).with_deadline(Duration::from_secs(600));
/// let never = RetryPolicy::none();
/// # assert_ne!(patient, never);
/// ```
///
/// With serde, like all policies: missing fields have their defaults, unknown fields are refused, and a duration is a
/// string such as `90s`, `1.5s` or `15m`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many times a request is sent at most. 10: with the other defaults, that covers a minute or two of a
    /// failing service.
    pub max_attempts: u32,
    /// Upper bound of the first wait. 1 s: a short disturbance is over by then.
    #[serde(with = "duration")]
    pub initial_wait: Duration,
    /// Upper bound of every wait. 30 s: a service that is back is noticed soon.
    #[serde(with = "duration")]
    pub max_wait: Duration,
    /// No attempt begins later than this after the first. 5 minutes: Genesys's guidance retries 5xx that long.
    #[serde(with = "duration")]
    pub deadline: Duration,
    /// A longer `Retry-After` fails the call at once. 180 s: longer waits are daily limits, and would look like a
    /// hang.
    #[serde(with = "duration")]
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 10,
            initial_wait: Duration::from_secs(1),
            max_wait: Duration::from_secs(30),
            deadline: Duration::from_secs(300),
            max_retry_after: Duration::from_secs(180),
        }
    }
}

impl RetryPolicy {
    /// Sends every request once. A refused token is still replaced.
    ///
    /// With [`Client::with_retry`](crate::Client::with_retry), the login still retries as the client was built to.
    /// With [`ClientBuilder::retry`](crate::ClientBuilder::retry), it does not.
    pub fn none() -> Self {
        Self::default().with_max_attempts(1)
    }

    /// Sets [`max_attempts`](Self::max_attempts). 0 counts as 1.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    setters! {
        with_initial_wait(initial_wait: Duration);
        with_max_wait(max_wait: Duration);
        with_deadline(deadline: Duration);
        with_max_retry_after(max_retry_after: Duration);
    }

    /// How long to wait after `made` attempts. `random` is from 0 to 1.
    pub(super) fn backoff(&self, made: u32, retry_after: Option<Duration>, random: f64) -> Duration {
        let doubled = 2_u32
            .checked_pow(made.saturating_sub(1))
            .and_then(|factor| self.initial_wait.checked_mul(factor));
        let bound = doubled.map_or(self.max_wait, |bound| bound.min(self.max_wait));
        let backoff = bound.mul_f64(random);
        match retry_after {
            // Each client waits a different time longer than asked. A `Retry-After` of 0 still means a backoff.
            Some(asked) => asked
                .saturating_add(self.initial_wait.min(asked / 10).mul_f64(random))
                .max(backoff),
            None => backoff,
        }
    }
}

/// A failed attempt that is followed by another one. See [`ClientBuilder::on_retry`](crate::ClientBuilder::on_retry).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Retry {
    /// Why the attempt failed, in a word or two: `503`, `no connection`, `timeout` …
    pub reason: &'static str,
    /// How many attempts have been made.
    pub attempts: u32,
    /// Time until the next one.
    pub wait: Duration,
}

/// The callback for retries.
#[derive(Clone)]
pub(crate) struct OnRetry(pub(crate) Arc<dyn Fn(&Retry) + Send + Sync>);

impl fmt::Debug for OnRetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnRetry")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            proptest::prop_assert!(policy.backoff(made, None, random) <= policy.max_wait);
        }
    }
}
