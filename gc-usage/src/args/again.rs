//! Options that were given, as a shell takes them again.

use clap::ValueEnum;

/// ` --name=value` for each that has a value.
pub(super) fn options<'a>(given: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given
        .map(|(name, value)| format!(" --{name}={}", quoted(&value)))
        .collect()
}

/// A value as the command line spells it.
pub(super) fn spelt(value: impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

fn quoted(value: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    match !value.is_empty() && value.chars().all(plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', "'\\''")),
    }
}
