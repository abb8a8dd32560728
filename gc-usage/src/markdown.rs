//! Writes Markdown in which the service's texts have no special meaning.

use std::fmt::Write as _;

use crate::text::escape_control;

/// The first lines of a table. Each column has a heading, and whether it holds counts.
pub(crate) fn head<'a>(columns: impl Iterator<Item = (&'a str, bool)> + Clone) -> String {
    let mut head = String::new();
    for (heading, _) in columns.clone() {
        let _ = write!(head, "| {heading} ");
    }
    head.push_str("|\n");
    for (_, is_count) in columns {
        head.push_str(if is_count { "|---:" } else { "|---" });
    }
    head.push_str("|\n");
    head
}

/// A line of a table.
pub(crate) fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let mut line = String::new();
    for cell in cells {
        let _ = write!(line, "| {} ", escape_markdown(cell.as_ref()));
    }
    line.push_str("|\n");
    line
}

/// Escapes a text for Markdown, so that it contains no link, HTML, entity or formula, and does not end its cell or line.
pub(crate) fn escape_markdown(text: &str) -> String {
    let text = escape_control(text);
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        let is_special = match character {
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '$' | '@' => true,
            '&' => begins_entity(rest),
            // Addresses become links without any markup.
            ':' => rest.starts_with("://"),
            '.' => text[..at].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if is_special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Whether the text begins with an entity such as `&amp;` or `&#38;`.
fn begins_entity(rest: &str) -> bool {
    let name = rest[1..].trim_start_matches('#');
    let length = name
        .bytes()
        .take_while(|character| character.is_ascii_alphanumeric())
        .count();
    length > 0 && name[length..].starts_with(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_special_meaning() {
        for (name, written) in [
            ("R&D", "R&D"),
            ("R&amp;D &lt;b&gt; &copy;", "R\\&amp;D \\&lt;b\\&gt; \\&copy;"),
            ("&#38; &#x26;", "\\&#38; \\&#x26;"),
            ("<img src=x>", "\\<img src=x\\>"),
            ("[a](http://b.c)", "\\[a\\](http\\://b.c)"),
            ("<https://b.c>", "\\<https\\://b.c\\>"),
            ("see WWW.b.c", "see WWW\\.b.c"),
            ("who@b.c, @team", "who\\@b.c, \\@team"),
            ("`rm` $x$ ~~y~~ a_b", "\\`rm\\` \\$x\\$ \\~\\~y\\~\\~ a\\_b"),
            ("a\\|b", "a\\\\\\|b"),
            ("a\r\nb\u{2028}c", "a  b\\\\u{2028}c"),
            ("api/v2/users/{userId}", "api/v2/users/{userId}"),
        ] {
            assert_eq!(escape_markdown(name), written);
        }
    }
}
