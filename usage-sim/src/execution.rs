//! The submitted executions, and whether they are still running.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::time::Instant;

use crate::query::Query;
use crate::record::lock;

/// How long an execution runs: until both limits are reached.
#[derive(Clone, Copy, Default)]
pub(crate) struct Running {
    pub(crate) polls: u32,
    pub(crate) time: Duration,
}

/// All executions by id. They are kept forever, because it is not known how long the service keeps them.
#[derive(Default)]
pub(crate) struct Executions(Mutex<HashMap<String, Execution>>);

/// One accepted query. Its results depend on the day on which it was submitted.
#[derive(Clone)]
pub(crate) struct Execution {
    pub(crate) query: Query,
    pub(crate) today: NaiveDate,
    submitted: Instant,
    polls: u32,
}

/// The outcome of a poll.
pub(crate) enum Poll {
    Unknown,
    Running,
    Finished(Execution),
}

impl Executions {
    pub(crate) fn add(&self, id: String, query: Query, today: NaiveDate) {
        lock(&self.0).insert(
            id,
            Execution {
                query,
                today,
                submitted: Instant::now(),
                polls: 0,
            },
        );
    }

    pub(crate) fn poll(&self, id: &str, running: Running) -> Poll {
        let mut all = lock(&self.0);
        let Some(execution) = all.get_mut(id) else {
            return Poll::Unknown;
        };
        execution.polls = execution.polls.saturating_add(1);
        if execution.polls <= running.polls || execution.submitted.elapsed() < running.time {
            return Poll::Running;
        }
        Poll::Finished(execution.clone())
    }
}
