//! Rows as positions in the text that they were read from.

use std::num::NonZeroI32;

use chrono::{DateTime, Utc};

use crate::generated::rows::RowRef;

pub(super) const TEXTS: usize = RowRef::TEXTS;
pub(super) const COUNTS: usize = RowRef::COUNTS;

/// A bit for each count. They fit in padding.
pub(super) type Counted = u16;
const _: () = assert!(COUNTS <= Counted::BITS as usize, "`Counted` is too narrow");

/// Rows of one text, which is stored elsewhere.
#[derive(Clone, Default)]
pub(super) struct PackedRows {
    pub(super) rows: Vec<PackedRow>,
    /// The strings that have escapes in JSON, without the escapes.
    pub(super) unescaped: String,
}

/// A row. Its strings and counts are in the order in which the service sends them.
#[derive(Clone, Default)]
pub(super) struct PackedRow {
    pub(super) texts: [Option<Span>; TEXTS],
    pub(super) counts: [i64; COUNTS],
    /// A bit for each count that is not null.
    pub(super) counted: Counted,
    pub(super) date: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy)]
pub(super) struct Span {
    /// The position in the text plus one, so that an `Option` needs no extra memory. Negative for a string without
    /// its escapes.
    start: NonZeroI32,
    length: u32,
}

impl Span {
    /// The position of a string that was borrowed from a text. Nothing beyond 2 GiB, which is far more than the
    /// decoder holds.
    pub(super) fn of(part: &str, text: &str) -> Option<Self> {
        let start = part.as_ptr().addr() - text.as_ptr().addr();
        Self::at(start, start + part.len())
    }

    /// The position of a string in a text.
    pub(super) fn at(start: usize, end: usize) -> Option<Self> {
        Self::new(start, end - start, 1)
    }

    fn new(start: usize, length: usize, sign: i32) -> Option<Self> {
        Some(Self {
            start: NonZeroI32::new(i32::try_from(start + 1).ok()? * sign)?,
            length: u32::try_from(length).ok()?,
        })
    }
}

impl PackedRows {
    pub(super) fn clear(&mut self) {
        self.truncate((0, 0));
    }

    /// The current lengths.
    pub(super) fn lengths(&self) -> (usize, usize) {
        (self.rows.len(), self.unescaped.len())
    }

    /// Drops what was added after these lengths.
    pub(super) fn truncate(&mut self, (rows, unescaped): (usize, usize)) {
        self.rows.truncate(rows);
        self.unescaped.truncate(unescaped);
    }

    /// Stores a string that is not in the text in this form.
    pub(super) fn keep(&mut self, unescaped: &str) -> Option<Span> {
        let span = Span::new(self.unescaped.len(), unescaped.len(), -1);
        self.unescaped.push_str(unescaped);
        span
    }

    /// Adds a row, and its strings to the text. A string that the row before has at the same place is not added again.
    pub(super) fn add(&mut self, row: &RowRef<'_>, text: &mut String) {
        let mut packed = PackedRow {
            date: row.date,
            ..PackedRow::default()
        };
        for (place, count) in row.counts().into_iter().enumerate() {
            if let Some(count) = count {
                packed.counts[place] = count;
                packed.counted |= 1 << place;
            }
        }
        for (place, part) in row.texts().into_iter().enumerate() {
            let before = self.rows.last().and_then(|row| row.texts[place]);
            packed.texts[place] = match (part, before) {
                (Some(part), Some(before)) if self.text(before, text) == part => Some(before),
                (Some(part), _) => {
                    let start = text.len();
                    text.push_str(part);
                    Span::at(start, text.len())
                }
                (None, _) => None,
            };
        }
        self.rows.push(packed);
    }

    /// A row for users. `text` is the text that all rows were read from.
    pub(super) fn unpack<'a>(&'a self, row: &PackedRow, text: &'a str) -> RowRef<'a> {
        let text = |place: usize| row.texts[place].map(|span| self.text(span, text));
        let count = |place: usize| (row.counted & 1 << place != 0).then_some(row.counts[place]);
        RowRef::from_places(text, count, row.date)
    }

    fn text<'a>(&'a self, span: Span, text: &'a str) -> &'a str {
        let source = if span.start.is_positive() {
            text
        } else {
            &self.unescaped
        };
        let start = span.start.unsigned_abs().get() as usize - 1;
        &source[start..start + span.length as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_no_more_than_its_fields_and_one_word() {
        let fields = size_of::<[u64; TEXTS + COUNTS]>() + size_of::<Option<DateTime<Utc>>>();
        let size = size_of::<PackedRow>();
        assert!(size <= fields + 8, "{size} bytes for {fields} of fields");
    }
}
