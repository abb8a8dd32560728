//! How rows are streamed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::decoder::MAX_ROW_BYTES;
use crate::fields::duration;

/// How rows are streamed.
///
/// With serde as a [`RetryPolicy`](crate::RetryPolicy).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RowsPolicy {
    /// Whether a response that is cut is fetched again, leaving out the rows that came before after making sure that they
    /// are the same. On; as often as the [`RetryPolicy`](crate::RetryPolicy) allows without a new row in between.
    pub resume: bool,
    /// The largest row, or other value of the response, in bytes. 1 MiB, some thousand times what a row has: a larger one
    /// is an error, since rows are held in memory.
    pub max_row_bytes: usize,
    /// How long the rows may take, over all responses if they are cut. 1 hour: a server that never ends must not hold its
    /// reader for ever. Time in which rows are there and nobody reads them does not count.
    ///
    /// Apart from that, a response may be silent for no longer than the
    /// [read timeout](crate::ClientBuilder::read_timeout), and in each period of that length its rows must come at 100
    /// bytes a second at least. Until the first row, the [deadline](crate::PollPolicy::deadline) of waiting holds too.
    #[serde(with = "duration")]
    pub deadline: Duration,
}

impl Default for RowsPolicy {
    fn default() -> Self {
        Self {
            resume: true,
            max_row_bytes: MAX_ROW_BYTES,
            deadline: Duration::from_secs(60 * 60),
        }
    }
}

impl RowsPolicy {
    /// Sets [`resume`](Self::resume).
    #[must_use]
    pub fn with_resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Sets [`max_row_bytes`](Self::max_row_bytes); at most 1 GiB.
    #[must_use]
    pub fn with_max_row_bytes(mut self, bytes: usize) -> Self {
        self.max_row_bytes = bytes;
        self
    }

    /// Sets [`deadline`](Self::deadline).
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}
