//! Escapes cells that a spreadsheet would run as formulas.
//!
//! Depending on the country, a spreadsheet separates cells by commas, semicolons or tabs. So a cell may begin after any of
//! them, and after a line break. If such a cell would be run, it gets an apostrophe first, which spreadsheets understand as
//! "this is text".
//!
//! To restore the original text, remove one apostrophe at the start of the text and after each comma, semicolon, tab or line
//! break, if the rest would be run. The rest would be run in two cases: it begins with one of [`SIGNS`], after any quotes,
//! apostrophes, spaces and invisible characters; or it begins with a tab or line break, after any apostrophes.

use std::borrow::Cow;

use crate::text::is_hidden;

/// The characters that begin a formula, in normal and full width.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Whether a cell may begin after this character.
pub(super) const fn is_separator(character: char) -> bool {
    matches!(character, ',' | ';') || is_line(character)
}

const fn is_line(character: char) -> bool {
    matches!(character, '\t' | '\r' | '\n')
}

/// Whether a spreadsheet may skip this character before a sign.
pub(crate) fn is_skipped(character: char) -> bool {
    matches!(character, '"' | '\'') || character.is_whitespace() || is_hidden(character)
}

/// The text with an apostrophe before each cell that would be run.
pub(super) fn escape_formula(text: &str) -> Cow<'_, str> {
    let marks = marks(text);
    if marks.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + marks.len());
    let mut written = 0;
    for at in marks.into_iter().rev() {
        escaped.push_str(&text[written..at]);
        escaped.push('\'');
        written = at;
    }
    escaped.push_str(&text[written..]);
    Cow::Owned(escaped)
}

/// The positions of the cells that would be run, in reverse order. One pass from the end finds them, because whether a cell
/// is run depends on the text after its start.
fn marks(text: &str) -> Vec<usize> {
    let mut marks = Vec::new();
    // Whether the text after the current character would be run because of a sign, and because of a line break.
    let (mut sign, mut line) = (false, false);
    for (at, character) in text.char_indices().rev() {
        if is_separator(character) && (sign || line) {
            marks.push(at + character.len_utf8());
        }
        sign = SIGNS.contains(&character) || sign && is_skipped(character);
        line = is_line(character) || line && character == '\'';
    }
    if sign || line {
        marks.push(0);
    }
    marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The original text, by the rule in the module's documentation.
    fn sent(cell: &str) -> String {
        let would_run = |rest: &str| {
            rest.trim_start_matches('\'').starts_with(is_line)
                || rest.trim_start_matches(is_skipped).starts_with(SIGNS)
        };
        let mut sent = String::new();
        let mut begins = true;
        for (at, character) in cell.char_indices() {
            if !(begins && character == '\'' && would_run(&cell[at..])) {
                sent.push(character);
            }
            begins = is_separator(character);
        }
        sent
    }

    #[test]
    fn cells_that_would_be_run_are_escaped_and_can_be_restored() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("'=1+1", "''=1+1"),
            ("\tx", "'\tx"),
            ("＠x", "'＠x"),
            ("'quoted'", "'quoted'"),
            ("a=b", "a=b"),
            ("", ""),
            ("Sales;=1+1;x", "Sales;'=1+1;x"),
            ("Sales,+1", "Sales,'+1"),
            ("Sales\t@x", "Sales\t'@x"),
            ("a\r\n-1", "a\r'\n'-1"),
            ("a;\rb", "a;'\rb"),
            ("a;\"=1+1\"", "a;'\"=1+1\""),
            ("\0=1", "'\0=1"),
            ("a;\u{1}\u{feff} ＝1", "a;'\u{1}\u{feff} ＝1"),
            ("a;''=1", "a;'''=1"),
            ("a; b", "a; b"),
            ("273d7643-1", "273d7643-1"),
        ] {
            assert_eq!(escape_formula(text), cell);
            assert_eq!(sent(cell), text);
        }
    }

    #[test]
    fn many_separators_take_linear_time() {
        let text = "\t".repeat(1_000_000);
        assert_eq!(escape_formula(&text).len(), 2_000_000);
    }

    proptest! {
        #[test]
        fn no_cell_is_run_with_any_separator_and_all_can_be_restored(text in "[a=+@＝;,'\" \\-\t\r\n\u{0}]{0,12}") {
            let cell = escape_formula(&text);
            prop_assert_eq!(&sent(&cell), &text);
            for separator in [',', ';', '\t'] {
                for piece in cell.split(['\r', '\n', separator]) {
                    let begins = piece.trim_start_matches(|character| character != '\'' && is_skipped(character));
                    prop_assert!(!begins.starts_with(SIGNS), "{:?}", cell);
                    prop_assert!(!piece.starts_with('\t'), "{:?}", cell);
                }
            }
        }
    }
}
