//! Files that people write by hand: where they are, and what their editors and shells put around the text.

use std::{
    env, io,
    path::{Path, PathBuf},
};

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The user's folder. A relative one would be the current folder, which may belong to somebody else.
pub(super) fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| home.is_absolute())
}

/// The path with the user's folder in place of `~/`, which a shell leaves as it is in files and behind `=`.
pub(super) fn expanded(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// Decodes UTF-8, and UTF-16 with the mark that Windows PowerShell puts before it.
pub(super) fn decoded(bytes: Vec<u8>) -> io::Result<String> {
    let utf_16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<_> = rest
            .chunks(2)
            .map(|pair| unit([pair[0], *pair.get(1).unwrap_or(&0)]))
            .collect();
        String::from_utf16(&units).ok()
    };
    let text = match &bytes[..] {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        whole => {
            let text = whole.strip_prefix(UTF_8_MARK).unwrap_or(whole);
            str::from_utf8(text).ok().map(str::to_owned)
        }
    };
    text.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// A value without blanks, line ends and marks around it.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_writes_is_read() {
        let utf_16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        for bytes in [
            b"sec\xc3\xa9ret\r\n".to_vec(),
            b"\xef\xbb\xbfsec\xc3\xa9ret\r\n".to_vec(),
            utf_16("\u{feff}secéret\r\n", u16::to_le_bytes),
            utf_16("\u{feff}secéret\r\n", u16::to_be_bytes),
        ] {
            assert_eq!(trimmed(&decoded(bytes).unwrap()), "secéret");
        }
        for bytes in [&b"\xffsecret"[..], b"\xff\xfe\x00\xd8"] {
            assert!(decoded(bytes.to_vec()).is_err());
        }
    }

    #[test]
    fn only_a_tilde_of_its_own_is_expanded() {
        let home = home().unwrap();
        assert_eq!(expanded(Path::new("~/a/b")), home.join("a/b"));
        for path in ["/etc/~/a", "a/~", "~other/a", "a"] {
            assert_eq!(expanded(Path::new(path)), Path::new(path));
        }
    }
}
