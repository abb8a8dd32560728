//! What a person sees while waiting, on the standard error of a terminal; nothing elsewhere.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{
    HumanBytes, HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};
use usage_client::{Retry, RowBatch, Waiting};

use crate::{
    screen::Screen,
    terminal::Terminal,
    text::{counted, escape_control},
};

/// How often a line is drawn anew: its times go on while nothing else happens.
const TICK: Duration = Duration::from_millis(100);

/// The lines of all organizations.
#[derive(Clone)]
pub(crate) struct Progress {
    lines: MultiProgress,
    unicode: bool,
}

/// The retry that a client waits for, if it does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retrying(Arc<Mutex<Option<Next>>>);

/// The next attempt: what the one before met, which it is, and when.
#[derive(Clone, Copy, Debug)]
struct Next {
    met: &'static str,
    attempt: u32,
    at: Instant,
}

/// One organization's line. It goes away with this.
pub(crate) struct Line {
    bar: ProgressBar,
    doing: Arc<Mutex<Doing>>,
    retrying: Retrying,
}

/// What a line tells; how long it takes is computed when it is drawn.
#[derive(Clone, Debug)]
struct Doing {
    name: String,
    since: Instant,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Submitting,
    /// The query was accepted, and has not been asked for yet.
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

impl Progress {
    pub(crate) fn new(screen: &Screen) -> Self {
        let target = if screen.watched {
            ProgressDrawTarget::term_like(Box::new(Terminal::default()))
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            lines: MultiProgress::with_draw_target(target),
            unicode: screen.unicode,
        }
    }

