//! When the results of a query are polled.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fields::{duration, setters::setters};

/// The first poll may be at once, but the others may not: the service limits clients that poll without a pause.
const MIN_GROWN_WAIT: Duration = Duration::from_millis(250);

/// How often to poll for the results, and for how long.
///
/// The wait between two polls grows by half each time. On average, results are noticed after a quarter of the query's
/// running time plus a second. Long queries are polled rarely, because the service limits requests.
///
/// With serde like a [`RetryPolicy`](crate::RetryPolicy).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PollPolicy {
    /// Wait before the first poll, and between the first and the second. 1 s: small queries are done by then.
    #[serde(with = "duration")]
    pub initial_wait: Duration,
    /// Longest wait between two polls. 15 s: with many queries at once, that keeps within the rate limit.
    #[serde(with = "duration")]
    pub max_wait: Duration,
    /// When to give up, from the start of waiting. The last poll is made a second before. 15 minutes. The query
    /// continues, and you can wait for it again.
    #[serde(with = "duration")]
    pub deadline: Duration,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            initial_wait: Duration::from_secs(1),
            max_wait: Duration::from_secs(15),
            deadline: Duration::from_secs(15 * 60),
        }
    }
}

impl PollPolicy {
    setters! {
        with_initial_wait(initial_wait: Duration);
        with_max_wait(max_wait: Duration);
        with_deadline(deadline: Duration);
    }

    /// The wait after a wait.
    pub(crate) fn grown(&self, pause: Duration) -> Duration {
        let half_more = pause.saturating_add(pause / 2);
        half_more.max(MIN_GROWN_WAIT).min(self.max_wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the polls are, in seconds.
    fn schedule(policy: &PollPolicy) -> impl Iterator<Item = f64> {
        let mut pause = policy.initial_wait;
        let mut at = 0.0;
        std::iter::from_fn(move || {
            at += pause.as_secs_f64();
            pause = policy.grown(pause);
            Some(at)
        })
    }

    #[test]
    fn polls_begin_soon_and_grow_to_the_cap() {
        let polls: Vec<_> = schedule(&PollPolicy::default())
            .take(9)
            .map(|at| (at * 100.0).round() / 100.0)
            .collect();
        assert_eq!(polls, [1.0, 2.5, 4.75, 8.13, 13.19, 20.78, 32.17, 47.17, 62.17]);
    }

    #[test]
    fn the_expected_overshoot_is_at_most_a_quarter_of_the_running_time_and_a_second() {
        let polls: Vec<_> = schedule(&PollPolicy::default()).take(200).collect();
        for (from, to) in std::iter::once(0.0).chain(polls.iter().copied()).zip(&polls) {
            // For running times distributed evenly between two polls.
            let (overshoot, running) = ((to - from) / 2.0, (from + to) / 2.0);
            assert!(overshoot <= running / 4.0 + 1.0, "{from} to {to}");
        }
    }

    #[test]
    fn an_immediate_first_poll_does_not_make_the_others_immediate() {
        let policy = PollPolicy::default().with_initial_wait(Duration::ZERO);
        let polls: Vec<_> = schedule(&policy).take(4).collect();
        assert_eq!(polls[0], 0.0);
        assert!(polls[1] >= 0.25 && polls[3] < 2.0, "{polls:?}");
        let policy = PollPolicy::default()
            .with_initial_wait(Duration::MAX)
            .with_max_wait(Duration::MAX);
        assert_eq!(policy.grown(Duration::MAX), Duration::MAX);
    }
}
