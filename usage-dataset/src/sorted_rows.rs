//! Writes the days of a request, one after the other, from its sorted rows.

use std::{fmt, io::Write, path::PathBuf};

use chrono::NaiveDate;

use crate::{
    encode::DayWriter,
    error::{Error, ErrorKind, Result},
    info::{DayInfo, Fetched},
    sort::{Sorted, format::day_of, row::Row},
    sums::ByClient,
};

/// The rows of a request, in order. Days are taken one after the other.
pub struct SortedRows {
    scratch: PathBuf,
    sorted: Sorted,
    /// The day that was written last.
    last: Option<NaiveDate>,
    by_client: ByClient,
}

impl SortedRows {
    pub(crate) fn new(scratch: PathBuf, sorted: Sorted) -> Self {
        Self {
            scratch,
            sorted,
            last: None,
            by_client: ByClient::default(),
        }
    }

    /// Writes all rows of a day as Parquet. A day without rows is a file with no rows. Days must come in ascending order, each once.
    ///
    /// # Errors
    ///
    /// - [`Rows`](ErrorKind::Rows): there are rows of an earlier day that was not written. The error names the day. Or days do not
    ///   come in ascending order, or a sum exceeds 64 bits.
    /// - [`Disk`](ErrorKind::Disk): a temporary file cannot be read, or `out` cannot be written.
    ///
    /// After an error, the day cannot be written again.
    pub fn write_day(
        &mut self,
        day: NaiveDate,
        fetched: &Fetched,
        out: impl Write + Send,
    ) -> Result<DayInfo> {
        if let Some(last) = self.last.filter(|last| *last >= day) {
            let message =
                format!("the day {day} cannot be written after {last}: days come in ascending order");
            return Err(Error::new(ErrorKind::Rows, message));
        }
        self.check_rest(Some(day))?;
        self.last = Some(day);
        let Sorted { dictionary, merge } = &mut self.sorted;
        let mut writer = DayWriter::new(day, fetched, dictionary, out)?;
        let mut before: Option<Row> = None;
        while let Some(row) = merge.row()
            && day_of(row.day()) == day
        {
            writer.add(row, before.as_ref().map_or(u8::MAX, |before| row.changes(before)))?;
            match &mut before {
                Some(before) => before.clone_from(row),
                None => before = Some(row.clone()),
            }
            let advanced = merge.advance(dictionary);
            advanced.map_err(|error| Error::scratch("read", &self.scratch, error))?;
        }
        let (info, by_client) = writer.finish()?;
        self.by_client = by_client;
        Ok(info)
    }

    /// The sums by client of the day that was written last.
    pub fn by_client(&self) -> &ByClient {
        &self.by_client
    }

    /// Checks that no rows are left.
    ///
    /// # Errors
    ///
    /// [`Rows`](ErrorKind::Rows): there are rows of a day that was not written. The error names the day.
    pub fn finish(self) -> Result<()> {
        self.check_rest(None)
    }

    /// Checks that all days before this one were written.
    fn check_rest(&self, day: Option<NaiveDate>) -> Result<()> {
        let next = self.sorted.merge.row().map(|row| day_of(row.day()));
        match next.filter(|next| day.is_none_or(|day| *next < day)) {
            None => Ok(()),
            Some(next) => Err(Error::new(
                ErrorKind::Rows,
                format!(
                    "the service sent rows of {next}, which was not asked for. No day was changed by them"
                ),
            )),
        }
    }
}

impl fmt::Debug for SortedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SortedRows")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}
