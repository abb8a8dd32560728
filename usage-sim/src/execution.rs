//! The submitted queries, searches and jobs, and whether they are still running.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::NaiveDate;
use tokio::time::Instant;

use crate::effect::BodyEdit;
use crate::record::lock;
use crate::route::Family;
use crate::selection::Selection;

/// How long an execution runs: until both limits are reached.
#[derive(Clone, Copy, Default)]
pub(crate) struct Running {
    pub(crate) polls: u32,
    pub(crate) time: Duration,
}

/// All executions by id. They are kept forever, because it is not known how long the service keeps them.
#[derive(Default)]
pub(crate) struct Executions(Mutex<HashMap<String, Submitted>>);

/// What accepted a submit. The results are only there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Owner {
    pub(crate) family: Family,
    /// The OAuth client in the path.
    pub(crate) client: Option<String>,
}

/// One accepted submit. Its results depend on the day on which it was submitted.
#[derive(Clone)]
pub(crate) struct Execution {
    pub(crate) owner: Owner,
    pub(crate) selection: Arc<Selection>,
    pub(crate) today: NaiveDate,
    /// The change of a fault to how it ends.
    pub(crate) ending: Ending,
}

/// How an execution ends, if a fault says so: the status as JSON, and the code of the error.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    pub(crate) status: Option<String>,
    pub(crate) error_code: Option<String>,
}

struct Submitted {
    execution: Execution,
    at: Instant,
    polls: u32,
}

/// The outcome of a poll.
pub(crate) enum Poll {
    Unknown,
    /// Whether it is the first poll.
    Running(bool),
    Finished(Execution),
}

impl Ending {
    /// The ending that the fault of a submit sets.
    pub(crate) fn of(edit: &BodyEdit) -> Self {
        Self {
            status: edit.status(),
            error_code: edit.error_code.clone(),
        }
    }
}

impl Executions {
    pub(crate) fn add(&self, id: String, execution: Execution) {
        let submitted = Submitted {
            execution,
            at: Instant::now(),
            polls: 0,
        };
        lock(&self.0).insert(id, submitted);
    }

    pub(crate) fn poll(&self, id: &str, owner: &Owner, running: Running) -> Poll {
        let mut all = lock(&self.0);
        let Some(submitted) = all.get_mut(id) else {
            return Poll::Unknown;
        };
        if submitted.execution.owner != *owner {
            return Poll::Unknown;
        }
        submitted.polls = submitted.polls.saturating_add(1);
        if submitted.polls <= running.polls || submitted.at.elapsed() < running.time {
            return Poll::Running(submitted.polls == 1);
        }
        Poll::Finished(submitted.execution.clone())
    }
}
