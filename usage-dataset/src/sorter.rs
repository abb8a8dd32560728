//! Takes the rows of a request, checks them, and puts them in order.

use std::{fmt, path::PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use usage_client::{RowBatch, RowRef};

use crate::{
    error::{Error, ErrorKind, Result},
    row::{client, counts, day, not_a_day},
    schema::TEXTS,
    sort::{Limits, Sorter, format::day_number},
    sorted_rows::SortedRows,
};

/// The longest string of a row in bytes. Each run that is merged holds a row.
const LONGEST_TEXT: usize = 16 * 1024;

/// Sorts the rows of a request by day, and within a day by client, endpoint, method, user, organization and platform. It needs about
/// 10 MiB of memory for any number of rows: it writes the others to temporary files.
pub struct RowSorter {
    scratch: PathBuf,
    sorter: Sorter,
}

impl RowSorter {
    /// A sorter with its temporary files in this directory, which exists.
    pub fn new(scratch: PathBuf) -> Self {
        Self::with_limits(scratch, Limits::default())
    }

    pub(crate) fn with_limits(scratch: PathBuf, limits: Limits) -> Self {
        Self {
            sorter: Sorter::new(scratch.clone(), limits),
            scratch,
        }
    }

    /// Adds rows. It may take some time, because it writes a file now and then.
    ///
    /// # Errors
    ///
    /// - [`Rows`](ErrorKind::Rows): a row has no date, or a date that is not the start of a day in UTC between 1970 and 2149, or a
    ///   string of more than 16 KiB. Or a count is absent, and could be another number than 0.
    /// - [`Disk`](ErrorKind::Disk): a temporary file cannot be written.
    pub fn add(&mut self, rows: &RowBatch) -> Result<()> {
        // Consecutive rows often have the same day.
        let mut last: Option<(DateTime<Utc>, u16, NaiveDate)> = None;
        for row in rows {
            let (number, day) = match (row.date, last) {
                (Some(date), Some((last, number, day))) if date == last => (number, day),
                (date, _) => {
                    let day = day(&row)?;
                    let number = day_number(day).ok_or_else(|| not_a_day(&row))?;
                    last = date.map(|date| (date, number, day));
                    (number, day)
                }
            };
            let counts = counts(&row, day)?;
            let texts = row.texts();
            if let Some(column) = texts
                .iter()
                .position(|text| text.is_some_and(|text| text.len() > LONGEST_TEXT))
            {
                return Err(too_long(&row, day, column));
            }
            let added = self.sorter.add(number, texts, &counts);
            added.map_err(|error| Error::scratch("write", &self.scratch, error))?;
        }
        Ok(())
    }

    /// All rows, in order.
    ///
    /// # Errors
    ///
    /// [`Disk`](ErrorKind::Disk): a temporary file cannot be written or read.
    pub fn finish(self) -> Result<SortedRows> {
        match self.sorter.finish() {
            Ok(sorted) => Ok(SortedRows::new(self.scratch, sorted)),
            Err(error) => Err(Error::scratch("write", &self.scratch, error)),
        }
    }
}

impl fmt::Debug for RowSorter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowSorter")
            .field("scratch", &self.scratch)
            .finish_non_exhaustive()
    }
}

fn too_long(row: &RowRef<'_>, day: NaiveDate, column: usize) -> Error {
    let client = client(row.client_id);
    Error::new(
        ErrorKind::Rows,
        format!(
            "the service sent a row of {day} for the client {client} in which `{}` has more than {LONGEST_TEXT} bytes",
            TEXTS[column],
        ),
    )
}