    /// A line for one organization, with its profile's name where several are asked.
    pub(crate) fn line(&self, profile: Option<&str>, retrying: Retrying) -> Line {
        let bar = self.lines.add(ProgressBar::new_spinner());
        let ticks = if self.unicode {
            "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "
        } else {
            "|/-\\ "
        };
        let doing = Arc::new(Mutex::new(Doing {
            name: profile
                .map(|name| format!("{}: ", escape_control(name)))
                .unwrap_or_default(),
            since: Instant::now(),
            what: What::Submitting,
        }));
        let shown = (Arc::clone(&doing), retrying.clone());
        let style = ProgressStyle::default_spinner().tick_chars(ticks).with_key(
            "doing",
            move |_: &ProgressState, line: &mut dyn fmt::Write| {
                let doing = shown.0.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = write!(line, "{}", doing.at(Instant::now(), shown.1.next()));
            },
        );
        bar.set_style(
            style
                .template("{spinner} {doing}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(TICK);
        Line { bar, doing, retrying }
    }
}

impl Doing {
    /// The line at a moment.
    fn at(&self, now: Instant, retry: Option<Next>) -> String {
        let again = |at: Instant| match at.saturating_duration_since(now).as_secs_f64() {
            0.0 => "again now".to_owned(),
            left => format!("again in {left:.1} s"),
        };
        let Self { name, since, what } = self;
        let elapsed = now.saturating_duration_since(*since).as_secs_f64();
        let line = match what {
            What::Submitting => format!("{name}submitting, {elapsed:.1} s"),
            What::Submitted => format!("{name}submitted, {elapsed:.1} s"),
            What::Waiting { state, polls, next } => {
                let asked = if *polls == 1 {
                    "once".to_owned()
                } else {
                    counted(polls, "time")
                };
                format!(
                    "{name}{state} for {elapsed:.1} s; asked {asked}, {}",
                    again(*next)
                )
            }
            What::Receiving { rows, bytes } => format!(
                "{name}{} {}, {}, {elapsed:.1} s",
                HumanCount(*rows),
                if *rows == 1 { "row" } else { "rows" },
                HumanBytes(*bytes)
            ),
        };
        match (retry, what) {
            (None, _) => line,
            (Some(Next { met, attempt, at }), What::Submitting) => {
                format!("{name}submitting: {met}, try {attempt}, {}", again(at))
            }
            (Some(Next { met, attempt, at }), _) => format!("{line}; {met}, try {attempt}, {}", again(at)),
        }
    }
}

impl Retrying {
    /// What to call on each retry.
    pub(crate) fn on_retry(&self) -> impl Fn(&Retry) + Send + Sync + 'static {
        let retrying = self.clone();
        move |retry| {
            let next = Next {
                met: retry.reason,
                attempt: retry.attempts + 1,
                at: Instant::now() + retry.wait,
            };
            *retrying.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(next);
        }
    }

    fn next(&self) -> Option<Next> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Line {
    pub(crate) fn submitted(&self) {
        self.set(|_| What::Submitted);
    }

    /// What to call on each poll that found the query not done.
    pub(crate) fn on_waiting(&self) -> impl FnMut(&Waiting) + Send + 'static {
        let (doing, retrying) = (Arc::clone(&self.doing), self.retrying.clone());
        move |waiting| {
            retrying.is_over();
            let state = match (&waiting.status, &waiting.poll_error) {
                (_, Some(error)) => format!("the service did not tell ({error})"),
                (Some(status), None) => status.to_string(),
                (None, None) => "no status yet".to_owned(),
            };
            let now = Instant::now();
            let mut doing = doing.lock().unwrap_or_else(PoisonError::into_inner);
            // What the client counts begins with the query.
            doing.since = now.checked_sub(waiting.elapsed).unwrap_or(now);
            doing.what = What::Waiting {
                state: escape_control(&state).into_owned(),
                polls: waiting.polls,
                next: now + waiting.next_poll_in,
            };
        }
    }

    pub(crate) fn received(&self, batch: &RowBatch) {
        self.set(|before| {
            let (rows, bytes) = match before {
                What::Receiving { rows, bytes } => (*rows, *bytes),
                _ => (0, 0),
            };
            What::Receiving {
                rows: rows + batch.len() as u64,
                bytes: bytes + batch.bytes() as u64,
            }
        });
    }

    fn set(&self, what: impl FnOnce(&What) -> What) {
        self.retrying.is_over();
        let mut doing = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
        doing.what = what(&doing.what);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_on_between_two_answers() {
        let since = Instant::now();
        let mut doing = Doing {
            name: "acme: ".to_owned(),
            since,
            what: What::Submitting,
        };
        let after = |doing: &Doing, milliseconds| doing.at(since + Duration::from_millis(milliseconds), None);
        assert_eq!(after(&doing, 0), "acme: submitting, 0.0 s");
        assert_eq!(after(&doing, 2_300), "acme: submitting, 2.3 s");
        let waiting = |polls| What::Waiting {
            state: "Running".to_owned(),
            polls,
            next: since + Duration::from_secs(15),
        };
        doing.what = waiting(1);
        assert_eq!(
            after(&doing, 10_000),
            "acme: Running for 10.0 s; asked once, again in 5.0 s"
        );
        doing.what = waiting(8);
        assert_eq!(
            after(&doing, 13_100),
            "acme: Running for 13.1 s; asked 8 times, again in 1.9 s"
        );
        assert_eq!(
            after(&doing, 16_000),
            "acme: Running for 16.0 s; asked 8 times, again now"
        );
        doing.what = What::Receiving {
            rows: 1,
            bytes: 2_048,
        };
        assert_eq!(after(&doing, 500), "acme: 1 row, 2.00 KiB, 0.5 s");
    }

    #[test]
    fn a_retry_is_told_of_until_something_comes() {
        let since = Instant::now();
        let mut doing = Doing {
            name: String::new(),
            since,
            what: What::Submitting,
        };
        let retry = Next {
            met: "502",
            attempt: 3,
            at: since + Duration::from_secs(4),
        };
        let after = |doing: &Doing, seconds| doing.at(since + Duration::from_secs(seconds), Some(retry));
        assert_eq!(after(&doing, 2), "submitting: 502, try 3, again in 2.0 s");
        assert_eq!(after(&doing, 5), "submitting: 502, try 3, again now");
        doing.what = What::Receiving {
            rows: 7,
            bytes: 2_048,
        };
        assert_eq!(
            after(&doing, 1),
            "7 rows, 2.00 KiB, 1.0 s; 502, try 3, again in 3.0 s"
        );
    }
}
