//! Quotes the words of a command line for a shell.

/// ` --name=value` for each option that has a value.
pub(crate) fn options<'a>(given: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given
        .map(|(name, value)| format!(" --{name}={}", word(&value)))
        .collect()
}

/// The text as one word of a shell.
pub(crate) fn word(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:@%+=,".contains(character);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Whether a text can be quoted for every shell of the system. Within quotes, a backslash has a meaning in fish. The shells
/// of Windows have no common way to quote.
pub(crate) fn can_be_quoted(text: &str) -> bool {
    match cfg!(windows) {
        true => word(text) == text,
        false => !text.contains('\\'),
    }
}
