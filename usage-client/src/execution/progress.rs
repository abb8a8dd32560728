//! The report of a query or job that is not complete yet.

use std::{fmt, sync::Arc, time::Duration};

use crate::{error::Error, generated::types::QueryStatus};

/// A query or job that is not complete yet. `S` is the type of its status.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Waiting<S = QueryStatus> {
    /// How many polls were made.
    pub polls: u32,
    /// Time since the wait began.
    pub elapsed: Duration,
    /// Time until the next poll.
    pub next_poll_in: Duration,
    /// The status from the service. Nothing if it sent none, or if the poll failed.
    pub status: Option<S>,
    /// Why the poll failed, if it did. The query or job has not failed, and the next poll may succeed.
    pub poll_error: Option<Error>,
}

type Report<S> = dyn Fn(&Waiting<S>) + Send + Sync;

/// The callback of [`Execution::on_progress`](crate::Execution::on_progress).
pub(super) struct OnProgress<S>(pub(super) Arc<Report<S>>);

impl<S> Clone for OnProgress<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for OnProgress<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnProgress")
    }
}
