//! A sheet that is written row by row: headings that stay visible, filters, widths, and cells of the right type.

use std::{path::Path, sync::Arc};

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};
use textwrap::core::display_width;

use super::{kind::Kind, library::call, limits};
use crate::{error::CliError, text::grouped};

/// How many rows a sheet has at most, without the headings.
const MOST_ROWS: u32 = 1_048_575;

/// The largest width of a column, in characters. A wider cell is not cut: it shows more when the column is made wider.
const WIDEST: usize = 60;
/// Room for the edges of a cell, and for the button of a filter.
const EDGES: usize = 2;
const BUTTON: usize = 3;

/// A column with the type of its cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) kind: Kind,
}

pub(crate) struct Sheet {
    worksheet: Worksheet,
    directory: Arc<Path>,
    columns: Vec<Column>,
    /// The width of the widest cell of each column.
    widths: Vec<usize>,
    /// The place of the next cell. The headings are row 0.
    row: u32,
    column: u16,
}

impl Sheet {
    /// A sheet with headings and no rows.
    pub(super) fn new(
        mut worksheet: Worksheet,
        directory: Arc<Path>,
        columns: Vec<Column>,
    ) -> Result<Self, CliError> {
        call(&directory, || {
            let bold = Format::new().set_bold();
            for (place, column) in (0..).zip(&columns) {
                if column.kind != Kind::Text {
                    worksheet.set_column_format(place, &column.kind.format())?;
                }
                worksheet.write_string_with_format(0, place, column.heading, &bold)?;
            }
            worksheet.set_freeze_panes(1, 0)?;
            worksheet.set_landscape();
            worksheet.set_print_fit_to_pages(1, 0);
            worksheet.set_repeat_rows(0, 0)?;
            Ok(())
        })?;
        let headings = columns.iter().map(|column| column.heading);
        Ok(Self {
            worksheet,
            directory,
            widths: headings.map(|heading| heading.len() + BUTTON).collect(),
            columns,
            row: 0,
            column: 0,
        })
    }

    /// Begins the next row.
    pub(crate) fn begin_row(&mut self) -> Result<(), CliError> {
        if self.row == MOST_ROWS {
            return Err(CliError::local(format!(
                "there are more than {} rows, which is the most that a sheet of Excel can have",
                grouped(MOST_ROWS)
            ))
            .with_hint(
                "use gc-usage query --format csv, which has any number of rows; or use a shorter period, a filter or --top",
            ));
        }
        self.row += 1;
        self.column = 0;
        Ok(())
    }

    /// The number of the current row, from 1.
    pub(crate) fn row(&self) -> u32 {
        self.row
    }

    /// Writes the next cell of the row. An empty text leaves it empty.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), CliError> {
        let column = self.place();
        if text.is_empty() {
            return Ok(());
        }
        limits::text(text).map_err(|reason| self.refused(column, &reason))?;
        if text.len() > self.widths[usize::from(column)] {
            self.widen(column, display_width(text));
        }
        self.write(|worksheet, row| worksheet.write_string(row, column, text))
    }

    /// Writes the next cell of the row, or leaves it empty.
    pub(crate) fn count(&mut self, count: Option<impl Into<i128>>) -> Result<(), CliError> {
        let column = self.place();
        let Some(count) = count.map(Into::into) else {
            return Ok(());
        };
        let number = limits::count(count).map_err(|reason| self.refused(column, &reason))?;
        // It has at most 15 digits.
        let digits = count.unsigned_abs() as u64;
        let digits = digits.checked_ilog10().unwrap_or(0) as usize + 1;
        self.widen(column, 1 + digits + (digits - 1) / 3);
        self.write(|worksheet, row| worksheet.write_number(row, column, number))
    }

    /// Writes a share or a change into the next cell of the row, or leaves it empty.
    pub(crate) fn ratio(&mut self, ratio: Option<f64>) -> Result<(), CliError> {
        let column = self.place();
        let Some(ratio) = ratio else {
            return Ok(());
        };
        self.write(|worksheet, row| worksheet.write_number(row, column, ratio))
    }

    /// Writes the next cell of the row, or leaves it empty.
    pub(crate) fn day(&mut self, day: Option<NaiveDate>) -> Result<(), CliError> {
        let column = self.place();
        let Some(day) = day else {
            return Ok(());
        };
        limits::day(day).map_err(|reason| self.refused(column, &reason))?;
        self.widen(column, "yyyy-mm-dd".len());
        self.write(|worksheet, row| worksheet.write_datetime(row, column, day))
    }

    /// The sheet with all of its rows.
    pub(super) fn end(mut self) -> Result<Worksheet, CliError> {
        call(&self.directory, || {
            for (place, width) in (0..).zip(&self.widths) {
                self.worksheet
                    .set_column_width(place, (width + EDGES).min(WIDEST) as f64)?;
            }
            if let Some(last) = (0..).zip(&self.columns).last().map(|(place, _)| place) {
                self.worksheet.autofilter(0, 0, self.row, last)?;
            }
            Ok(())
        })?;
        Ok(self.worksheet)
    }

    fn place(&mut self) -> u16 {
        let place = self.column;
        self.column += 1;
        place
    }

    fn widen(&mut self, column: u16, width: usize) {
        let widest = &mut self.widths[usize::from(column)];
        *widest = width.max(*widest);
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut Worksheet, u32) -> Result<&mut Worksheet, XlsxError>,
    ) -> Result<(), CliError> {
        call(&self.directory, || write(&mut self.worksheet, self.row).map(drop))
    }

    /// The error of a value that would not be the same in a workbook.
    fn refused(&self, column: u16, reason: &str) -> CliError {
        CliError::local(format!(
            "`{}` of row {} is {reason}",
            self.columns[usize::from(column)].heading,
            grouped(self.row)
        ))
        .with_hint("use gc-usage query --format csv, which has any value; or leave the row out with a filter")
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::workbook::Workbook;

    #[test]
    fn the_first_row_that_a_sheet_cannot_have_is_an_error_that_names_csv() {
        let directory = tempfile::tempdir().unwrap();
        let mut workbook = Workbook::new(directory.path(), &DateTime::UNIX_EPOCH).unwrap();
        let requests = Column {
            heading: "requests",
            kind: Kind::Count,
        };
        let mut sheet = workbook.long_sheet("Rows", vec![requests]).unwrap();
        sheet.row = MOST_ROWS - 1;
        sheet.begin_row().unwrap();
        // Excel has 1,048,576 rows.
        sheet.count(Some(7)).unwrap();
        let text = sheet.begin_row().unwrap_err().to_string();
        assert!(
            text.contains("more than 1,048,575 rows") && text.contains("--format csv"),
            "{text}"
        );
        workbook.add(sheet).unwrap();
    }
}
