//! What a person sees while waiting, on the standard error of a terminal; nothing elsewhere.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{
    HumanBytes, HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};
use usage_client::{RowBatch, Waiting};

use crate::{
    args::again,
    connection::Organization,
    screen::Screen,
    terminal::Terminal,
    text::{counted, visible},
};

/// How often a line is drawn anew: its times go on while nothing else happens.
const TICK: Duration = Duration::from_millis(100);

/// The commands that go on with what this process waits for, if it is interrupted.
static UNDER_WAY: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The lines of all organizations.
#[derive(Clone)]
pub(crate) struct Progress {
    lines: MultiProgress,
    unicode: bool,
}

/// One organization's line. It goes away with this.
pub(crate) struct Line {
    bar: ProgressBar,
    doing: Arc<Mutex<Doing>>,
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

    pub(crate) fn line(&self, profile: Option<&str>) -> Line {
        let bar = self.lines.add(ProgressBar::new_spinner());
        let ticks = if self.unicode {
            "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "
        } else {
            "|/-\\ "
        };
        let doing = Arc::new(Mutex::new(Doing {
            name: profile
                .map(|name| format!("{}: ", visible(name)))
                .unwrap_or_default(),
            since: Instant::now(),
            what: What::Submitting,
        }));
        let shown = Arc::clone(&doing);
        let style = ProgressStyle::default_spinner().tick_chars(ticks).with_key(
            "doing",
            move |_: &ProgressState, line: &mut dyn fmt::Write| {
                let doing = shown.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = write!(line, "{}", doing.at(Instant::now()));
            },
        );
        bar.set_style(
            style
                .template("{spinner} {doing}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(TICK);
        Line { bar, doing }
    }
}

impl Doing {
    /// The line at a moment.
    fn at(&self, now: Instant) -> String {
        let Self { name, since, what } = self;
        let elapsed = now.saturating_duration_since(*since).as_secs_f64();
        match what {
            What::Submitting => format!("{name}submitting, {elapsed:.1} s"),
            What::Submitted => format!("{name}submitted, {elapsed:.1} s"),
            What::Waiting { state, polls, next } => {
                let asked = if *polls == 1 {
                    "once".to_owned()
                } else {
                    counted(polls, "time")
                };
                let left = next.saturating_duration_since(now).as_secs_f64();
                let again = match left {
                    0.0 => "now".to_owned(),
                    left => format!("in {left:.1} s"),
                };
                format!("{name}{state} for {elapsed:.1} s; asked {asked}, again {again}")
            }
            What::Receiving { rows, bytes } => format!(
                "{name}{} {}, {}, {elapsed:.1} s",
                HumanCount(*rows),
                if *rows == 1 { "row" } else { "rows" },
                HumanBytes(*bytes)
            ),
        }
    }
}

impl Line {
    /// The query was submitted: from now on it can be resumed.
    pub(crate) fn submitted(&self, organization: &Organization, id: &str) {
        if !organization.is_demo
            && let Ok(mut under_way) = UNDER_WAY.lock()
        {
            under_way.push(again::results(id, true, &organization.options));
        }
        self.set(|_| What::Submitted);
    }

    /// What to call on each poll that found the query not done.
    pub(crate) fn on_waiting(&self) -> impl FnMut(&Waiting) + Send + 'static {
        let doing = Arc::clone(&self.doing);
        move |waiting| {
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
                state: visible(&state).into_owned(),
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
        let mut doing = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
        doing.what = what(&doing.what);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How to fetch the results of the executions under way later.
pub(crate) fn resume_commands() -> Vec<String> {
    UNDER_WAY.lock().map(|list| list.clone()).unwrap_or_default()
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
        let after = |doing: &Doing, milliseconds| doing.at(since + Duration::from_millis(milliseconds));
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
}
