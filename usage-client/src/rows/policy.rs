//! The policy for streaming rows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::decoder::MAX_ROW_BYTES;
use crate::fields::{duration, setters::setters};

/// How rows are streamed.
///
/// With serde like a [`RetryPolicy`](crate::RetryPolicy).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RowsPolicy {
    /// Whether a cut response is fetched again. The rows that came before are compared and skipped. On by default, as
    /// often as the [`RetryPolicy`](crate::RetryPolicy) allows without a new row.
    pub resume: bool,
    /// The largest row, or other value of the response, in bytes. A larger one is an error, because rows are held in
    /// memory. 1 MiB, which is about a thousand times the size of a normal row.
    pub max_row_bytes: usize,
    /// How long the rows may take, over all responses. 1 hour: a server that never ends must not hold its reader
    /// forever. Time in which rows wait for their reader does not count.
    ///
    /// In addition, a response may not be silent for longer than the [read
    /// timeout](crate::ClientBuilder::read_timeout), and in each period of that length its rows must arrive at 100
    /// bytes a second or more. Until the first row, the [deadline](crate::PollPolicy::deadline) of polling holds too.
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
    setters! {
        with_resume(resume: bool);
        /// At most 1 GiB.
        with_max_row_bytes(max_row_bytes: usize);
        with_deadline(deadline: Duration);
    }
}
