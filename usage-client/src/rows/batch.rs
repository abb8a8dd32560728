//! Rows that share one piece of the answer's text.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{
    parse::{COUNTS, ParsedRow, TEXTS},
    row::RowRef,
};

/// Some rows in a row, without a text of their own each: they borrow from the batch's piece of the answer.
///
/// ```no_run
/// # async fn example(execution: usage_client::Execution) -> usage_client::Result<()> {
/// use futures_util::TryStreamExt as _;
///
/// let mut batches = execution.row_batches();
/// while let Some(batch) = batches.try_next().await? {
///     for row in &batch {
///         println!("{} {}", row.client_name.unwrap_or_default(), row.requests.unwrap_or_default());
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RowBatch {
    text: String,
    /// Texts that JSON wrote with escapes, without them.
    unescaped: String,
    rows: Vec<Packed>,
}

/// A row as places in a batch's text.
#[derive(Clone)]
struct Packed {
    texts: [Option<Span>; TEXTS],
    counts: [i64; COUNTS],
    /// A bit for each count that is there.
    counted: u8,
    date: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy)]
struct Span {
    /// One more than the place in the text, so that an `Option` takes no room of its own; negative for the unescaped.
    start: std::num::NonZeroI32,
    length: u32,
}

impl RowBatch {
    /// How many rows there are. Never none in a batch of a stream.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at a place, counted from 0.
    pub fn get(&self, index: usize) -> Option<RowRef<'_>> {
        self.rows.get(index).map(|row| self.unpack(row))
    }

    /// The rows in the order in which the service sent them.
    pub fn iter(&self) -> RowIter<'_> {
        RowIter {
            batch: self,
            rows: self.rows.iter(),
        }
    }

    fn unpack(&self, row: &Packed) -> RowRef<'_> {
        let text = |place: usize| row.texts[place].map(|span| self.text(span));
        let count = |place: usize| (row.counted & 1 << place != 0).then_some(row.counts[place]);
        RowRef {
            client_id: text(0),
            client_name: text(1),
            organization_id: text(2),
            user_id: text(3),
            template_uri: text(4),
            http_method: text(5),
            status200: count(0),
            status300: count(1),
            status400: count(2),
            status500: count(3),
            status429: count(4),
            requests: count(5),
            date: row.date,
        }
    }

    fn text(&self, span: Span) -> &str {
        let source = if span.start.is_positive() {
            &self.text
        } else {
            &self.unescaped
        };
        let start = span.start.unsigned_abs().get() as usize - 1;
        &source[start..start + span.length as usize]
    }
}

impl fmt::Debug for RowBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a RowBatch {
    type Item = RowRef<'a>;
    type IntoIter = RowIter<'a>;

    fn into_iter(self) -> RowIter<'a> {
        self.iter()
    }
}

/// The rows of a [`RowBatch`].
#[derive(Clone, Debug)]
pub struct RowIter<'a> {
    batch: &'a RowBatch,
    rows: std::slice::Iter<'a, Packed>,
}

impl<'a> Iterator for RowIter<'a> {
    type Item = RowRef<'a>;

    fn next(&mut self) -> Option<RowRef<'a>> {
        self.rows.next().map(|row| self.batch.unpack(row))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl ExactSizeIterator for RowIter<'_> {}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packed").finish_non_exhaustive()
    }
}

/// A batch that is being made, without its text.
#[derive(Default)]
pub(super) struct Packing {
    unescaped: String,
    rows: Vec<Packed>,
}

impl Packing {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row that was parsed from somewhere in `text`.
    pub(super) fn add(&mut self, row: &ParsedRow<'_>, text: &str) {
        let mut texts = row
            .texts
            .map(|part| part.and_then(|part| span(place_of(part, text), part.len(), 1)));
        for (place, part) in &row.unescaped {
            texts[*place] = span(self.unescaped.len(), part.len(), -1);
            self.unescaped.push_str(part);
        }
        self.rows.push(Packed {
            texts,
            counts: row.counts,
            counted: row.counted,
            date: row.date,
        });
    }

    /// The batch of all rows added, which takes the text that they were parsed from.
    pub(super) fn take(&mut self, text: String) -> RowBatch {
        // The next batch will have about as many.
        let next = Vec::with_capacity(self.rows.len());
        RowBatch {
            text,
            unescaped: std::mem::take(&mut self.unescaped),
            rows: std::mem::replace(&mut self.rows, next),
        }
    }
}

/// Where a part that was borrowed from a text stands in it.
fn place_of(part: &str, text: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// `sign`: -1 for the unescaped.
fn span(start: usize, length: usize, sign: i32) -> Option<Span> {
    // The decoder keeps texts far below 2 GiB.
    let start = i32::try_from(start + 1).ok()? * sign;
    Some(Span {
        start: std::num::NonZeroI32::new(start)?,
        length: u32::try_from(length).ok()?,
    })
}
