//! Helpers for the tests of several modules.

use chrono::NaiveDate;
use serde_json::{Value, json};
use usage_client::{ApiUsageRow, RowBatch, RowDecoder};

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

/// A screen without colours.
pub(crate) fn screen(columns: Option<usize>, unicode: bool) -> Screen {
    Screen {
        columns,
        color: false,
        color_files: false,
        unicode,
    }
}
