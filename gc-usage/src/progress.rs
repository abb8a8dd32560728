//! The lines that show progress on a terminal.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, ProgressBar, ProgressState, ProgressStyle};
use usage_client::{Retry, RowBatch, Waiting};

use crate::text::{counted, escape_control, prefix};

/// How often a line is drawn, so that its times advance while nothing else happens.
const TICK: Duration = Duration::from_millis(100);

/// The retry that a client waits for, if there is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct RetryStatus(Arc<Mutex<Option<NextAttempt>>>);

/// The next attempt, and the reason why the one before it failed.
#[derive(Clone, Copy, Debug)]
struct NextAttempt {
    reason: &'static str,
    attempt: u32,
    at: Instant,
}

/// The line of one organization. Dropping it clears the line.
pub(crate) struct ProgressLine {
    bar: ProgressBar,
    activity: Arc<Mutex<Activity>>,
    retry: RetryStatus,
}

/// What a line shows. Times are computed when it is drawn.
#[derive(Clone, Debug)]
struct Activity {
    name: String,
    since: Instant,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    Submitting,
    /// The query was accepted, and has not been polled yet.
    Submitted,
    Waiting {
        state: String,
        polls: u32,
        next: Instant,
    },
    Receiving {
        rows: u64,
        bytes: u64,
    },
}

impl Activity {
    /// The line at this time.
    fn at(&self, now: Instant, retry: Option<NextAttempt>) -> String {
        let again = |at: Instant| match at.saturating_duration_since(now).as_secs_f64() {
            0.0 => "again now".to_owned(),
            left => format!("again in {left:.1} s"),
        };
        let Self { name, since, phase } = self;
        let elapsed = now.saturating_duration_since(*since).as_secs_f64();
        let line = match phase {
            Phase::Submitting => format!("{name}submitting, {elapsed:.1} s"),
            Phase::Submitted => format!("{name}submitted, {elapsed:.1} s"),
            Phase::Waiting { state, polls, next } => {
                let polled = if *polls == 1 {
                    "once".to_owned()
                } else {
                    counted(polls, "time")
                };
                format!(
                    "{name}{state} for {elapsed:.1} s; polled {polled}, {}",
                    again(*next)
                )
            }
            Phase::Receiving { rows, bytes } => format!(
                "{name}{}, {}, {elapsed:.1} s",
                counted(rows, "row"),
                HumanBytes(*bytes)
            ),
        };
        match (retry, phase) {
            (None, _) => line,
            (Some(NextAttempt { reason, attempt, at }), Phase::Submitting) => {
                format!("{name}submitting: {reason}, try {attempt}, {}", again(at))
            }
            (Some(NextAttempt { reason, attempt, at }), _) => {
                format!("{line}; {reason}, try {attempt}, {}", again(at))
            }
        }
    }
}

