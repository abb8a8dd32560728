#![doc = include_str!("../README.md")]

#[allow(
    clippy::all,
    clippy::unwrap_used,
    unused_imports,
    reason = "generated code is never edited"
)]
#[rustfmt::skip]
mod generated;

pub use generated::{MockServerExt, operations};

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
