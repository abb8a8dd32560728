//! Comma-separated values (RFC 4180), safe to open in a spreadsheet.
//!
//! Rows are written here and not by the csv crate, because looking for quotes and for formulas in one pass takes a third
//! of the time of both. The csv crate reads what is written here in the tests.

use std::io::{self, Write};

use super::{
    day::write_day,
    fields::{COLUMNS, Cell, PROFILE, QUERY_COLUMNS, columns, query_values},
    formula::{escape_formula, is_separator},
    record::{self, Context, Row, count},
};
use crate::{output::WriteError, result::OrganizationResult};

pub(crate) struct Export<W: Write> {
    out: W,
    has_profiles: bool,
    has_platforms: bool,
    /// The cells of [`QUERY_COLUMNS`].
    query: Vec<u8>,
    has_heading: bool,
    /// The current line.
    line: Vec<u8>,
}

impl<W: Write> Export<W> {
    pub(super) fn new(context: Context, out: W) -> Self {
        let mut query = Vec::new();
        query_values(&context)
            .iter()
            .for_each(|value| write_text(&mut query, value));
        Self {
            out,
            has_profiles: context.has_profiles,
            has_platforms: context.has_platforms,
            query,
            has_heading: false,
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
        headings.for_each(|heading| write_text(&mut self.line, heading));
        self.end_line()
    }

    /// Writes the line. Each cell has left a comma behind it.
    fn end_line(&mut self) -> io::Result<()> {
        self.line.pop();
        self.line.extend_from_slice(b"\r\n");
        self.out.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
}

impl<W: Write> record::Export for Export<W> {
    fn row(&mut self, Row { profile, row }: &Row<'_>) -> Result<(), WriteError> {
        self.heading()?;
        let line = &mut self.line;
        if self.has_profiles {
            write_text(line, profile.unwrap_or_default());
        }
        line.extend_from_slice(&self.query);
        let mut digits = itoa::Buffer::new();
        for (_, cell) in COLUMNS {
            match cell {
                Cell::Date => {
                    if let Some(date) = row.date {
                        write_day(line, date.date_naive());
                    }
                    line.push(b',');
                }
                Cell::Text(get) => write_text(line, get(row).unwrap_or_default()),
                Cell::Platform => {
                    if self.has_platforms {
                        write_text(line, row.platform.unwrap_or_default());
                    }
                }
                Cell::Count(metric) => {
                    let count = count(row, metric).map_or("", |count| digits.format(count));
                    line.extend_from_slice(count.as_bytes());
                    line.push(b',');
                }
            }
        }
        Ok(self.end_line()?)
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> Result<(), WriteError> {
        self.heading()?;
        Ok(self.out.flush()?)
    }
}

/// Writes a text as a cell that no spreadsheet runs, in quotes if it needs them.
pub(crate) fn write_text(line: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    // Without an early exit, this loop takes a few instructions for every 16 bytes.
    let is_special = |has: bool, byte: &u8| has | is_separator(char::from(*byte)) | (*byte == b'"');
    if bytes.first().is_none_or(u8::is_ascii_alphanumeric) && !bytes.iter().fold(false, is_special) {
        line.extend_from_slice(bytes);
    } else {
        let text = escape_formula(text);
        if text.contains([',', '"', '\r', '\n']) {
            line.push(b'"');
            line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            line.push(b'"');
        } else {
            line.extend_from_slice(text.as_bytes());
        }
    }
    line.push(b',');
}
