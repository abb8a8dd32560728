//! Cells that no spreadsheet runs as formulas.
//!
//! A spreadsheet takes commas for separators, or semicolons, or tabs, as its country has it, so that a cell may begin behind
//! any of them, and behind the end of a line. Where such a cell would be run, an apostrophe is put in front of it, which
//! spreadsheets take for "this is text". To have what was sent, take one apostrophe off at the beginning of each text and
//! behind each comma, semicolon, tab or end of a line, wherever the rest would be run: where it begins with a sign of
//! [`SIGNS`], whatever it has before that of quotes, apostrophes, blanks and what is not seen, or where it begins, behind
//! apostrophes alone, with a tab or the end of a line.

use std::borrow::Cow;

use crate::text::is_hidden;

/// What begins a formula, in both widths.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Behind these a cell may begin.
const fn is_separator(letter: char) -> bool {
    matches!(letter, ',' | ';') || is_line(letter)
}

const fn is_line(letter: char) -> bool {
    matches!(letter, '\t' | '\r' | '\n')
}

/// What a spreadsheet may pass over before a sign.
pub(crate) fn is_passed_over(letter: char) -> bool {
    matches!(letter, '"' | '\'') || letter.is_whitespace() || is_hidden(letter)
}

/// The text with an apostrophe in front of each cell that would be run.
pub(super) fn escape_formula(text: &str) -> Cow<'_, str> {
    // Nearly all texts begin with a letter or a digit, and have no separator. Without an early end, this is a few
    // instructions for 16 bytes.
    let has_separator = text
        .bytes()
        .fold(false, |has, letter| has | is_separator(char::from(letter)));
    if !has_separator
        && text
            .bytes()
            .next()
            .is_none_or(|first| first.is_ascii_alphanumeric())
    {
        return Cow::Borrowed(text);
    }
    let marks = marks(text);
    if marks.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut escape_formula = String::with_capacity(text.len() + marks.len());
    let mut written = 0;
    for at in marks.into_iter().rev() {
        escape_formula.push_str(&text[written..at]);
        escape_formula.push('\'');
        written = at;
    }
    escape_formula.push_str(&text[written..]);
    Cow::Owned(escape_formula)
}

/// The places of the cells that would be run, from the end. They are found from there in one pass: what follows tells,
/// however long it is.
fn marks(text: &str) -> Vec<usize> {
    let mut marks = Vec::new();
    // Of the text behind the letter at hand: whether it would be run because of a sign, and because of the end of a line.
    let (mut sign, mut line) = (false, false);
    for (at, letter) in text.char_indices().rev() {
        if is_separator(letter) && (sign || line) {
            marks.push(at + letter.len_utf8());
        }
        sign = SIGNS.contains(&letter) || sign && is_passed_over(letter);
        line = is_line(letter) || line && letter == '\'';
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

    /// What was sent, by the rule of the module's documentation.
    fn sent(cell: &str) -> String {
        let would_run = |rest: &str| {
            rest.trim_start_matches('\'').starts_with(is_line)
                || rest.trim_start_matches(is_passed_over).starts_with(SIGNS)
        };
        let mut sent = String::new();
        let mut begins = true;
        for (at, letter) in cell.char_indices() {
            if !(begins && letter == '\'' && would_run(&cell[at..])) {
                sent.push(letter);
            }
            begins = is_separator(letter);
        }
        sent
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_marked_and_can_be_told_from_what_was_sent_so() {
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
    fn a_long_run_of_separators_takes_no_long_time() {
        let text = "\t".repeat(1_000_000);
        assert_eq!(escape_formula(&text).len(), 2_000_000);
    }

    proptest! {
        #[test]
        fn no_cell_is_run_whatever_separates_and_all_come_back(text in "[a=+@＝;,'\" \\-\t\r\n\u{0}]{0,12}") {
            let cell = escape_formula(&text);
            prop_assert_eq!(&sent(&cell), &text);
            for separator in [',', ';', '\t'] {
                for piece in cell.split(['\r', '\n', separator]) {
                    let begins = piece.trim_start_matches(|letter| letter != '\'' && is_passed_over(letter));
                    prop_assert!(!begins.starts_with(SIGNS), "{:?}", cell);
                    prop_assert!(!piece.starts_with('\t'), "{:?}", cell);
                }
            }
        }
    }
}
