//! A recorded response, byte for byte, unless a fault changes it.

use std::ops::Range;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::effect::BodyEdit;
use crate::rows::NULL_ROW;

/// The recorded body with the changes of a fault. `None` without changes.
pub(crate) fn changed(recorded: &Bytes, edit: &BodyEdit) -> Option<Bytes> {
    let status = edit.status();
    if status.is_none() && !edit.nulls && !edit.reversed {
        return None;
    }
    let mut body = recorded.clone();
    if edit.reversed {
        body = reversed(&body).unwrap_or(body);
    }
    if let Some(place) = status.as_ref().and_then(|_| status_value(&body)) {
        body = splice(&body, place, &status.unwrap_or_default());
    }
    if let Some((start, is_empty)) = first_row(&body).filter(|_| edit.nulls) {
        let comma = if is_empty { "" } else { "," };
        body = splice(&body, start..start, &format!("{NULL_ROW}{comma}"));
    }
    Some(body)
}

/// The body with its rows reversed, each as it was written. `None` if it is not a response with rows.
fn reversed(body: &[u8]) -> Option<Bytes> {
    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Response<'a> {
        #[serde(borrow)]
        results: Vec<&'a RawValue>,
        query_status: &'a RawValue,
    }
    let mut response: Response<'_> = serde_json::from_slice(body).ok()?;
    response.results.reverse();
    serde_json::to_vec(&response).ok().map(Bytes::from)
}

/// The position of the value of the last `queryStatus`, which comes after the rows.
fn status_value(body: &[u8]) -> Option<Range<usize>> {
    const KEY: &[u8] = br#""queryStatus""#;
    let key = body.windows(KEY.len()).rposition(|window| window == KEY)?;
    let start = key + KEY.len() + body[key + KEY.len()..].iter().position(|byte| is_value(*byte))?;
    let length = body[start..]
        .iter()
        .position(|byte| matches!(byte, b',' | b'}') || byte.is_ascii_whitespace())?;
    Some(start..start + length)
}

fn is_value(byte: u8) -> bool {
    byte != b':' && !byte.is_ascii_whitespace()
}

/// The position of the first row, and whether there is none.
fn first_row(body: &[u8]) -> Option<(usize, bool)> {
    let start = body.iter().position(|byte| *byte == b'[')? + 1;
    let next = body[start..].iter().find(|byte| !byte.is_ascii_whitespace())?;
    Some((start, *next == b']'))
}

fn splice(body: &[u8], place: Range<usize>, text: &str) -> Bytes {
    [&body[..place.start], text.as_bytes(), &body[place.end..]]
        .concat()
        .into()
}
