//! Text from outside, made safe for a terminal.

/// Escapes control characters, line ends and invisible characters, which no name has.
pub(crate) fn escape_control(text: &str) -> String {
    text.chars().map(letter).collect()
}

/// The same, but keeps line ends.
pub(crate) fn escape_control_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape_control).collect();
    lines.join("\n")
}

fn letter(letter: char) -> String {
    let is_hidden = letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    if is_hidden {
        letter.escape_unicode().to_string()
    } else {
        letter.to_string()
    }
}

/// A URL without user, password and query, which may be secret.
pub(crate) fn redact_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return escape_control(url);
    };
    // A password with a slash looks like a path, so nothing before the last `@` is shown.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    escape_control(&format!("{scheme}://{}", &rest[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_control_a_terminal_are_escaped() {
        assert_eq!(
            escape_control("a\u{1b}[31m\u{202e}b\nc"),
            "a\\u{1b}[31m\\u{202e}b\\u{a}c"
        );
        assert_eq!(escape_control_lines("é\n\r\u{7}"), "é\n\\u{d}\\u{7}");
    }

    #[test]
    fn a_url_is_shown_without_secrets() {
        for (url, told) in [
            (
                "https://user:hidden@host.example/a/b.json",
                "https://host.example/a/b.json",
            ),
            (
                "https://host.example/a?key=hidden#hidden",
                "https://host.example/a",
            ),
            ("http://user:hid/den@host.example:1/x", "http://host.example:1/x"),
            ("http://user:hid@den@host.example", "http://host.example"),
            ("definition.json", "definition.json"),
        ] {
            assert_eq!(redact_url(url), told);
        }
    }
}
