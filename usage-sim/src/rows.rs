//! The JSON of the results of a query or search, written directly into chunks.

use bytes::{BufMut, Bytes, BytesMut};
use chrono::{Datelike, NaiveDate};

use crate::payload::{CHUNK, Payload};
use crate::row::Row;

/// Space for the last row of a chunk.
const SLACK: usize = 1024;

/// A row that has every key and no value.
pub(crate) const NULL_ROW: &str = concat!(
    r#"{"clientId":null,"clientName":null,"organizationId":null,"userId":null,"templateUri":null,"#,
    r#""httpMethod":null,"status200":null,"status300":null,"status400":null,"status500":null,"#,
    r#""status429":null,"requests":null,"date":null}"#
);

const COUNT_KEYS: [&str; 6] = [
    r#","status200":"#,
    r#","status300":"#,
    r#","status400":"#,
    r#","status500":"#,
    r#","status429":"#,
    r#","requests":"#,
];

/// The parts of the response around the rows.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    /// The query status as JSON.
    pub(crate) status: String,
    /// Whether the first row has only nulls.
    pub(crate) nulls: bool,
    /// The cursor of the next page.
    pub(crate) after: Option<String>,
}

/// Appends one row. A dimension that is not grouped by is an empty string. Metrics that are not selected are left
/// out: it is not known whether the service does so, or sends 0 or null.
pub(crate) fn write(text: &mut BytesMut, row: &Row<'_>, metrics: [bool; 6]) {
    for (key, value) in [
        (r#"{"clientId":""#, row.client_id),
        (r#"","clientName":""#, row.client_name),
        (r#"","organizationId":""#, row.organization_id),
        (r#"","userId":""#, row.user_id),
        (r#"","templateUri":""#, row.template_uri),
        (r#"","httpMethod":""#, row.http_method),
    ] {
        text.put_slice(key.as_bytes());
        text.put_slice(value.unwrap_or_default().as_bytes());
    }
    text.put_u8(b'"');
    let mut digits = itoa::Buffer::new();
    for ((key, count), _) in COUNT_KEYS
        .iter()
        .zip(row.counts)
        .zip(metrics)
        .filter(|(_, selected)| *selected)
    {
        text.put_slice(key.as_bytes());
        text.put_slice(digits.format(count).as_bytes());
    }
    if let Some(date) = row.date {
        text.put_slice(br#","date":""#);
        write_day(text, date);
        text.put_slice(br#"T00:00:00Z""#);
    }
    text.put_u8(b'}');
}

/// Appends a day as `2020-02-01`.
pub(crate) fn write_day(text: &mut BytesMut, date: NaiveDate) {
    let year = date.year().unsigned_abs();
    write_two(text, year / 100);
    write_two(text, year % 100);
    text.put_u8(b'-');
    write_two(text, date.month());
    text.put_u8(b'-');
    write_two(text, date.day());
}

fn write_two(text: &mut BytesMut, number: u32) {
    text.put_u8(b'0' + (number / 10 % 10) as u8);
    text.put_u8(b'0' + (number % 10) as u8);
}

/// The complete response, made chunk by chunk. `next` appends one row and returns whether there was one.
pub(crate) fn document(
    envelope: Envelope,
    next: impl FnMut(&mut BytesMut) -> bool + Send + 'static,
) -> Payload {
    Payload::streamed(Chunks {
        envelope,
        next,
        rows: 0,
        done: false,
    })
}

struct Chunks<F> {
    envelope: Envelope,
    next: F,
    rows: u64,
    done: bool,
}

impl<F: FnMut(&mut BytesMut) -> bool> Iterator for Chunks<F> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.done {
            return None;
        }
        let mut text = BytesMut::with_capacity(CHUNK + SLACK);
        if self.rows == 0 {
            self.open(&mut text);
        }
        while text.len() < CHUNK {
            if !self.row(&mut text) {
                // `results` comes before `queryStatus`, as in the service: only the end shows that the response is complete.
                text.put_slice(br#"],"queryStatus":"#);
                text.put_slice(self.envelope.status.as_bytes());
                if let Some(after) = &self.envelope.after {
                    text.put_slice(br#","cursors":{"after":""#);
                    text.put_slice(after.as_bytes());
                    text.put_slice(br#""}"#);
                }
                text.put_u8(b'}');
                self.done = true;
                break;
            }
        }
        Some(text.freeze())
    }
}

impl<F: FnMut(&mut BytesMut) -> bool> Chunks<F> {
    fn open(&mut self, text: &mut BytesMut) {
        text.put_slice(br#"{"results":["#);
        if self.envelope.nulls {
            text.put_slice(NULL_ROW.as_bytes());
            self.rows += 1;
        }
    }

    fn row(&mut self, text: &mut BytesMut) -> bool {
        let start = text.len();
        if self.rows > 0 {
            text.put_u8(b',');
        }
        if !(self.next)(text) {
            text.truncate(start);
            return false;
        }
        self.rows += 1;
        true
    }
}
