//! When to ask for a query's results: the policy, and one wait under way.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    error::{Error, Result},
    generated::{
        client::Client,
        types::{ExecutionId, QueryStatus},
    },
    retry::transient::transient_error,
};

/// How long before the deadline the last poll is made.
const LAST_POLL: Duration = Duration::from_secs(1);
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
    fn grown(&self, pause: Duration) -> Duration {
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

/// A query that is not done yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Waiting {
    /// How many polls were made.
    pub polls: u32,
    /// Time since the waiting began.
    pub elapsed: Duration,
    /// Time until the next poll.
    pub next_poll_in: Duration,
    /// What the service said; nothing if it named no status or the poll failed.
    pub status: Option<QueryStatus>,
    /// Why the poll failed, if it did. It is no failure of the query: the next poll may go through.
    pub poll_error: Option<Error>,
}

/// One wait under way.
pub(crate) struct Polling<'a> {
    /// Asks no later than the deadline.
    pub(crate) client: Client,
    id: &'a str,
    policy: &'a PollPolicy,
    started: Instant,
    deadline: Instant,
    /// When the last poll is made, so that it can be answered before the deadline.
    last_poll_at: Instant,
    pause: Duration,
    next: Instant,
    polls: u32,
    /// What the last poll came to, for the error at the deadline.
    last: LastPoll,
}

#[derive(Default)]
struct LastPoll {
    status: Option<QueryStatus>,
    error: Option<Error>,
}

impl<'a> Polling<'a> {
    pub(crate) fn new(client: &Client, id: &'a str, policy: &'a PollPolicy) -> Self {
        let started = Instant::now();
        let deadline = after(started, policy.deadline);
        let last_poll_at = deadline - LAST_POLL.min((deadline - started) / 4);
        Self {
            client: client.with_deadline(deadline),
            id,
            policy,
            started,
            deadline,
            last_poll_at,
            pause: policy.first,
            next: after(started, policy.first).min(last_poll_at),
            polls: 0,
            last: LastPoll::default(),
        }
    }

    /// Waits until it is time for the next poll.
    pub(crate) async fn wait_for_next(&mut self) -> Result<()> {
        if self.polls == 0 {
            // What no path can hold is refused at once, not after the first wait.
            let id = self.id.parse::<ExecutionId>();
            id.map_err(|reason| Error::invalid_request(format!("execution_id `{}`: {reason}", self.id)))?;
        } else if self.next > self.last_poll_at {
            tokio::time::sleep_until(self.deadline).await;
            return Err(self.deadline_error());
        }
        // Even a wait until now takes the clock's millisecond.
        if self.next > Instant::now() {
            tokio::time::sleep_until(self.next).await;
        }
        self.polls += 1;
        Ok(())
    }

    /// Whether there is time for another poll.
    pub(crate) fn has_time(&self) -> bool {
        Instant::now() < self.last_poll_at
    }

    /// Takes note of a poll that did not find the query complete; that it failed is an error. An error if waiting longer
    /// will not help.
    pub(crate) fn not_done(&mut self, outcome: Result<Option<QueryStatus>>) -> Result<Waiting> {
        let mut asked_to_wait = Duration::ZERO;
        self.last = match outcome {
            Ok(status) => LastPoll { status, error: None },
            Err(error) => {
                asked_to_wait = self.wait_after(&error).ok_or_else(|| error.clone())?;
                // What the service said before still tells more than nothing.
                LastPoll {
                    status: self.last.status.take(),
                    error: Some(error),
                }
            }
        };
        Ok(self.schedule(asked_to_wait))
    }

    /// How long a failed poll asks to wait; nothing if the wait ends with it.
    fn wait_after(&self, error: &Error) -> Option<Duration> {
        let asked = transient_error(error)?.retry_after.unwrap_or_default();
        (asked <= self.client.max_retry_after()).then_some(asked)
    }

    fn schedule(&mut self, asked_to_wait: Duration) -> Waiting {
        let now = Instant::now();
        let next = after(now, self.pause.max(asked_to_wait));
        // One more poll just before the deadline, unless this was it or the service asks for a longer wait.
        let was_last = !self.has_time() || after(now, asked_to_wait) > self.last_poll_at;
        self.next = if was_last {
            after(self.deadline, LAST_POLL)
        } else {
            next.min(self.last_poll_at)
        };
        let waiting = Waiting {
            polls: self.polls,
            elapsed: now - self.started,
            next_poll_in: self.next.saturating_duration_since(now),
            status: self.last.status.clone().filter(|_| self.last.error.is_none()),
            poll_error: self.last.error.clone(),
        };
        tracing::debug!(
            polls = waiting.polls,
            elapsed = ?waiting.elapsed,
            next_poll_in = ?waiting.next_poll_in,
            status = waiting.status.as_ref().map(QueryStatus::as_str),
            "the query is not done"
        );
        self.pause = self.policy.grown(self.pause);
        waiting
    }

    fn deadline_error(&mut self) -> Error {
        let last = std::mem::take(&mut self.last);
        Error::deadline(
            self.id,
            self.started.elapsed(),
            self.polls,
            last.status.as_ref(),
            last.error,
        )
    }
}

/// That much later, or as late as the clock reaches.
fn after(start: Instant, wait: Duration) -> Instant {
    start
        .checked_add(wait)
        .unwrap_or_else(|| start + Duration::from_secs(u32::MAX.into()))
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
