//! Helpers for the tests of several modules.

use chrono::NaiveDate;
use serde_json::{Value, json};
use usage_client::{ApiUsageRow, RowBatch, RowDecoder, RowRef};

use crate::screen::Screen;

/// The batches of a response with these rows.
pub(crate) fn batches(rows: &[Value]) -> Vec<RowBatch> {
    let response = json!({"results": rows, "queryStatus": "Complete"}).to_string();
    let (mut decoder, mut input) = (RowDecoder::new(), response.as_bytes());
    let mut batches = Vec::new();
    while let Some(batch) = decoder.decode(&mut input).unwrap() {
        batches.push(batch);
    }
    batches.extend(decoder.finish().unwrap());
    batches
}

/// A day in ISO 8601.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A row with the service's names.
pub(crate) fn row(value: &Value) -> ApiUsageRow {
    serde_json::from_value(value.clone()).unwrap()
}

/// A row of a query or a job, with the names of [`RowRef::KEYS`].
pub(crate) fn row_ref(value: &Value) -> RowRef<'_> {
    let text = |place: usize| value[RowRef::KEYS[place]].as_str();
    let count = |place: usize| value[RowRef::KEYS[RowRef::TEXTS + place]].as_i64();
    let date = value["date"].as_str();
    RowRef::from_parts(
        std::array::from_fn(text),
        std::array::from_fn(count),
        date.map(|date| date.parse().unwrap()),
    )
}

/// A screen without colours.
pub(crate) fn screen(columns: Option<usize>, unicode: bool) -> Screen {
    Screen {
        columns,
        color: false,
        color_files: false,
        unicode,
    }
}
