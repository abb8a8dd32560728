//! Reads JSON of a response as liberally as its meaning is certain. Errors name the field and the value.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::excerpt::sanitized;

/// Many Windows programs put this before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest value that an error quotes, in characters.
const VALUE: usize = 60;

/// Why a body cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unreadable {
    /// What is wrong. Names the field and the value if one is wrong.
    pub(crate) reason: String,
    /// The row with the error, counted from 1.
    pub(crate) row: Option<u64>,
    /// The byte with the error, counted from 0.
    pub(crate) byte: usize,
    /// Whether the reason names a field.
    pub(crate) names_field: bool,
}

/// Reads a body. Skips a byte order mark, and reads half of a surrogate pair as U+FFFD, like other readers.
pub(crate) fn from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let text = without_byte_order_mark(body);
    let before = body.len() - text.len();
    match serde_json::from_slice(text) {
        Err(error) if is_of_surrogate(&error) => {
            let mut repaired = text.to_vec();
            repair_surrogates(&mut repaired);
            serde_json::from_slice(&repaired).map_err(|_| explain::<T>(&repaired, before))
        }
        outcome => outcome.map_err(|_| explain::<T>(text, before)),
    }
}

/// The body without a byte order mark.
pub(crate) fn without_byte_order_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Whether the text contains half of a surrogate pair, which [`repair_surrogates`] replaces.
pub(crate) fn is_of_surrogate(error: &serde_json::Error) -> bool {
    error.is_syntax() && error.to_string().contains("hex escape")
}

/// Replaces the escapes of single surrogates with the escape of U+FFFD, which has the same length. Returns whether
/// there were any. An escape at the end of the text is kept, because it may become a pair.
pub(crate) fn repair_surrogates(text: &mut [u8]) -> bool {
    let mut has_changed = false;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &text[at..]) {
        at += found;
        let half = |at: usize| text.get(at..at + 6).and_then(surrogate);
        match half(at) {
            None => at += 2,
            Some(Half::Leading) if half(at + 6) == Some(Half::Trailing) => at += 12,
            Some(Half::Leading) if may_become_pair(&text[at + 6..]) => break,
            Some(_) => {
                text[at..at + 6].copy_from_slice(b"\\ufffd");
                has_changed = true;
                at += 6;
            }
        }
        if at > text.len() {
            break;
        }
    }
    has_changed
}

/// As [`repair_surrogates`], in a text after a position.
pub(crate) fn repair_text(text: &mut String, at: usize) -> bool {
    let mut rest = text.split_off(at).into_bytes();
    let has_changed = repair_surrogates(&mut rest);
    // Only ASCII was replaced, with ASCII.
    text.push_str(&String::from_utf8_lossy(&rest));
    has_changed
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Half {
    Leading,
    Trailing,
}

/// Which half of a pair an escape is.
fn surrogate(escape: &[u8]) -> Option<Half> {
    let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::Leading),
        0xdc00..=0xdfff => Some(Half::Trailing),
        _ => None,
    }
}

/// Whether the text may end within an escape.
fn may_become_pair(rest: &[u8]) -> bool {
    rest.len() < 6 && (rest.is_empty() || rest.starts_with(b"\\u") || rest == b"\\")
}

/// Why a text is not a `T`. `before` is how many bytes came before the text.
fn explain<T: DeserializeOwned>(text: &[u8], before: usize) -> Unreadable {
    let unreadable = |reason: String, row, byte| Unreadable {
        names_field: reason.starts_with('`'),
        reason,
        row,
        byte: before + byte,
    };
    if is_page(text) {
        return unreadable(A_PAGE.to_owned(), None, 0);
    }
    match mismatch::<T>(text) {
        Some(Mismatch { path, error }) => {
            let row = path
                .strip_prefix("results[")
                .and_then(|rest| rest.split(']').next()?.parse::<u64>().ok())
                .map(|index| index + 1);
            unreadable(reason(&path, &error), row, offset(text, &error))
        }
        None => unreadable("something follows its end".to_owned(), None, text.len()),
    }
}

pub(crate) const NOT_JSON: &str = "it is not JSON";
pub(crate) const A_PAGE: &str =
    "it is a web page, not JSON; is there a proxy or a Wi-Fi login between this machine and the service?";

/// Whether a text is markup.
pub(crate) fn is_page(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"<")
}

/// Where and why a text does not decode.
pub(crate) struct Mismatch {
    /// For example `results[3].requests`, or `.` for the whole text.
    pub(crate) path: String,
    pub(crate) error: serde_json::Error,
}

/// Where and why the text that begins here is not a `T`. The text after it does not matter.
pub(crate) fn mismatch<T: DeserializeOwned>(text: &[u8]) -> Option<Mismatch> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let error = serde_path_to_error::deserialize::<_, T>(&mut deserializer).err()?;
    Some(Mismatch {
        path: error.path().to_string(),
        error: error.into_inner(),
    })
}

