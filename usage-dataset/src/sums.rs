//! Sums of the counts of rows.

use serde::{Deserialize, Serialize};
use usage_client::{RowBatch, RowRef};

use crate::{row::Counts, schema::COUNTS};

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

/// The sums of a day by client.
#[derive(Clone, Debug, Default)]
pub struct ByClient(Vec<(Option<String>, Sums)>);

impl Sums {
    /// Adds counts, which are in the order of [`RowRef::counts`](usage_client::RowRef::counts). False if a sum exceeds 64 bits.
    #[must_use]
    pub(crate) fn add(&mut self, counts: Counts) -> bool {
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

    /// The sums as counts.
    pub(crate) fn counts(mut self) -> Counts {
        self.in_order().map(|sum| *sum)
    }

    /// The first metric that differs, and its two sums.
    pub(crate) fn difference(&self, other: &Self) -> Option<(&'static str, i64, i64)> {
        let [mut sums, mut others] = [*self, *other];
        let pairs = sums.in_order().into_iter().zip(others.in_order());
        COUNTS
            .iter()
            .zip(pairs)
            .find(|(_, (sum, other))| sum != other)
            .map(|(name, (sum, other))| (*name, *sum, *other))
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

impl ByClient {
    /// The clients, in the order of their ids. Rows without a client come first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Option<&str>, &Sums)> {
        self.0.iter().map(|(client, sums)| (client.as_deref(), sums))
    }

    /// Adds a client, which comes after all others. The counts that are added then are its own.
    pub(crate) fn add_client(&mut self, client: Option<&str>) {
        self.0.push((client.map(str::to_owned), Sums::default()));
    }

    /// Adds counts of the last client. False if a sum exceeds 64 bits.
    #[must_use]
    pub(crate) fn add(&mut self, counts: Counts) -> bool {
        self.0.last_mut().is_none_or(|(_, sums)| sums.add(counts))
    }
}
