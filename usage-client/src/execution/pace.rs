//! Limits on how slow a response may be.

use std::{pin::pin, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::error::{Error, kind::Kind};

/// Rows must arrive at this many bytes a second or more, in each window. The service sends a thousand times as much.
/// A slower server only keeps the connection busy.
const LOWEST_RATE: u64 = 100;
/// How much of a response may arrive without a new row. A response has some hundred bytes in addition to its rows.
const WITHOUT_ROW: u64 = 16 * 1024 * 1024;

/// Watches the reading of one response. Only time spent waiting for the service counts, so a slow reader is not
/// mistaken for a slow service.
pub(crate) struct Pace {
    window: Duration,
    /// No wait is longer than this, until there is a row.
    deadline: Option<Instant>,
    /// Time waited in the current window.
    waited: Duration,
    /// Length of the rows when the window began.
    rows_before: u64,
    /// Length of the rows and of the response when the last row arrived.
    row_bytes: u64,
    length_at_row: u64,
    length: u64,
}

impl Pace {
    pub(crate) fn new(window: Duration, deadline: Option<Instant>, largest_row: usize) -> Self {
        Self {
            window,
            deadline,
            waited: Duration::ZERO,
            rows_before: 0,
            row_bytes: 0,
            // A row may take time to become complete.
            length_at_row: largest_row as u64,
            length: 0,
        }
    }

    /// How long to wait for the next bytes, if `left` is left of the time for all rows.
    pub(crate) fn timeout(&self, left: Duration) -> Duration {
        let in_window = self.window.saturating_sub(self.waited).min(left);
        match self.deadline.filter(|_| self.row_bytes == 0) {
            Some(deadline) => in_window.min(deadline.saturating_duration_since(Instant::now())),
            None => in_window,
        }
    }

    /// Records a wait that brought `bytes` more. All rows of the response have `row_bytes` now. Returns an error if
    /// the response is too slow.
    pub(crate) fn record(&mut self, wait: Duration, bytes: usize, row_bytes: u64) -> Result<(), Error> {
        self.length += bytes as u64;
        if row_bytes > self.row_bytes {
            self.row_bytes = row_bytes;
            self.length_at_row = self.length_at_row.max(self.length);
        }
        if self.length.saturating_sub(self.length_at_row) > WITHOUT_ROW {
            return Err(Error::new(
                Kind::Decode,
                format!("the results cannot be read: {WITHOUT_ROW} bytes came without a row"),
            ));
        }
        if self.row_bytes == 0 && self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Error::new(
                Kind::Timeout,
                "a response to the poll had begun, but no row of it had come at the deadline",
            ));
        }
        self.waited += wait;
        if self.waited < self.window {
            return Ok(());
        }
        let arrived = self.row_bytes - self.rows_before;
        let expected = self.waited.as_secs_f64() * LOWEST_RATE as f64;
        if (arrived as f64) < expected {
            return Err(Error::new(
                Kind::Timeout,
                format!(
                    "the results came too slowly: {arrived} bytes of them in {:.0} s, at least {LOWEST_RATE} a second \
                     are expected",
                    self.waited.as_secs_f64()
                ),
            ));
        }
        self.waited = Duration::ZERO;
        self.rows_before = self.row_bytes;
        Ok(())
    }
}

/// Waits for `next` for `timeout` at most. Returns how long that took. A future that is ready at once needs no timer.
pub(crate) async fn within<F: Future>(timeout: Duration, next: F) -> (Option<F::Output>, Duration) {
    let mut next = pin!(next);
    if let Some(ready) = next.as_mut().now_or_never() {
        return (Some(ready), Duration::ZERO);
    }
    let began = Instant::now();
    let outcome = tokio::time::timeout(timeout, next).await;
    (outcome.ok(), began.elapsed())
}
