//! Makes text of others short and safe to show.

/// How many characters of a page are shown: enough for a proxy's headline.
const PAGE: usize = 120;
/// How many characters of a message are shown. The service's messages are shorter.
const MESSAGE: usize = 400;
/// Longer words are left out: a text may echo a token or secret, which is a long word. A UUID is shorter.
const WORD: usize = 40;

/// The text of a page without its markup.
pub(crate) fn excerpt(body: &[u8]) -> Option<String> {
    // The headline comes early. Styles and scripts come later.
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    let mut plain = String::new();
    let mut in_tag = false;
    for letter in text.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                plain.push(' ');
            }
            _ if in_tag => {}
            _ => plain.push(if letter == '"' { ' ' } else { letter }),
        }
    }
    let excerpt = shorten(&plain, PAGE);
    (!excerpt.is_empty()).then_some(excerpt)
}

/// A message without control characters and long words.
pub(crate) fn sanitized(text: &str) -> String {
    shorten(text, MESSAGE)
}

/// Whether a character is invisible or changes the direction of writing.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// An id in a message. It is not cut, because users copy it.
pub(crate) fn id(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control() && !is_hidden(*letter))
        .collect()
}

fn shorten(text: &str, length: usize) -> String {
    let is_gap = |letter: char| letter.is_whitespace() || letter.is_control() || is_hidden(letter);
    let words = text.split(is_gap).filter(|word| !word.is_empty());
    let words = words.map(|word| if word.chars().count() > WORD { "…" } else { word });
    let words = words.collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_its_text() {
        let page = b"<html><head><title>502 Bad Gateway</title></head>\r\n<body><center>nginx</center></body></html>";
        assert_eq!(excerpt(page).unwrap(), "502 Bad Gateway nginx");
    }

    #[test]
    fn an_echoed_token_is_left_out() {
        let body = format!("you sent Bearer {} to us", "t".repeat(86));
        assert_eq!(excerpt(body.as_bytes()).unwrap(), "you sent Bearer … to us");
    }

    #[test]
    fn long_text_is_cut_and_no_text_is_none() {
        assert_eq!(
            excerpt("word ".repeat(99).as_bytes()).unwrap().chars().count(),
            PAGE + 1
        );
        assert_eq!(excerpt(b""), None);
        assert_eq!(excerpt(b"<html></html>"), None);
        assert_eq!(excerpt(&[0xff, 0x00]).unwrap(), "\u{fffd}");
    }

    #[test]
    fn a_message_keeps_its_ids_and_loses_secrets_and_terminal_escapes() {
        let id = "9f32b7cf-7e0e-4b27-9e3a-4d6a1bd8e2c1";
        let message = format!("no [{id}]\r\n\u{1b}[31mred for {}", "s".repeat(43));
        assert_eq!(sanitized(&message), format!("no [{id}] [31mred for …"));
        assert_eq!(sanitized("a\u{202e}b\u{200b}c"), "a b c");
    }
}
