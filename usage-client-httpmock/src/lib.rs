#![doc = include_str!("../README.md")]

use serde::Serialize;
use serde_json::Value;

#[allow(
    clippy::all,
    clippy::unwrap_used,
    unused_imports,
    reason = "generated code is never edited"
)]
#[rustfmt::skip]
mod generated;

/// The mock server, in the version that these helpers extend.
pub use httpmock;

pub use generated::{MockServerExt, operations};

/// A plain value as it is written outside of JSON.
fn text(value: &(impl Serialize + ?Sized)) -> String {
    match json(value) {
        Value::String(text) => text,
        // `serde_json::Value` holds 0.1 of 32 bits as another number of 64 bits.
        _ => serde_json::to_string(value).unwrap_or_default(),
    }
}

fn json(value: &(impl Serialize + ?Sized)) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// A pattern for a path with this value between two patterns.
fn path_with(before: &str, value: &(impl Serialize + ?Sized), after: &str) -> regex::Regex {
    let pattern = format!("^{before}{}{after}$", path_pattern(&text(value)));
    regex::Regex::new(&pattern).expect("the parts are patterns")
}

/// A pattern for a path segment that says `value`, however much of it is percent-encoded.
fn path_pattern(value: &str) -> String {
    value.bytes().map(byte_pattern).collect()
}

fn byte_pattern(byte: u8) -> String {
    let encoded = format!("%(?i:{byte:02x})");
    if byte.is_ascii_graphic() && !matches!(byte, b'/' | b'?' | b'#' | b'%') {
        format!(
            "(?:{}|{encoded})",
            regex::escape(char::from(byte).encode_utf8(&mut [0; 4]))
        )
    } else {
        encoded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_matched_however_it_is_encoded() {
        let pattern = regex::Regex::new(&format!("^{}$", path_pattern("a.b/c é"))).unwrap();
        for text in ["a.b%2Fc%20%C3%A9", "%61%2eb%2fc%20%c3%a9"] {
            assert!(pattern.is_match(text), "{text}");
        }
        for text in ["a.b/c%20%C3%A9", "aXb%2Fc%20%C3%A9", "a.b%2Fc"] {
            assert!(!pattern.is_match(text), "{text}");
        }
    }
}
