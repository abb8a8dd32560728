//! Comma-separated values (RFC 4180), with the same columns in the same order for every query.

use std::io::{self, Write};

use csv::{ByteRecord, Terminator, WriterBuilder};
use usage_client::{Metric, RowRef};

use super::{
    formula::escape_formula,
    record::{self, Context, Row, count},
};
use crate::result::OrganizationResult;

/// The content of a column.
#[derive(Clone, Copy)]
enum Cell {
    Interval,
    Granularity,
    Date,
    Text(for<'r> fn(&RowRef<'r>) -> Option<&'r str>),
    Count(Metric),
}

/// All columns except the profile.
const COLUMNS: [(&str, Cell); 15] = [
    ("interval", Cell::Interval),
    ("granularity", Cell::Granularity),
    ("date", Cell::Date),
    ("clientId", Cell::Text(|row| row.client_id)),
    ("clientName", Cell::Text(|row| row.client_name)),
    ("organizationId", Cell::Text(|row| row.organization_id)),
    ("userId", Cell::Text(|row| row.user_id)),
    ("templateUri", Cell::Text(|row| row.template_uri)),
    ("httpMethod", Cell::Text(|row| row.http_method)),
    ("requests", Cell::Count(Metric::Requests)),
    ("status200", Cell::Count(Metric::Status200)),
    ("status300", Cell::Count(Metric::Status300)),
    ("status400", Cell::Count(Metric::Status400)),
    ("status429", Cell::Count(Metric::Status429)),
    ("status500", Cell::Count(Metric::Status500)),
];

pub(crate) struct Export<W: Write> {
    out: csv::Writer<W>,
    has_profiles: bool,
    granularity: String,
    interval: String,
    has_heading: bool,
    record: ByteRecord,
}

impl<W: Write> Export<W> {
    pub(super) fn new(context: Context, out: W) -> Self {
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            out: WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out),
            has_profiles: context.has_profiles,
            granularity: text(context.granularity.map(|granularity| granularity.to_string())),
            interval: text(context.interval().map(|interval| interval.to_string())),
            has_heading: false,
            record: ByteRecord::new(),
        }
    }

    fn heading(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.has_heading, true) {
            return Ok(());
        }
        self.record.clear();
        if self.has_profiles {
            self.record.push_field(b"profile");
        }
        for (heading, _) in COLUMNS {
            self.record.push_field(heading.as_bytes());
        }
        self.out.write_byte_record(&self.record).map_err(of_output)
    }
}

impl<W: Write> record::Export for Export<W> {
    fn row(&mut self, Row { profile, row }: &Row<'_>) -> io::Result<()> {
        self.heading()?;
        let record = &mut self.record;
        record.clear();
        if self.has_profiles {
            record.push_field(escape_formula(profile.unwrap_or_default()).as_bytes());
        }
        let mut digits = itoa::Buffer::new();
        for (_, cell) in COLUMNS {
            match cell {
                Cell::Interval => record.push_field(self.interval.as_bytes()),
                Cell::Granularity => record.push_field(self.granularity.as_bytes()),
                Cell::Date => {
                    let day = row.date.map(|date| date.date_naive().to_string());
                    record.push_field(day.unwrap_or_default().as_bytes());
                }
                Cell::Text(get) => record.push_field(escape_formula(get(row).unwrap_or_default()).as_bytes()),
                Cell::Count(metric) => {
                    let count = count(row, metric);
                    record.push_field(count.map_or("", |count| digits.format(count)).as_bytes());
                }
            }
        }
        self.out.write_byte_record(record).map_err(of_output)
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> io::Result<()> {
        self.heading()?;
        self.out.flush()
    }
}

/// The error of the output. The conversion of the csv crate hides its kind, such as a closed pipe or a full disk.
fn of_output(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
