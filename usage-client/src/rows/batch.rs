//! Rows that share one text, which is usually a piece of the response.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use super::packed::{PackedRow, PackedRows};
use crate::generated::rows::RowRef;

/// Some consecutive rows. They borrow their strings from the batch's text. Rows from elsewhere become a batch by
/// `collect()`.
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
    buffers: Buffers,
    pool: BufferPool,
}

/// The buffers of a batch.
#[derive(Clone, Default)]
struct Buffers {
    text: String,
    packed: PackedRows,
}

/// Buffers of dropped batches, for new ones: using new memory costs about as much as filling it.
#[derive(Clone, Default)]
struct BufferPool(Arc<Mutex<Vec<Buffers>>>);

/// As many as there are batches: waiting, being filled and being read.
const POOLED_BUFFERS: usize = 4;
/// Buffers that grew for an unusual row are not kept.
const LARGEST_BUFFER: usize = 1024 * 1024;

impl RowBatch {
    /// The number of rows. A batch of a stream is never empty.
    pub fn len(&self) -> usize {
        self.buffers.packed.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.buffers.packed.rows.is_empty()
    }

    /// How many bytes of the response the batch was read from.
    pub fn bytes(&self) -> usize {
        self.buffers.text.len()
    }

    /// The row at an index.
    pub fn get(&self, index: usize) -> Option<RowRef<'_>> {
        self.buffers.packed.rows.get(index).map(|row| self.unpack(row))
    }

    /// The rows, in the order in which the service sent them.
    pub fn iter(&self) -> RowIter<'_> {
        RowIter {
            batch: self,
            rows: self.buffers.packed.rows.iter(),
        }
    }

    fn unpack(&self, row: &PackedRow) -> RowRef<'_> {
        self.buffers.packed.unpack(row, &self.buffers.text)
    }
}

impl fmt::Debug for RowBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// A batch with copies of these rows. A string that consecutive rows share is stored once.
///
/// # Panics
///
/// If the strings take 2 GiB or more.
impl<'a> FromIterator<RowRef<'a>> for RowBatch {
    fn from_iter<I: IntoIterator<Item = RowRef<'a>>>(rows: I) -> Self {
        let mut buffers = Buffers::default();
        for row in rows {
            buffers.packed.add(&row, &mut buffers.text);
        }
        assert!(
            i32::try_from(buffers.text.len()).is_ok(),
            "the strings of a batch take 2 GiB or more"
        );
        Self {
            buffers,
            pool: BufferPool::default(),
        }
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
#[derive(Clone)]
pub struct RowIter<'a> {
    batch: &'a RowBatch,
    rows: std::slice::Iter<'a, PackedRow>,
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

impl fmt::Debug for RowIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl Drop for RowBatch {
    fn drop(&mut self) {
        self.pool.put(std::mem::take(&mut self.buffers));
    }
}

impl BufferPool {
    /// Empty buffers, reused if possible.
    fn take(&self) -> Buffers {
        self.0
            .lock()
            .ok()
            .and_then(|mut pool| pool.pop())
            .unwrap_or_default()
    }

    fn put(&self, mut buffers: Buffers) {
        if buffers.text.capacity() + buffers.packed.unescaped.capacity() > LARGEST_BUFFER {
            return;
        }
        buffers.text.clear();
        buffers.packed.clear();
        if let Ok(mut pool) = self.0.lock()
            && pool.len() < POOLED_BUFFERS
        {
            pool.push(buffers);
        }
    }
}

/// A batch in the making, without its text.
#[derive(Default)]
pub(super) struct BatchBuilder {
    pub(super) packed: PackedRows,
    pool: BufferPool,
}

impl BatchBuilder {
    pub(super) fn is_empty(&self) -> bool {
        self.packed.rows.is_empty()
    }

    /// A batch of all rows so far. It takes their text, so `text` is empty afterwards.
    pub(super) fn take(&mut self, text: &mut String) -> RowBatch {
        let next = self.pool.take();
        RowBatch {
            buffers: Buffers {
                text: std::mem::replace(text, next.text),
                packed: std::mem::replace(&mut self.packed, next.packed),
            },
            pool: self.pool.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::*;

    /// Few strings, so that rows often have one of the row before.
    fn texts() -> impl Strategy<Value = [Option<&'static str>; RowRef::TEXTS]> {
        [(); RowRef::TEXTS].map(|()| option::of(select(vec!["", "a", "ab", "Zürich 日本", "\"\\\n"])))
    }

    proptest! {
        #[test]
        fn rows_of_a_batch_are_those_that_it_was_made_of(
            parts in vec((texts(), [(); RowRef::COUNTS].map(|()| option::of(any::<i64>())), option::of(any::<i32>())), 0..20),
        ) {
            let rows: Vec<_> = parts
                .into_iter()
                .map(|(texts, counts, date)| {
                    let date = date.and_then(|seconds| DateTime::from_timestamp(seconds.into(), 0));
                    RowRef::from_parts(texts, counts, date)
                })
                .collect();
            let batch: RowBatch = rows.iter().copied().collect();
            prop_assert_eq!(batch.iter().collect::<Vec<_>>(), rows);
        }
    }

    #[test]
    fn a_string_that_consecutive_rows_share_is_stored_once() {
        let row = |client, user| RowRef {
            client_id: Some(client),
            user_id: Some(user),
            ..RowRef::default()
        };
        let batch = RowBatch::from_iter([row("client", "1"), row("client", "2"), row("other", "2")]);
        assert_eq!(batch.buffers.text, "client12other");
    }
}
