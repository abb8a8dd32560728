//! Sums of the counts of rows.

use serde::{Deserialize, Serialize};
use usage_client::{RowBatch, RowRef};

/// Sums over rows. They have the names of the columns.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sums {
    /// All requests.
    pub requests: i64,
    /// Requests with a 2xx response.
    pub status_200: i64,
    /// Requests with a 3xx response.
    pub status_300: i64,
    /// Requests with a 4xx response, including 429.
    pub status_400: i64,
    /// Requests that were rate limited. `status_400` includes them.
    pub status_429: i64,
    /// Requests with a 5xx response.
    pub status_500: i64,
}

impl Sums {
    /// Adds counts, which are in the order of [`RowRef::counts`](usage_client::RowRef::counts). False if a sum exceeds 64 bits.
    #[must_use]
    pub(crate) fn add(&mut self, counts: [i64; RowRef::COUNTS]) -> bool {
        let mut fits = true;
        for (sum, count) in self.in_order().into_iter().zip(counts) {
            match sum.checked_add(count) {
                Some(total) => *sum = total,
                None => fits = false,
            }
        }
        fits
    }

    /// Adds the counts of rows. An absent count adds nothing. False if a sum exceeds 64 bits.
    #[must_use]
    pub(crate) fn add_batch(&mut self, rows: &RowBatch) -> bool {
        rows.iter()
            .all(|row| self.add(row.counts().map(Option::unwrap_or_default)))
    }

    fn in_order(&mut self) -> [&mut i64; RowRef::COUNTS] {
        [
            &mut self.status_200,
            &mut self.status_300,
            &mut self.status_400,
            &mut self.status_500,
            &mut self.status_429,
            &mut self.requests,
        ]
    }
}
