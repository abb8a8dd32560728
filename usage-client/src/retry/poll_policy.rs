//! When the results of a query are asked for.

use std::time::Duration;

/// The first poll may be at once, but no other: the service limits who asks without a pause.
const MIN_GROWN_WAIT: Duration = Duration::from_millis(250);

/// How often to ask for the results, and for how long.
///
/// The wait between two polls grows by half each time, so that results are noticed within a quarter of the query's own
/// running time on average, plus a second, and a long query is not asked for hard: the service limits who does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PollPolicy {
    /// Wait before the first poll, and between it and the second. 1 s: small queries are done by then.
    pub first: Duration,
    /// Longest wait between two polls. 15 s: seldom enough for the rate limit with many queries at once.
    pub longest: Duration,
    /// When to give up, from the start of waiting; the last poll is made a second before. 15 minutes; the query goes on running, and
    /// can be waited for again.
    pub deadline: Duration,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(15),
            deadline: Duration::from_secs(15 * 60),
        }
    }
}

impl PollPolicy {
    /// The wait that follows a wait.
    pub(crate) fn grown(&self, pause: Duration) -> Duration {
        let half_more = pause.saturating_add(pause / 2);
        half_more.max(MIN_GROWN_WAIT).min(self.longest)
    }

    /// Sets [`first`](Self::first).
    #[must_use]
    pub fn with_first(mut self, wait: Duration) -> Self {
        self.first = wait;
        self
    }

    /// Sets [`longest`](Self::longest).
    #[must_use]
    pub fn with_longest(mut self, wait: Duration) -> Self {
        self.longest = wait;
        self
    }

    /// Sets [`deadline`](Self::deadline).
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the polls are, in seconds.
    fn schedule(policy: &PollPolicy) -> impl Iterator<Item = f64> {
        let mut pause = policy.first;
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
            // For running times spread evenly between two polls.
            let (overshoot, running) = ((to - from) / 2.0, (from + to) / 2.0);
            assert!(overshoot <= running / 4.0 + 1.0, "{from} to {to}");
        }
    }

    #[test]
    fn an_immediate_first_poll_does_not_make_the_others_immediate() {
        let policy = PollPolicy::default().with_first(Duration::ZERO);
        let polls: Vec<_> = schedule(&policy).take(4).collect();
        assert_eq!(polls[0], 0.0);
        assert!(polls[1] >= 0.25 && polls[3] < 2.0, "{polls:?}");
        let policy = PollPolicy::default()
            .with_first(Duration::MAX)
            .with_longest(Duration::MAX);
        assert_eq!(policy.grown(Duration::MAX), Duration::MAX);
    }
}
