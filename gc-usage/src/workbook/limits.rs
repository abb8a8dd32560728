//! What Excel cannot keep: each check returns what is wrong and why.

use chrono::NaiveDate;

use crate::text::grouped;

/// How many UTF-16 code units a cell has at most.
const LONGEST_TEXT: usize = 32_767;
/// Excel keeps 15 digits of a number. It would replace the others by zeros.
const LARGEST_COUNT: u128 = 999_999_999_999_999;
/// Excel has no days before this one.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();

pub(super) fn text(text: &str) -> Result<(), String> {
    let length = match text.len() {
        // A byte has at most one code unit.
        length @ ..=LONGEST_TEXT => length,
        _ => text.encode_utf16().count(),
    };
    if length > LONGEST_TEXT {
        return Err(format!(
            "a text of {} characters, but a cell of Excel has at most {}",
            grouped(length),
            grouped(LONGEST_TEXT)
        ));
    }
    match misread(text) {
        Some(code) => Err(format!(
            "a text with {code} before a control character, which Excel would read as another character"
        )),
        None => Ok(()),
    }
}

/// The characters of `_x000A`, without the underscore at its end.
const CODE: usize = 6;

/// What looks like a character's code together with the code of the control character after it. A control character is
/// written as `_x000D_`, and the library does not see that its first underscore completes `_x000A`.
fn misread(text: &str) -> Option<&str> {
    let codes = text.match_indices("_x").filter_map(|(start, _)| {
        let code = text.get(start..start + CODE)?;
        let is_code = code[2..].bytes().all(|digit| digit.is_ascii_hexdigit());
        is_code.then_some((code, &text[start + CODE..]))
    });
    let is_written_as_code = |character: char| {
        (character < ' ' && !matches!(character, '\t' | '\n')) || matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    let mut misread = codes.filter(|(_, rest)| rest.starts_with(is_written_as_code));
    misread.next().map(|(code, _)| code)
}

/// The count as Excel stores it.
pub(super) fn count(count: i128) -> Result<f64, String> {
    match count.unsigned_abs() > LARGEST_COUNT {
        true => Err(format!("{count}, but Excel keeps only 15 digits of a number")),
        false => Ok(count as f64),
    }
}

pub(super) fn day(day: NaiveDate) -> Result<(), String> {
    match day < FIRST_DAY {
        true => Err(format!("{day}, but Excel has no days before {FIRST_DAY}")),
        false => Ok(()),
    }
}
