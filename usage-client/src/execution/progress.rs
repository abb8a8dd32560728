//! The report of a query that is not complete yet.

use std::{fmt, sync::Arc, time::Duration};

use crate::{error::Error, generated::types::QueryStatus};

/// A query that is not complete yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Waiting {
    /// How many polls were made.
    pub polls: u32,
    /// Time since the wait began.
    pub elapsed: Duration,
    /// Time until the next poll.
    pub next_poll_in: Duration,
    /// The status from the service. Nothing if it sent none, or if the poll failed.
    pub status: Option<QueryStatus>,
    /// Why the poll failed, if it did. The query has not failed, and the next poll may succeed.
    pub poll_error: Option<Error>,
}

/// The callback of [`Execution::on_progress`](crate::Execution::on_progress).
#[derive(Clone)]
pub(super) struct OnProgress(pub(super) Arc<dyn Fn(&Waiting) + Send + Sync>);

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnProgress")
    }
}
