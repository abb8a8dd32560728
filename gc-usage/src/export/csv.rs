//! Separated values (RFC 4180), with the same columns in the same order for every query. Rows of jobs have one more.
//!
//! Rows are written here and not by the csv crate, because looking for quotes and for formulas in one pass takes a third
//! of the time of both. The csv crate reads what is written here in the tests.

use std::io::{self, Write};

use super::{
    day::write_day,
    dialect::Dialect,
    fields::{COLUMNS, Cell, PROFILE, QUERY_COLUMNS, columns, query_values},
    formula::{escape_formula, is_separator},
    record::{self, Context, Row, count},
};
use crate::{output::WriteError, result::OrganizationResult};

pub(crate) struct Export<W: Write> {
    out: W,
    dialect: Dialect,
    has_profiles: bool,
    has_platforms: bool,
    /// The cells of [`QUERY_COLUMNS`].
    query: Vec<u8>,
    has_heading: bool,
    rows: u64,
    /// The current line.
    line: Vec<u8>,
}

impl<W: Write> Export<W> {
    pub(super) fn new(context: Context, dialect: Dialect, out: W) -> Self {
        let mut query = Vec::new();
        for value in query_values(&context) {
            write_text(&mut query, dialect, &value);
        }
        Self {
            out,
            dialect,
            has_profiles: context.has_profiles,
            has_platforms: context.has_platforms,
            query,
            has_heading: false,
            rows: 0,
            line: Vec::new(),
        }
    }

    fn heading(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.has_heading, true) {
            return Ok(());
        }
        let profile = self.has_profiles.then_some(PROFILE);
        let headings = profile.into_iter().chain(QUERY_COLUMNS);
        let headings = headings.chain(columns(self.has_platforms).map(|(heading, _)| heading));
        self.out.write_all(self.dialect.mark().as_bytes())?;
        headings.for_each(|heading| write_text(&mut self.line, self.dialect, heading));
        end_line(&mut self.out, &mut self.line)
    }
}

impl<W: Write> record::Export for Export<W> {
    fn row(&mut self, Row { profile, row }: &Row<'_>) -> Result<(), WriteError> {
        self.heading()?;
        self.rows += 1;
        let (line, dialect) = (&mut self.line, self.dialect);
        if self.has_profiles {
            write_text(line, dialect, profile.unwrap_or_default());
        }
        line.extend_from_slice(&self.query);
        for (_, cell) in COLUMNS {
            match cell {
                Cell::Date => {
                    if let Some(date) = row.date {
                        write_day(line, date.date_naive());
                    }
                    line.push(dialect.separator.byte());
                }
                Cell::Text(get) => write_text(line, dialect, get(row).unwrap_or_default()),
                Cell::Platform => {
                    if self.has_platforms {
                        write_text(line, dialect, row.platform.unwrap_or_default());
                    }
                }
                Cell::Count(metric) => write_count(line, dialect, count(row, metric)),
            }
        }
        Ok(end_line(&mut self.out, &mut self.line)?)
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> Result<(), WriteError> {
        self.heading()?;
        Ok(self.out.flush()?)
    }

    fn notes(&self) -> Vec<String> {
        self.dialect.note(self.rows).into_iter().collect()
    }
}

/// Writes a text as a cell that no spreadsheet runs, in quotes if it needs them.
pub(crate) fn write_text(line: &mut Vec<u8>, dialect: Dialect, text: &str) {
    let separator = dialect.separator.byte();
    let bytes = text.as_bytes();
    // Without an early exit, this loop takes a few instructions for every 16 bytes.
    let is_special = |has: bool, byte: &u8| has | is_separator(char::from(*byte)) | (*byte == b'"');
    if bytes.first().is_none_or(u8::is_ascii_alphanumeric) && !bytes.iter().fold(false, is_special) {
        line.extend_from_slice(bytes);
    } else {
        let text = escape_formula(text);
        if text.contains([char::from(separator), '"', '\r', '\n']) {
            line.push(b'"');
            line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            line.push(b'"');
        } else {
            line.extend_from_slice(text.as_bytes());
        }
    }
    line.push(separator);
}

/// Writes a count as a cell.
pub(crate) fn write_count(line: &mut Vec<u8>, dialect: Dialect, count: Option<impl itoa::Integer>) {
    let mut digits = itoa::Buffer::new();
    line.extend_from_slice(count.map_or("", |count| digits.format(count)).as_bytes());
    line.push(dialect.separator.byte());
}

/// Writes the line, in which each cell has left a separator behind it.
pub(crate) fn end_line(out: &mut impl Write, line: &mut Vec<u8>) -> io::Result<()> {
    line.pop();
    line.extend_from_slice(b"\r\n");
    out.write_all(line)?;
    line.clear();
    Ok(())
}
