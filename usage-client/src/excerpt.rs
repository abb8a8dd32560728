//! A short, safe excerpt of a body that should have been JSON.

/// Characters kept: enough for a proxy's headline.
const LENGTH: usize = 120;
/// Longer words are left out: a page may echo a token, and tokens and secrets are long words.
const WORD: usize = 30;

/// The text of a page without its markup, or nothing if there is no text.
pub(crate) fn excerpt(body: &[u8]) -> Option<String> {
    // The headline stands early; what a page loads and scripts, later, does not matter.
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
            _ => plain.push(if letter.is_control() || letter == '"' {
                ' '
            } else {
                letter
            }),
        }
    }
    let words = plain
        .split_whitespace()
        .map(|word| if word.chars().count() > WORD { "…" } else { word });
    let words = words.collect::<Vec<_>>().join(" ");
    let excerpt: String = words.chars().take(LENGTH).collect();
    match excerpt.len() {
        0 => None,
        length if length < words.len() => Some(excerpt + "…"),
        _ => Some(excerpt),
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
            LENGTH + 1
        );
        assert_eq!(excerpt(b""), None);
        assert_eq!(excerpt(b"<html></html>"), None);
        assert_eq!(excerpt(&[0xff, 0x00]).unwrap(), "\u{fffd}");
    }
}
