//! One wait for a query or job: when to poll, and when to give up.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    endpoint::Endpoint,
    progress::{OnProgress, Waiting},
    source::{Source, Submitted},
};
use crate::{
    error::{Error, Result},
    generated::client::Client,
    retry::transient::transient,
};

/// How long before the deadline the last poll is made.
const LAST_POLL: Duration = Duration::from_secs(1);

/// One wait for a query or job.
pub(super) struct Polling<K: Submitted = Endpoint> {
    /// A client whose calls end at the deadline.
    pub(super) client: Client,
    pub(super) source: Source<K>,
    started: Instant,
    deadline: Instant,
    /// When the last poll is made, so that its response arrives before the deadline.
    last_poll_at: Instant,
    pause: Duration,
    next: Instant,
    polls: u32,
    /// What the last poll found, for the error at the deadline.
    last: LastPoll<K::Status>,
}

struct LastPoll<S> {
    status: Option<S>,
    error: Option<Error>,
}

impl<K: Submitted> Polling<K> {
    pub(super) fn new(source: Source<K>) -> Self {
        let wait = source.polling.initial_wait;
        Self::after(source, wait)
    }

    /// A wait that polls at once.
    pub(super) fn at_once(source: Source<K>) -> Self {
        Self::after(source, Duration::ZERO)
    }

    fn after(source: Source<K>, wait: Duration) -> Self {
        let started = Instant::now();
        let policy = &source.polling;
        let deadline = after(started, policy.deadline);
        let last_poll_at = deadline - LAST_POLL.min((deadline - started) / 4);
        Self {
            client: source.client.with_deadline(deadline),
            started,
            deadline,
            last_poll_at,
            pause: policy.initial_wait,
            next: after(started, wait).min(last_poll_at),
            polls: 0,
            last: LastPoll {
                status: None,
                error: None,
            },
            source,
        }
    }

    /// Waits until it is time for the next poll.
    pub(super) async fn wait_for_next(&mut self) -> Result<()> {
        if self.polls == 0 {
            // An id that does not fit in a path is refused at once, not after the first wait.
            self.source.check_id()?;
        } else if self.next > self.last_poll_at {
            tokio::time::sleep_until(self.deadline).await;
            return Err(self.deadline_error());
        }
        // Even a wait until now takes a millisecond.
        if self.next > Instant::now() {
            tokio::time::sleep_until(self.next).await;
        }
        self.polls += 1;
        Ok(())
    }

    /// Whether there is time for another poll.
    pub(super) fn has_time(&self) -> bool {
        Instant::now() < self.last_poll_at
    }

    /// Records and reports a poll that did not find it complete. `outcome` is an error if the poll failed.
    /// Returns an error if waiting longer does not help.
    pub(super) fn not_done(&mut self, outcome: Result<Option<K::Status>>) -> Result<Waiting<K::Status>> {
        let mut asked_to_wait = Duration::ZERO;
        self.last = match outcome {
            Ok(status) => LastPoll { status, error: None },
            Err(error) => {
                let Some(asked) = self.wait_after(&error) else {
                    return Err(error.with_polls(self.polls));
                };
                asked_to_wait = asked;
                // The status before is more than nothing.
                LastPoll {
                    status: self.last.status.take(),
                    error: Some(error),
                }
            }
        };
        Ok(self.schedule(asked_to_wait))
    }

    /// How long a failed poll asks to wait. Nothing if the wait ends here.
    fn wait_after(&self, error: &Error) -> Option<Duration> {
        let asked = transient(error)?.retry_after.unwrap_or_default();
        (asked <= self.client.max_retry_after()).then_some(asked)
    }

    fn schedule(&mut self, asked_to_wait: Duration) -> Waiting<K::Status> {
        let now = Instant::now();
        let next = after(now, self.pause.max(asked_to_wait));
        // The next poll is just before the deadline at the latest. There is none after that, or if the service asks
        // for a longer wait.
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
            status = waiting.status.as_ref().map(ToString::to_string),
            "the {} is not complete",
            K::NOUN
        );
        self.pause = self.source.polling.grown(self.pause);
        if let Some(OnProgress(report)) = &self.source.on_progress {
            report(&waiting);
        }
        waiting
    }

    fn deadline_error(&mut self) -> Error {
        Error::deadline(
            [K::NOUN, K::ID],
            &self.source.id,
            self.started.elapsed(),
            self.polls,
            self.last.status.as_ref().map(ToString::to_string),
            self.last.error.take(),
        )
    }
}

/// `start` and `wait` added, or the latest time that the clock can hold.
fn after(start: Instant, wait: Duration) -> Instant {
    start
        .checked_add(wait)
        .unwrap_or_else(|| start + Duration::from_secs(u32::MAX.into()))
}