/// What is wrong, with the field, the value and the expected type.
pub(crate) fn reason(path: &str, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    match error.classify() {
        Category::Eof => "it ends early".to_owned(),
        Category::Data => match path {
            "." => shortened(text),
            _ => format!("`{path}`: {}", shortened(text)),
        },
        _ if text.contains("number out of range") => format!("`{path}`: a number beyond 64 bits"),
        _ if text.contains("recursion limit") => "it is nested too deeply".to_owned(),
        _ => NOT_JSON.to_owned(),
    }
}

/// A short message, without long words that may be a misplaced token. serde escapes the value.
fn shortened(message: &str) -> String {
    let (value, expected) = match message.rsplit_once(", expected ") {
        // Names of this crate's types say nothing about the response.
        Some((value, expected)) if expected.starts_with("struct ") => {
            (value, ", expected an object".to_owned())
        }
        Some((value, expected)) => (value, format!(", expected {expected}")),
        None => (message, String::new()),
    };
    let value = sanitized(value);
    match value.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…{expected}", &value[..end]),
        None => format!("{value}{expected}"),
    }
}

/// The position of an error in bytes.
pub(crate) fn offset(text: &[u8], error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let start = match lines_before.checked_sub(1) {
        Some(last) => memchr::memchr_iter(b'\n', text).nth(last).map_or(0, |at| at + 1),
        None => 0,
    };
    (start + error.column().saturating_sub(1)).min(text.len())
}

/// The text of the bytes.
pub(crate) fn lossy(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(without_byte_order_mark(body))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::generated::types::ApiUsageQueryResult;

    fn reason_of(text: &str) -> Unreadable {
        from_slice::<ApiUsageQueryResult>(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_mark_and_half_pairs_are_read_and_pairs_are_kept() {
        let read = |text: &str| from_slice::<Value>(text.as_bytes()).unwrap();
        assert_eq!(read("\u{feff}[1]"), serde_json::json!([1]));
        for (text, value) in [
            (r#"["\ud83d\ude00"]"#, "\u{1f600}"),
            (r#"["\ud83d"]"#, "\u{fffd}"),
            (r#"["\ude00\ud83d"]"#, "\u{fffd}\u{fffd}"),
            (r#"["\uD83D\uD83D\uDE00"]"#, "\u{fffd}\u{1f600}"),
            (r#"["\\ud83d \ud83d\\u"]"#, "\\ud83d \u{fffd}\\u"),
            (r#"["\ud83d\n"]"#, "\u{fffd}\n"),
        ] {
            assert_eq!(read(text), serde_json::json!([value]), "{text}");
        }
    }

    #[test]
    fn what_may_become_a_pair_is_left_until_the_rest_is_there() {
        for rest in ["", "\\", "\\u", "\\ude0"] {
            let mut text = format!("\"\\ud83d{rest}").into_bytes();
            assert!(!repair_surrogates(&mut text), "{rest}");
        }
        for rest in ["\"", "\\n", "x", "\\u0041"] {
            let mut text = format!("\"\\ud83d{rest}").into_bytes();
            assert!(repair_surrogates(&mut text), "{rest}");
        }
    }

    #[test]
    fn an_error_names_the_field_the_value_what_was_expected_and_the_place() {
        let error = reason_of("{\"results\":[{},{\n\"requests\":\"7\"}]}");
        assert_eq!(
            error.reason,
            "`results[1].requests`: invalid type: string \"7\", expected a whole number of 64 bits or null"
        );
        assert_eq!((error.row, error.byte), (Some(2), 30));
        let long = format!("{{\"results\":\"{}\"}}", "x\\u001b ".repeat(50));
        let reason = reason_of(&long).reason;
        assert!(
            reason.chars().count() < 120 && reason.contains("…, expected a sequence"),
            "{reason}"
        );
        assert!(reason.contains(r"x\u{1b}"), "{reason}");
    }

    #[test]
    fn what_is_not_json_is_named_in_the_error() {
        for (text, reason) in [
            ("", "it ends early"),
            ("{\"results\":[", "it ends early"),
            ("<!doctype html>", A_PAGE),
            ("hello", "it is not JSON"),
            ("{} {}", "something follows its end"),
            (
                "{\"results\":[{\"requests\":1e999}]}",
                "`results[0].requests`: a number beyond 64 bits",
            ),
        ] {
            assert_eq!(reason_of(text).reason, reason, "{text}");
        }
        let deep = format!("{{\"results\":{}", "[".repeat(200_000));
        assert!(!reason_of(&deep).reason.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn repaired_text_has_no_half_pair(text in "(\\\\ud83d|\\\\ude00|\\\\u0041|\\\\\\\\|\\\\n|[a-z]){0,12}") {
            let quoted = format!("\"{text}\"");
            proptest::prop_assert!(from_slice::<String>(quoted.as_bytes()).is_ok(), "{}", quoted);
        }
    }
}
