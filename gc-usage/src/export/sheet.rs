//! Writes rows as a table. It keeps the first rows to find columns, widths and order, and writes all others directly.

use std::io::{self, Write as _};

use usage_client::RowRef;

use super::{
    columns::{Columns, Filled, Totals, filled},
    record::{self, Context, Row},
    row_buffer::RowBuffer,
    sorted::{FOR_PEOPLE, sort},
};
use crate::{
    output::{Output, WriteError},
    result::OrganizationResult,
    text::{broken, grouped},
};

/// A table with more rows is written in the order of their arrival.
const MOST_ROWS: usize = 100_000;
const MOST_BYTES: usize = 24 << 20;

/// How a table looks.
pub(super) trait Look {
    /// Prepares for the columns and rows. It may remove columns that do not fit.
    fn fit(&mut self, _columns: &mut Columns, _sample: &Sample<'_>) {}
    fn head(&mut self, out: &mut Output, columns: &Columns) -> io::Result<()>;
    fn line(&mut self, out: &mut Output, columns: &Columns, cells: &[String]) -> io::Result<()>;
    /// Writes the line of totals and the end. Without totals, the table ends because another one follows.
    fn end(&mut self, out: &mut Output, columns: &Columns, total: Option<&[String]>) -> io::Result<()>;
    /// The largest width of a line.
    fn width(&self) -> Option<usize> {
        None
    }
    /// A note for the user.
    fn note(&self) -> Option<String> {
        None
    }
}

/// The first rows of a table.
pub(super) struct Sample<'a> {
    pub(super) rows: &'a RowBuffer,
    pub(super) total: &'a dyn Fn(&Columns) -> Vec<String>,
    /// Whether more rows may follow.
    pub(super) goes_on: bool,
    /// Whether the command has an option to choose metrics.
    pub(super) has_metrics: bool,
}

pub(crate) struct Export<'o, L> {
    out: &'o mut Output,
    look: L,
    context: Context,
    /// Whether the rows are already sorted.
    is_sorted: bool,
    kept: RowBuffer,
    filled: Filled,
    totals: Totals,
    /// Set when the table has begun.
    columns: Option<Columns>,
    has_overflowed: bool,
    most_rows: usize,
}

impl<'o, L: Look> Export<'o, L> {
    pub(super) fn new(context: Context, is_sorted: bool, look: L, out: &'o mut Output) -> Self {
        Self {
            out,
            look,
            context,
            is_sorted,
            kept: RowBuffer::default(),
            filled: 0,
            totals: Totals::default(),
            columns: None,
            has_overflowed: false,
            most_rows: MOST_ROWS,
        }
    }

    /// Sets how many rows are kept at most.
    #[cfg(test)]
    pub(super) fn keeping(self, most_rows: usize) -> Self {
        Self { most_rows, ..self }
    }

    /// Begins the table, and writes the rows that were kept.
    fn begin(&mut self, goes_on: bool) -> io::Result<()> {
        let kept = std::mem::take(&mut self.kept);
        let mut columns = Columns::new(&self.context, self.filled, &kept);
        self.fit(&mut columns, &kept, goes_on);
        self.look.head(self.out, &columns)?;
        for (profile, row) in kept.iter() {
            let cells = columns.cells(profile, &row);
            self.look.line(self.out, &columns, &cells)?;
        }
        self.columns = Some(columns);
        Ok(())
    }

    fn fit(&mut self, columns: &mut Columns, rows: &RowBuffer, goes_on: bool) {
        let (context, totals) = (&self.context, &self.totals);
        let sample = Sample {
            rows,
            total: &|columns: &Columns| columns.total(context, totals),
            goes_on,
            has_metrics: context.query.is_some(),
        };
        self.look.fit(columns, &sample);
    }

    /// Writes a row after the table has begun. If the row needs a column that the table does not have, a new table begins.
    fn pass(&mut self, profile: Option<&str>, row: &RowRef<'_>) -> io::Result<()> {
        let Some(mut columns) = self.columns.take() else {
            return Ok(());
        };
        let filled = filled(row);
        if filled & !self.filled != 0 {
            self.look.end(self.out, &columns, None)?;
            self.filled |= filled;
            columns.show(&self.context, self.filled);
            let mut first = RowBuffer::default();
            first.add(profile, row);
            self.fit(&mut columns, &first, true);
            self.look.head(self.out, &columns)?;
        }
        let cells = columns.cells(profile, row);
        self.look.line(self.out, &columns, &cells)?;
        self.columns = Some(columns);
        Ok(())
    }
}

impl<L: Look> record::Export for Export<'_, L> {
    fn row(&mut self, Row { profile, row }: &Row<'_>) -> Result<(), WriteError> {
        self.totals.add(row);
        if self.columns.is_some() {
            return Ok(self.pass(*profile, row)?);
        }
        self.filled |= filled(row);
        self.kept.add(*profile, row);
        if self.kept.len() > self.most_rows || self.kept.bytes() > MOST_BYTES {
            self.has_overflowed = true;
            self.begin(true)?;
        }
        Ok(())
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> Result<(), WriteError> {
        if self.kept.len() > 0 {
            if !self.is_sorted {
                sort(&mut self.kept, &FOR_PEOPLE);
            }
            self.begin(false)?;
        }
        if let Some(columns) = &self.columns {
            let total = columns.total(&self.context, &self.totals);
            self.look.end(self.out, columns, Some(&total))?;
        }
        let summary = self.totals.summary(&self.context);
        match self.look.width() {
            Some(width) => writeln!(self.out, "{}", broken(&summary, width, "").join("\n"))?,
            None => writeln!(self.out, "{summary}")?,
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let order = (self.has_overflowed && !self.is_sorted).then(|| {
            format!(
                "more than {} rows, or very long ones, are written in the order of the service; use --sort to sort them, or --top to show the first",
                grouped(self.most_rows)
            )
        });
        order.into_iter().chain(self.look.note()).collect()
    }
}
