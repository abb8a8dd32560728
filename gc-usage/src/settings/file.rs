//! Reads files that people write by hand.

use std::{
    env, fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::shell::word;

/// The longest file that is read. Settings, secrets and certificates are far shorter.
const LONGEST: u64 = 4 * 1024 * 1024;
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The home directory. A relative path would be below the current directory, which may belong to someone else.
pub(super) fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| home.is_absolute())
}

/// Reads all of the input. It is an error if it is too long, since it may never end.
pub(super) fn whole(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(io::Error::other(format!(
            "it is longer than {} MiB",
            LONGEST >> 20
        ))),
        false => Ok(bytes),
    }
}

/// Reads all of a file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    whole(fs::File::open(path)?)
}

/// The path with the home directory instead of `~/`. A shell does not replace `~/` in files and after `=`.
pub(super) fn expanded(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// A warning if other users can change the file, or can read it although it holds secrets. Only for regular files, so a
/// pipe of the shell causes no warning.
pub(super) fn exposed(path: &Path, holds_secrets: bool) -> Option<String> {
    const READ: u32 = 0o044;
    const WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let file = mode(path).filter(|_| path.is_file())?;
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let (what, path, mode) = match mode(directory) {
        _ if holds_secrets && file & READ != 0 => ("holds secrets and can be read by others", path, "600"),
        _ if file & WRITE != 0 => ("can be changed by others", path, "go-w"),
        Some(mode) if mode & WRITE != 0 && mode & STICKY == 0 => {
            ("is a directory where others can replace files", directory, "go-w")
        }
        _ => return None,
    };
    let path = path.display().to_string();
    Some(format!("{path} {what}: chmod {mode} {}", word(&path)))
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(path.metadata().ok()?.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> Option<u32> {
    None
}

/// Decodes UTF-8, and UTF-16 with the mark that Windows PowerShell writes first.
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

/// The text without the spaces, line breaks and marks around it.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_windows_are_read() {
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

    #[cfg(unix)]
    #[test]
    fn others_with_access_to_a_file_cause_a_warning() {
        use std::{fs, os::unix::fs::PermissionsExt as _};
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secret");
        fs::write(&file, "s").unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for (of_directory, of_file, secret, expected) in [
            (0o700, 0o600, true, None),
            (0o755, 0o400, true, None),
            (0o755, 0o644, false, None),
            (0o1777, 0o600, true, None),
            (0o700, 0o640, true, Some("can be read by others: chmod 600")),
            (0o700, 0o604, true, Some("can be read by others: chmod 600")),
            (0o700, 0o666, true, Some("can be read by others: chmod 600")),
            (0o700, 0o620, true, Some("can be changed by others: chmod go-w")),
            (0o700, 0o602, false, Some("can be changed by others: chmod go-w")),
            (0o777, 0o600, false, Some("others can replace files: chmod go-w")),
            (0o770, 0o600, true, Some("others can replace files: chmod go-w")),
        ] {
            set(&file, of_file);
            set(directory.path(), of_directory);
            let warning = exposed(&file, secret);
            let is_expected =
                |expected: &str| warning.as_ref().is_some_and(|warning| warning.contains(expected));
            assert!(
                expected.map_or(warning.is_none(), is_expected),
                "{of_directory:o} {of_file:o}: {warning:?}"
            );
        }
        assert_eq!(exposed(Path::new("/dev/null"), true), None);
        assert_eq!(exposed(&directory.path().join("none"), true), None);
    }

    #[test]
    fn only_a_single_tilde_is_expanded() {
        let home = home().unwrap();
        assert_eq!(expanded(Path::new("~/a/b")), home.join("a/b"));
        for path in ["/etc/~/a", "a/~", "~other/a", "a"] {
            assert_eq!(expanded(Path::new(path)), Path::new(path));
        }
    }
}
