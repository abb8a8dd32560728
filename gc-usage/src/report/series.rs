//! The counts of each client by day, as long as they fit into memory.

use chrono::NaiveDate;
use usage_client::RowRef;

use super::counts::Counts;
use crate::{calendar::Period, error::CliError};

/// The memory for the days of all clients: about 45,000 clients of a month, or 3,800 of a year.
const MOST_BYTES: usize = 64 << 20;

/// The days of each client, in one list.
#[derive(Clone, Debug)]
pub(super) struct Series {
    period: Period,
    days: usize,
    /// `None` if there are too many. Then no client has them.
    counts: Option<Vec<Counts>>,
}

impl Series {
    pub(super) fn new(period: Period) -> Self {
        Self {
            period,
            days: usize::try_from(period.days()).unwrap_or(0),
            counts: Some(Vec::new()),
        }
    }

    pub(super) fn add(&mut self, client: u32, day: NaiveDate, row: &RowRef<'_>) -> Result<(), CliError> {
        let Some(counts) = &mut self.counts else {
            return Ok(());
        };
        let end = (client as usize + 1).saturating_mul(self.days);
        if end.saturating_mul(size_of::<Counts>()) > MOST_BYTES {
            self.counts = None;
            return Ok(());
        }
        if counts.len() < end {
            counts.resize(end, Counts::default());
        }
        let day = usize::try_from((day - self.period.first).num_days()).unwrap_or(0);
        counts[end - self.days + day].add(row)
    }

    /// The counts of each day of the period. `None` if there are too many clients to know them.
    pub(super) fn of(&self, client: u32) -> Option<Vec<Counts>> {
        let counts = self.counts.as_ref()?;
        let start = client as usize * self.days;
        // A client without a row in the period has none.
        let known = counts.get(start..start + self.days);
        Some(known.map_or_else(|| vec![Counts::default(); self.days], <[_]>::to_vec))
    }
}
