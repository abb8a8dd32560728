//! Numbers and tables as text.

use std::{
    borrow::Cow,
    fmt::{Display, Write as _},
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

/// A text on one line, whose control characters are seen and not obeyed: a terminal would run them.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let letter = |letter: char| match letter {
        '\n' | '\r' | '\t' => " ".to_owned(),
        _ if letter.is_control() => letter.escape_default().to_string(),
        _ => letter.to_string(),
    };
    Cow::Owned(text.chars().map(letter).collect())
}

/// A share with as many digits as tell something. What is there is never shown as 0 %, nor what is not all as 100 %.
pub(crate) fn percent(part: i128, whole: i128) -> String {
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

/// A Markdown table. A column is its heading, and whether it holds counts.
pub(crate) fn markdown_table(
    columns: &[(&str, bool)],
    lines: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = String::new();
    for (heading, _) in columns {
        let _ = write!(table, "| {heading} ");
    }
    table.push_str("|\n");
    for (_, is_count) in columns {
        table.push_str(if *is_count { "|---:" } else { "|---" });
    }
    table.push_str("|\n");
    for line in lines {
        for cell in line {
            let _ = write!(table, "| {} ", escaped(&cell));
        }
        table.push_str("|\n");
    }
    table
}

/// A text that stands in Markdown as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' => escaped.extend(['\\', letter]),
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
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
    fn control_characters_are_shown_and_not_run() {
        assert_eq!(visible("api/v2/users"), "api/v2/users");
        assert_eq!(visible("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb c");
    }

    #[test]
    fn shares_do_not_round_to_nothing_or_to_all() {
        for (part, whole, text) in [
            (0, 0, "-"),
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

    #[test]
    fn markdown_cells_stay_in_their_cells() {
        let table = markdown_table(
            &[("Client", false), ("Requests", true)],
            [vec!["a|b\n*c*".to_owned(), "7".to_owned()]],
        );
        assert_eq!(
            table,
            "| Client | Requests |\n|---|---:|\n| a\\|b \\*c\\* | 7 |\n"
        );
    }
}
