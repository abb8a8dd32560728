//! A recorded answer, byte for byte, unless a fault asks for a change to it.

use std::ops::Range;

use bytes::Bytes;

use crate::payload::Payload;
use crate::rows::NULL_ROW;

/// The recorded body; with another query status, and a row of nulls in front, if that is asked for.
pub(crate) fn payload(recorded: &Bytes, status: Option<&str>, nulls: bool) -> Payload {
    let mut body = recorded.clone();
    if let Some(place) = status.and_then(|_| status_value(&body)) {
        body = splice(&body, place, status.unwrap_or_default());
    }
    if nulls && let Some((start, is_empty)) = first_row(&body) {
        let comma = if is_empty { "" } else { "," };
        body = splice(&body, start..start, &format!("{NULL_ROW}{comma}"));
    }
    Payload::whole(body)
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
