//! Comma-separated values (RFC 4180), with the same columns in the same order for every query. Rows of jobs have one more.
//!
//! Rows are written here and not by the csv crate, because looking for quotes and for formulas in one pass takes a third
//! of the time of both. The csv crate reads what is written here in the tests.

use std::io::{self, Write};

use usage_client::{Metric, RowRef};

use super::{
    day::write_day,
    formula::{escape_formula, is_separator},
    record::{self, Context, Row, count},
};
use crate::result::OrganizationResult;

/// The content of a column.
#[derive(Clone, Copy)]
enum Cell {
    Date,
    Text(for<'r> fn(&RowRef<'r>) -> Option<&'r str>),
    /// Only in files of rows that may have one.
    Platform,
    Count(Metric),
}

/// The columns of the query, which are the same in all rows.
const QUERY_COLUMNS: [&str; 2] = ["interval", "granularity"];

/// The columns after them.
const COLUMNS: [(&str, Cell); 14] = [
    ("date", Cell::Date),
    ("clientId", Cell::Text(|row| row.client_id)),
    ("clientName", Cell::Text(|row| row.client_name)),
    ("organizationId", Cell::Text(|row| row.organization_id)),
    ("userId", Cell::Text(|row| row.user_id)),
    ("templateUri", Cell::Text(|row| row.template_uri)),
    ("httpMethod", Cell::Text(|row| row.http_method)),
    ("platform", Cell::Platform),
    ("requests", Cell::Count(Metric::Requests)),
    ("status200", Cell::Count(Metric::Status200)),
    ("status300", Cell::Count(Metric::Status300)),
    ("status400", Cell::Count(Metric::Status400)),
    ("status429", Cell::Count(Metric::Status429)),
    ("status500", Cell::Count(Metric::Status500)),
];

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
        let interval = context.interval().map(|interval| interval.to_string());
        let granularity = context.granularity.map(|granularity| granularity.to_string());
        let mut query = Vec::new();
        for value in [interval, granularity] {
            write_text(&mut query, &value.unwrap_or_default());
        }
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
        let profile = self.has_profiles.then_some("profile");
        let headings = profile.into_iter().chain(QUERY_COLUMNS);
        let is_there = |cell: &Cell| self.has_platforms || !matches!(cell, Cell::Platform);
        let columns = COLUMNS.into_iter().filter(|(_, cell)| is_there(cell));
        let headings = headings.chain(columns.map(|(heading, _)| heading));
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
    fn row(&mut self, Row { profile, row }: &Row<'_>) -> io::Result<()> {
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
        self.end_line()
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> io::Result<()> {
        self.heading()?;
        self.out.flush()
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
