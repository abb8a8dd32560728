//! Rows of the columns that were read. They are found by their names.

use arrow_array::{Array, ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use chrono::{DateTime, Utc};
use usage_client::{RowBatch, RowRef};

use crate::schema::{COUNTS, DATE, TEXTS};

const DAY: i64 = 24 * 60 * 60;

/// The rows of a batch of columns. A column that an older file does not have is absent in each row.
pub(super) fn rows(batch: &RecordBatch) -> Result<RowBatch, String> {
    let texts = columns::<StringArray, { RowRef::TEXTS }>(batch, TEXTS, "text")?;
    let counts = columns::<Int64Array, { RowRef::COUNTS }>(batch, COUNTS, "whole numbers of 64 bits")?;
    let [dates] = columns::<Date32Array, 1>(batch, [DATE], "dates")?;
    let valid = |array: &dyn Array, row| array.is_valid(row);
    let rows = (0..batch.num_rows()).map(|row| {
        RowRef::from_parts(
            texts.map(|column| {
                column
                    .filter(|column| valid(column, row))
                    .map(|column| column.value(row))
            }),
            counts.map(|column| {
                column
                    .filter(|column| valid(column, row))
                    .map(|column| column.value(row))
            }),
            dates
                .filter(|column| valid(column, row))
                .and_then(|column| midnight(column.value(row))),
        )
    });
    Ok(rows.collect())
}

fn midnight(days: i32) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::from(days) * DAY, 0)
}

fn columns<'a, T: 'static, const N: usize>(
    batch: &'a RecordBatch,
    names: [&str; N],
    expected: &str,
) -> Result<[Option<&'a T>; N], String> {
    let mut found = [None; N];
    for (found, name) in found.iter_mut().zip(names) {
        if let Some(column) = batch.column_by_name(name) {
            *found = Some(typed(column, name, expected)?);
        }
    }
    Ok(found)
}

fn typed<'a, T: 'static>(column: &'a ArrayRef, name: &str, expected: &str) -> Result<&'a T, String> {
    column.as_any().downcast_ref().ok_or_else(|| {
        format!(
            "the column {name} has the type {}, not {expected}",
            column.data_type()
        )
    })
}