impl RetryStatus {
    /// The callback for each retry.
    pub(crate) fn on_retry(&self) -> impl Fn(&Retry) + Send + Sync + 'static {
        let status = self.clone();
        move |retry| {
            let next = NextAttempt {
                reason: retry.reason,
                attempt: retry.attempts + 1,
                at: Instant::now() + retry.wait,
            };
            *status.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(next);
        }
    }

    fn next(&self) -> Option<NextAttempt> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl ProgressLine {
    pub(crate) fn new(bar: ProgressBar, profile: Option<&str>, retry: RetryStatus, unicode: bool) -> Self {
        let ticks = if unicode {
            "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "
        } else {
            "|/-\\ "
        };
        let activity = Arc::new(Mutex::new(Activity {
            name: prefix(profile),
            since: Instant::now(),
            phase: Phase::Submitting,
        }));
        let shown = (Arc::clone(&activity), retry.clone());
        let style = ProgressStyle::default_spinner().tick_chars(ticks).with_key(
            "activity",
            move |_: &ProgressState, line: &mut dyn fmt::Write| {
                let activity = shown.0.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = write!(line, "{}", activity.at(Instant::now(), shown.1.next()));
            },
        );
        bar.set_style(
            style
                .template("{spinner} {activity}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(TICK);
        Self { bar, activity, retry }
    }

    pub(crate) fn submitted(&self) {
        self.set(|_| Phase::Submitted);
    }

    /// The callback for each poll after which the query is not complete.
    pub(crate) fn on_waiting<S: fmt::Display>(
        &self,
    ) -> impl Fn(&Waiting<S>) + Clone + Send + Sync + use<S> + 'static {
        let (activity, retry) = (Arc::clone(&self.activity), self.retry.clone());
        move |waiting| {
            retry.is_over();
            let state = match (&waiting.status, &waiting.poll_error) {
                (_, Some(error)) => format!("status unknown ({error})"),
                (Some(status), None) => status.to_string(),
                (None, None) => "no status yet".to_owned(),
            };
            let now = Instant::now();
            let mut activity = activity.lock().unwrap_or_else(PoisonError::into_inner);
            // The client counts from the start of the query.
            activity.since = now.checked_sub(waiting.elapsed).unwrap_or(now);
            activity.phase = Phase::Waiting {
                state: escape_control(&state).into_owned(),
                polls: waiting.polls,
                next: now + waiting.next_poll_in,
            };
        }
    }

    pub(crate) fn received(&self, batch: &RowBatch) {
        self.set(|before| {
            let (rows, bytes) = match before {
                Phase::Receiving { rows, bytes } => (*rows, *bytes),
                _ => (0, 0),
            };
            Phase::Receiving {
                rows: rows + batch.len() as u64,
                bytes: bytes + batch.bytes() as u64,
            }
        });
    }

    fn set(&self, phase: impl FnOnce(&Phase) -> Phase) {
        self.retry.is_over();
        let mut activity = self.activity.lock().unwrap_or_else(PoisonError::into_inner);
        activity.phase = phase(&activity.phase);
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_advance_between_two_responses() {
        let since = Instant::now();
        let mut activity = Activity {
            name: "acme: ".to_owned(),
            since,
            phase: Phase::Submitting,
        };
        let after = |activity: &Activity, milliseconds| {
            activity.at(since + Duration::from_millis(milliseconds), None)
        };
        assert_eq!(after(&activity, 0), "acme: submitting, 0.0 s");
        assert_eq!(after(&activity, 2_300), "acme: submitting, 2.3 s");
        let waiting = |polls| Phase::Waiting {
            state: "Running".to_owned(),
            polls,
            next: since + Duration::from_secs(15),
        };
        activity.phase = waiting(1);
        assert_eq!(
            after(&activity, 10_000),
            "acme: Running for 10.0 s; polled once, again in 5.0 s"
        );
        activity.phase = waiting(8);
        assert_eq!(
            after(&activity, 13_100),
            "acme: Running for 13.1 s; polled 8 times, again in 1.9 s"
        );
        assert_eq!(
            after(&activity, 16_000),
            "acme: Running for 16.0 s; polled 8 times, again now"
        );
        activity.phase = Phase::Receiving {
            rows: 1,
            bytes: 2_048,
        };
        assert_eq!(after(&activity, 500), "acme: 1 row, 2.00 KiB, 0.5 s");
    }

    #[test]
    fn a_retry_is_shown_until_the_next_response() {
        let since = Instant::now();
        let mut activity = Activity {
            name: String::new(),
            since,
            phase: Phase::Submitting,
        };
        let retry = NextAttempt {
            reason: "502",
            attempt: 3,
            at: since + Duration::from_secs(4),
        };
        let after =
            |activity: &Activity, seconds| activity.at(since + Duration::from_secs(seconds), Some(retry));
        assert_eq!(after(&activity, 2), "submitting: 502, try 3, again in 2.0 s");
        assert_eq!(after(&activity, 5), "submitting: 502, try 3, again now");
        activity.phase = Phase::Receiving {
            rows: 7,
            bytes: 2_048,
        };
        assert_eq!(
            after(&activity, 1),
            "7 rows, 2.00 KiB, 1.0 s; 502, try 3, again in 3.0 s"
        );
    }
}
