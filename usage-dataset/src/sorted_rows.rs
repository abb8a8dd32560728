//! Writes the days of a request, one after the other, from its sorted rows.

use std::{
    fmt,
    io::Write,
    path::PathBuf,
    sync::mpsc::{self, SyncSender},
    thread,
};

use chrono::NaiveDate;

use crate::{
    encode::{
        DayRows, Writer,
        file::{self, Part},
    },
    error::{Error, ErrorKind, Result},
    info::{DayInfo, Fetched},
    sort::{
        Sorted,
        format::{day_number, day_of},
        row::Row,
    },
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
        let (parts, received) = mpsc::sync_channel(1);
        let (rows, written) = thread::scope(|scope| {
            let writer = scope.spawn(|| file::write(day, out, received));
            let rows = self.give_rows(day, fetched, parts);
            // A panic there is one here.
            let written = writer
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (rows, written)
        });
        written?;
        let (info, by_client) = rows?;
        self.by_client = by_client;
        Ok(info)
    }

    /// Gives all rows of a day to the writer of its file.
    fn give_rows(
        &mut self,
        day: NaiveDate,
        fetched: &Fetched,
        parts: SyncSender<Part>,
    ) -> Result<(DayInfo, ByClient)> {
        let Sorted { dictionary, merge } = &mut self.sorted;
        let mut rows = DayRows::new(day, fetched, dictionary, parts);
        let mut before: Option<Row> = None;
        let number = day_number(day);
        while let Some(row) = merge.row()
            && Some(row.day()) == number
        {
            let changes = before.as_ref().map_or(u8::MAX, |before| row.changes(before));
            if rows.add(row, changes)? == Writer::Stopped {
                break;
            }
            match &mut before {
                Some(before) => before.clone_from(row),
                None => before = Some(row.clone()),
            }
            let advanced = merge.advance(dictionary);
            advanced.map_err(|error| Error::scratch("read", &self.scratch, error))?;
        }
        rows.finish()
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
