//! A recorded answer, byte for byte, unless a fault asks for a change to it.

use std::ops::Range;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::fault::Twist;
use crate::rows::NULL_ROW;

/// The recorded body with the changes that a fault asks for; nothing if it asks for none.
pub(crate) fn changed(recorded: &Bytes, twist: &Twist) -> Option<Bytes> {
    let status = twist.status();
    if status.is_none() && !twist.nulls && !twist.reversed {
        return None;
    }
    let mut body = recorded.clone();
    if twist.reversed {
        body = reversed(&body).unwrap_or(body);
    }
    if let Some(place) = status.as_ref().and_then(|_| status_value(&body)) {
        body = splice(&body, place, &status.unwrap_or_default());
    }
    if twist.nulls
        && let Some((start, is_empty)) = first_row(&body)
    {
        let comma = if is_empty { "" } else { "," };
        body = splice(&body, start..start, &format!("{NULL_ROW}{comma}"));
    }
    Some(body)
}

/// The body with its rows from the last to the first, each as it was written; nothing if it is no results answer.
fn reversed(body: &[u8]) -> Option<Bytes> {
    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        results: Vec<&'a RawValue>,
        query_status: &'a RawValue,
    }
    let mut answer: Answer<'_> = serde_json::from_slice(body).ok()?;
    answer.results.reverse();
    serde_json::to_vec(&answer).ok().map(Bytes::from)
}

/// Where the value of the last `queryStatus` stands: the answer's own comes after the rows.
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

/// Where the first row stands, and whether there is none.
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
