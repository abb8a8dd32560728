//! Rows as columns of Arrow.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    types::Int32Type,
};
use chrono::NaiveDate;
use parquet::errors::ParquetError;
use usage_client::RowRef;

use crate::{
    schema::{COLUMNS, Column, SCHEMA},
    sort::{
        dictionary::Dictionary,
        format::{ORDER, Text},
        row::Row,
    },
};

/// Rows of a batch.
const BATCH: usize = 8192;
/// The number of no string.
const NONE: i32 = -1;

/// A batch in the making.
pub(super) struct Columns<'a> {
    day: i32,
    dictionary: &'a Dictionary,
    /// The strings of the dictionary, for all columns of all batches.
    values: Arc<StringArray>,
    profile: Arc<StringArray>,
    texts: [TextColumn; RowRef::TEXTS],
    counts: [Vec<i64>; RowRef::COUNTS],
}

/// A column of strings. Its numbers are those of the dictionary, and go on with its own strings.
#[derive(Default)]
struct TextColumn {
    numbers: Vec<i32>,
    own: Vec<String>,
    has_none: bool,
}

impl<'a> Columns<'a> {
    pub(super) fn new(day: NaiveDate, profile: &str, dictionary: &'a Dictionary) -> Self {
        Self {
            day: day.signed_duration_since(NaiveDate::default()).num_days() as i32,
            dictionary,
            values: Arc::new(StringArray::from_iter_values(dictionary.iter())),
            profile: Arc::new(StringArray::from_iter_values([profile])),
            texts: Default::default(),
            counts: Default::default(),
        }
    }

    fn len(&self) -> usize {
        self.counts[0].len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= BATCH
    }

    /// Adds a row. `changes` says what differs from the row before.
    pub(super) fn add(&mut self, row: &Row, changes: u8) {
        // The first row of a batch has no row before it.
        let changes = if self.is_empty() { u8::MAX } else { changes };
        for (place, column) in ORDER.into_iter().enumerate() {
            let texts = &mut self.texts[column];
            match texts.numbers.last() {
                Some(before) if changes & 1 << place == 0 => texts.numbers.push(*before),
                _ => texts.add(row.text(column), self.dictionary.len()),
            }
        }
        for (column, count) in self.counts.iter_mut().zip(row.counts) {
            column.push(count);
        }
    }

    /// All rows so far.
    pub(super) fn take(&mut self) -> Result<RecordBatch, ParquetError> {
        let rows = self.len();
        let columns = COLUMNS.iter().map(|column| -> ArrayRef {
            match *column {
                Column::Profile => {
                    let numbers = Int32Array::from(vec![0; rows]);
                    Arc::new(DictionaryArray::new(numbers, self.profile.clone()))
                }
                Column::Date => Arc::new(Date32Array::from(vec![self.day; rows])),
                Column::Text(place) => Arc::new(self.texts[place].take(&self.values)),
                Column::Count(place) => Arc::new(Int64Array::from(next(&mut self.counts[place]))),
            }
        });
        Ok(RecordBatch::try_new(SCHEMA.clone(), columns.collect())?)
    }
}

/// The values, and room for as many.
fn next<T>(values: &mut Vec<T>) -> Vec<T> {
    let room = Vec::with_capacity(values.len());
    std::mem::replace(values, room)
}

impl TextColumn {
    fn add(&mut self, text: Text<'_>, shared: usize) {
        let number = match text {
            Text::Absent => {
                self.has_none = true;
                NONE
            }
            Text::Shared(number) => number.into(),
            Text::Own(text) => {
                self.own.push(text.to_owned());
                (shared + self.own.len() - 1) as i32
            }
        };
        self.numbers.push(number);
    }

    fn take(&mut self, shared: &Arc<StringArray>) -> DictionaryArray<Int32Type> {
        let numbers = next(&mut self.numbers);
        let numbers = if std::mem::take(&mut self.has_none) {
            Int32Array::from_iter(
                numbers
                    .into_iter()
                    .map(|number| (number != NONE).then_some(number)),
            )
        } else {
            Int32Array::from(numbers)
        };
        let own = std::mem::take(&mut self.own);
        let values = if own.is_empty() {
            shared.clone()
        } else {
            let shared = shared.iter().flatten();
            Arc::new(StringArray::from_iter_values(
                shared.chain(own.iter().map(String::as_str)),
            ))
        };
        DictionaryArray::new(numbers, values)
    }
}
