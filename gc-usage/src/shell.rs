//! Words of a command line, as a shell takes them.

/// ` --name=value` for each that has a value.
pub(crate) fn options<'a>(given: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given
        .map(|(name, value)| format!(" --{name}={}", word(&value)))
        .collect()
}

/// A text as one word of a shell.
pub(crate) fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Whether a text can be quoted for every shell of the system. A backslash has a meaning for fish within quotes, and the
/// shells of Windows agree on nothing.
pub(crate) fn can_be_quoted(text: &str) -> bool {
    match cfg!(windows) {
        true => word(text) == text,
        false => !text.contains('\\'),
    }
}
