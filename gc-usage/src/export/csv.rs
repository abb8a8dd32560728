//! Comma-separated values (RFC 4180), with the same columns in the same order whatever was asked for.

use std::io::{self, Write};

use csv::{ByteRecord, Terminator, WriterBuilder};

use super::{Context, Row, cells::harmless};
use crate::ask::Answered;

const COLUMNS: [&str; 15] = [
    "interval",
    "granularity",
    "date",
    "clientId",
    "clientName",
    "organizationId",
    "userId",
    "templateUri",
    "httpMethod",
    "requests",
    "status200",
    "status300",
    "status400",
    "status429",
    "status500",
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
        for column in COLUMNS {
            self.record.push_field(column.as_bytes());
        }
        self.out.write_byte_record(&self.record).map_err(of_output)
    }
}

impl<W: Write> super::Export for Export<W> {
    fn row(&mut self, Row { profile, row }: &Row<'_>) -> io::Result<()> {
        self.heading()?;
        let record = &mut self.record;
        record.clear();
        if self.has_profiles {
            record.push_field(harmless(profile.unwrap_or_default()).as_bytes());
        }
        record.push_field(self.interval.as_bytes());
        record.push_field(self.granularity.as_bytes());
        let date = row
            .date
            .map(|date| date.date_naive().to_string())
            .unwrap_or_default();
        record.push_field(date.as_bytes());
        for text in [
            row.client_id,
            row.client_name,
            row.organization_id,
            row.user_id,
            row.template_uri,
            row.http_method,
        ] {
            record.push_field(harmless(text.unwrap_or_default()).as_bytes());
        }
        let mut digits = itoa::Buffer::new();
        for count in [
            row.requests,
            row.status200,
            row.status300,
            row.status400,
            row.status429,
            row.status500,
        ] {
            record.push_field(count.map_or("", |count| digits.format(count)).as_bytes());
        }
        self.out.write_byte_record(record).map_err(of_output)
    }

    fn finish(&mut self, _answers: &[Answered]) -> io::Result<()> {
        self.heading()?;
        self.out.flush()
    }
}

/// The output's own error: csv's conversion hides its kind, and a closed pipe or a full disk with it.
fn of_output(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
