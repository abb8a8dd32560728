//! What a person sees while waiting, on the standard error of a terminal; nothing elsewhere.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use usage_client::{RowBatch, Waiting};

use crate::{connection::Organization, screen::Screen};

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
    name: String,
    started: Instant,
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    pub(crate) fn new(screen: &Screen) -> Self {
        let target = if screen.watched {
            ProgressDrawTarget::stderr()
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
        bar.set_style(ProgressStyle::default_spinner().tick_chars(ticks));
        let name = profile.map(|name| format!("{name}: ")).unwrap_or_default();
        bar.set_message(format!("{name}submitting"));
        bar.enable_steady_tick(Duration::from_millis(100));
        Line {
            bar,
            name,
            started: Instant::now(),
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }
}

impl Line {
    /// The query was submitted: from now on it can be resumed.
    pub(crate) fn submitted(&self, organization: &Organization, id: &str) {
        if !organization.is_demo
            && let Ok(mut under_way) = UNDER_WAY.lock()
        {
            under_way.push(format!("gc-usage results {id} --wait{}", organization.options));
        }
        self.bar
            .set_message(format!("{}waiting for the query", self.name));
    }

    /// What to call on each poll that found the query not done.
    pub(crate) fn on_waiting(&self) -> impl FnMut(&Waiting) + Send + 'static {
        let (bar, name) = (self.bar.clone(), self.name.clone());
        move |waiting| {
            let state = match (&waiting.status, &waiting.poll_error) {
                (_, Some(error)) => format!("the poll failed ({error})"),
                (Some(status), None) => status.to_string(),
                (None, None) => "no status yet".to_owned(),
            };
            let polls = if waiting.polls == 1 { "poll" } else { "polls" };
            bar.set_message(format!(
                "{name}{state}: {} {polls}, {:.1} s, next in {:.1} s",
                waiting.polls,
                waiting.elapsed.as_secs_f64(),
                waiting.next_poll_in.as_secs_f64()
            ));
        }
    }

    pub(crate) fn received(&self, batch: &RowBatch) {
        let rows = self.rows.fetch_add(batch.len() as u64, Ordering::Relaxed) + batch.len() as u64;
        let bytes = self.bytes.fetch_add(batch.bytes() as u64, Ordering::Relaxed) + batch.bytes() as u64;
        if !self.bar.is_hidden() {
            self.bar.set_message(format!(
                "{}{} rows, {}, {:.1} s",
                self.name,
                HumanCount(rows),
                HumanBytes(bytes),
                self.started.elapsed().as_secs_f64()
            ));
        }
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
