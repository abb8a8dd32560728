//! Writes a row as JSON with the service's names, as serde does it, but faster: keys are copied, and a string is copied after
//! one look for characters that need an escape.

use chrono::{DateTime, NaiveTime, Utc};
use usage_client::RowRef;

use super::{day::write_day, record::Row};

/// Writes the members of rows, as the text within a JSON object.
pub(super) struct Members {
    profile: Key,
    texts: [Key; RowRef::TEXTS],
    counts: [Key; RowRef::COUNTS],
    date: Key,
}

/// A key with the punctuation around it: a comma, which the first member does not have, and a colon.
struct Key(String);

impl Members {
    pub(super) fn new() -> Self {
        let [.., date] = RowRef::KEYS;
        Self {
            profile: Key::new("profile"),
            texts: std::array::from_fn(|place| Key::new(RowRef::KEYS[place])),
            counts: std::array::from_fn(|place| Key::new(RowRef::KEYS[RowRef::TEXTS + place])),
            date: Key::new(date),
        }
    }

    /// Appends the members of a row, and its profile before them.
    pub(super) fn write(&self, line: &mut Vec<u8>, Row { profile, row }: &Row<'_>) {
        let start = line.len();
        if let Some(profile) = profile {
            self.profile.write(line, start);
            write_string(line, profile);
        }
        for (key, text) in self.texts.iter().zip(row.texts()) {
            if let Some(text) = text {
                key.write(line, start);
                write_string(line, text);
            }
        }
        let mut digits = itoa::Buffer::new();
        for (key, count) in self.counts.iter().zip(row.counts()) {
            if let Some(count) = count {
                key.write(line, start);
                line.extend_from_slice(digits.format(count).as_bytes());
            }
        }
        if let Some(date) = row.date {
            self.date.write(line, start);
            write_date(line, date);
        }
    }
}

impl Key {
    fn new(key: &str) -> Self {
        Self(format!(",{}:", serde_json::Value::from(key)))
    }

    fn write(&self, line: &mut Vec<u8>, start: usize) {
        let is_first = line.len() == start;
        line.extend_from_slice(&self.0.as_bytes()[usize::from(is_first)..]);
    }
}

/// Appends a JSON string.
pub(super) fn write_string(line: &mut Vec<u8>, text: &str) {
    // Without an early exit, this loop takes a few instructions for every 16 bytes.
    let is_special = |has: bool, byte: &u8| has | (*byte < b' ') | matches!(byte, b'"' | b'\\');
    if text.as_bytes().iter().fold(false, is_special) {
        line.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
        return;
    }
    line.push(b'"');
    line.extend_from_slice(text.as_bytes());
    line.push(b'"');
}

/// Appends a date as chrono does.
fn write_date(line: &mut Vec<u8>, date: DateTime<Utc>) {
    line.push(b'"');
    if date.time() == NaiveTime::MIN {
        write_day(line, date.date_naive());
        line.extend_from_slice(b"T00:00:00Z");
    } else {
        let text = date.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        line.extend_from_slice(text.as_bytes());
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_row_is_written_as_serde_writes_it(
            texts in prop::array::uniform7(prop::option::of("[ -~é日\u{0}\n\u{7f}\"\\\\/]{0,20}")),
            counts in prop::array::uniform6(prop::option::of(any::<i64>())),
            seconds in prop::option::of(prop_oneof![
                (-700_000..2_900_000_i64).prop_map(|day| day * 86_400),
                -60_000_000_000..250_000_000_000_i64,
            ]),
            nanoseconds in prop_oneof![Just(0), 0..1_000_000_000_u32],
            profile in prop::option::of("[a\"]{0,3}"),
        ) {
            let date = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, nanoseconds));
            let row = RowRef::from_parts(texts.each_ref().map(Option::as_deref), counts, date);
            let mut expected = serde_json::to_string(&row).unwrap();
            if let Some(profile) = &profile {
                let key = format!("{{\"profile\":{}", serde_json::Value::from(profile.as_str()));
                let comma = if expected == "{}" { "" } else { "," };
                expected = key + comma + &expected[1..];
            }
            let mut line = Vec::new();
            Members::new().write(&mut line, &Row { profile: profile.as_deref(), row: &row });
            prop_assert_eq!(format!("{{{}}}", String::from_utf8(line).unwrap()), expected);
        }
    }
}
