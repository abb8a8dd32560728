//! Formats numbers and names.

use std::{borrow::Cow, fmt::Display};

use textwrap::{
    Options, WordSeparator, WordSplitter,
    core::{Word, display_width},
};

/// A count with a separator between thousands.
pub(crate) fn grouped(count: impl Display) -> String {
    let digits = count.to_string();
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits.as_str()), |digits| ("-", digits));
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    format!("{sign}{}", groups.join(","))
}

/// A count with its noun: "1 day", "1,234 days".
pub(crate) fn counted(count: impl Display, noun: &str) -> String {
    let count = grouped(count);
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// The profile as the start of a line, if several organizations are queried.
pub(crate) fn prefix(profile: Option<&str>) -> String {
    profile.map_or_else(String::new, |name| format!("{}: ", escape_control(name)))
}

/// The text on one line. It escapes control characters, which a terminal would obey, and characters that are invisible or
/// change the direction of writing, which would make different names look alike.
pub(crate) fn escape_control(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.contains(|character: char| character.is_ascii_control())
        || !text.contains(is_hidden)
    {
        return Cow::Borrowed(text);
    }
    let character = |character: char| match character {
        '\n' | '\r' | '\t' => " ".to_owned(),
        _ if is_hidden(character) => character.escape_unicode().to_string(),
        _ => character.to_string(),
    };
    Cow::Owned(text.chars().map(character).collect())
}

/// Whether a character is invisible or controls the terminal: control characters, line and paragraph separators, what
/// Unicode calls default-ignorable, and a few similar ones.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            // The Braille pattern without a dot.
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            // They include interlinear annotations.
            | '\u{fff0}'..='\u{fffb}'
            // Controls of Egyptian hieroglyphs, shorthand and musical notes.
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            // Tags and more variation selectors.
            | '\u{e0000}'..='\u{e0fff}')
}

/// The largest width to which texts are padded. If all rows were padded to a name of 1 MB, a thousand rows would take 1 GB.
pub(crate) const WIDEST: usize = 1_000;

/// The text, padded with spaces to the width of a column.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let spaces = width.min(WIDEST).saturating_sub(display_width(text));
    format!("{text}{:spaces$}", "")
}

/// The text in lines of at most this width, broken after slashes and spaces. A part that is wider than a line is broken
/// anywhere. All lines but the first begin with `indent`.
pub(crate) fn broken(text: &str, width: usize, indent: &str) -> Vec<String> {
    let options = Options::new(width)
        .subsequent_indent(indent)
        .word_separator(WordSeparator::Custom(|line| {
            Box::new(parts(line).map(Word::from))
        }))
        .word_splitter(WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, options);
    lines.into_iter().map(Cow::into_owned).collect()
}

/// The width of the widest part of a text that [`broken`] does not break.
pub(crate) fn widest_part(text: &str) -> usize {
    parts(text)
        .map(|part| display_width(part.trim_end()))
        .max()
        .unwrap_or(0)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['/', ' '])
}

/// The most similar name, if its similarity is above `least`.
pub(crate) fn nearest<'a>(
    names: impl Iterator<Item = &'a str>,
    least: f64,
    similarity: impl Fn(&str) -> f64,
) -> Option<&'a str> {
    let names = names.map(|name| (similarity(name), name));
    let nearest = names.max_by(|(one, _), (other, _)| one.total_cmp(other));
    nearest
        .filter(|(similarity, _)| *similarity > least)
        .map(|(_, name)| name)
}

/// A share as a percentage. Only zero is shown as 0 %, and only the whole as 100 %.
pub(crate) fn percent(part: impl Into<i128>, whole: impl Into<i128>) -> String {
    let (part, whole) = (part.into(), whole.into());
    if whole == 0 {
        return "-".to_owned();
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "a share is shown with four digits at most"
    )]
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        _ if part == 0 => "0 %".to_owned(),
        _ if percent < 0.01 => "<0.01 %".to_owned(),
        _ if percent < 10.0 => format!("{percent:.2} %"),
        _ if percent > 99.9 && part < whole => ">99.9 %".to_owned(),
        _ if percent >= 1_000.0 => format!("{} %", grouped(format!("{percent:.0}"))),
        _ => format!("{percent:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-1_234_567, "-1,234,567"),
            (i64::MAX, "9,223,372,036,854,775,807"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape_control("api/v2/users"), "api/v2/users");
        assert_eq!(escape_control("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb c");
        assert_eq!(escape_control("a\u{0}\u{85}"), "a\\u{0}\\u{85}");
    }

    #[test]
    fn invisible_characters_and_those_that_change_the_direction_are_escaped() {
        for range in [
            0x202a..=0x202e,
            0x2066..=0x2069,
            0x200b..=0x200f,
            0x2028..=0x2029,
            0x61c..=0x61c,
            0xad..=0xad,
            0x34f..=0x34f,
            0xfeff..=0xfeff,
            0x2060..=0x2064,
            0xfe00..=0xfe0f,
            0xe0000..=0xe007f,
            0xe0100..=0xe01ef,
            0x180b..=0x180f,
            0x115f..=0x1160,
            0x3164..=0x3164,
            0xffa0..=0xffa0,
            0xfff9..=0xfffb,
        ] {
            for code in range {
                let character = char::from_u32(code).unwrap();
                let name = format!("Sales{character}Report");
                assert_eq!(escape_control(&name), format!("Sales\\u{{{code:x}}}Report"));
            }
        }
        for visible in [
            "Größenprüfung – Zürich",
            "顧客\"A\"",
            "مبيعات",
            "🙂 naïve",
            "a\u{a0}b",
        ] {
            assert!(matches!(escape_control(visible), Cow::Borrowed(_)), "{visible}");
        }
    }

    #[test]
    fn a_text_is_not_padded_beyond_a_limit() {
        assert_eq!(padded("a", 3), "a  ");
        assert_eq!(padded("a", 1_000_000).len(), WIDEST);
        let wide = "a".repeat(100_000);
        assert_eq!(padded(&wide, 100_000), wide);
    }

    #[test]
    fn texts_are_broken_after_slashes_and_spaces() {
        let lines = |text, width| broken(text, width, "").join("|");
        assert_eq!(lines("api/v2/users/{userId}", 12), "api/v2/|users/|{userId}");
        assert_eq!(lines("Data Lake Loader", 10), "Data Lake|Loader");
        assert_eq!(lines("conversations", 8), "conversa|tions");
        assert_eq!(
            lines("well-known", 6),
            "well-k|nown",
            "a text is not broken after a hyphen"
        );
        assert_eq!(lines("", 8), "");
        assert_eq!(broken("api/v2/users", 8, "  ").join("|"), "api/v2/|  users");
        assert_eq!((widest_part("api/v2/{id}"), widest_part("Data 顧客客")), (4, 6));
    }

    #[test]
    fn shares_do_not_round_to_zero_or_to_the_whole() {
        for (part, whole, text) in [
            (0_i64, 0_i64, "-"),
            (0, 7, "0 %"),
            (1, 1_000_000, "<0.01 %"),
            (1, 300, "0.33 %"),
            (1, 8, "12.5 %"),
            (99_999, 100_000, ">99.9 %"),
            (7, 7, "100.0 %"),
            (3_961, 1_000, "396.1 %"),
            (70_000, 7, "1,000,000 %"),
        ] {
            assert_eq!(percent(part, whole), text);
        }
    }
}
