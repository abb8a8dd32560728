//! The rows of a finished query, each by its position.

use std::borrow::Borrow;
use std::ops::Range;

use bytes::BytesMut;

use crate::aggregate::Table;
use crate::bulk::Bulk;
use crate::row::Row;

/// The rows of a finished query.
pub(crate) enum Source {
    History(Table),
    Bulk(Bulk),
}

impl Source {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::History(table) => table.len(),
            Self::Bulk(bulk) => bulk.len(),
        }
    }

    /// The row at this position, which must be below [`len`](Self::len).
    pub(crate) fn row(&self, position: u64) -> Row<'_> {
        match self {
            Self::History(table) => table.row(position),
            Self::Bulk(bulk) => bulk.row(position),
        }
    }

    /// Which counts the rows have, in the history's order.
    pub(crate) fn metrics(&self) -> [bool; 6] {
        match self {
            Self::History(table) => table.metrics(),
            Self::Bulk(_) => [true; 6],
        }
    }
}

/// Appends a row with the counts that are selected.
pub(crate) type Write = fn(&mut BytesMut, &Row<'_>, [bool; 6]);

/// Writes some of the rows of a source, one at each call.
pub(crate) struct RowWriter<S> {
    pub(crate) source: S,
    pub(crate) rows: Range<u64>,
    /// Whether it begins with the last one.
    pub(crate) reversed: bool,
    pub(crate) write: Write,
}

impl<S: Borrow<Source>> RowWriter<S> {
    /// Appends the next row. Returns whether there was one.
    pub(crate) fn append(&mut self, text: &mut BytesMut) -> bool {
        let next = if self.reversed {
            self.rows.next_back()
        } else {
            self.rows.next()
        };
        let source = self.source.borrow();
        if let Some(position) = next {
            (self.write)(text, &source.row(position), source.metrics());
        }
        next.is_some()
    }
}
