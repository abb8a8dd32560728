//! What was given, as a shell takes it again.

use clap::ValueEnum;

/// ` --name=value` for each that has a value.
pub(super) fn options<'a>(given: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given
        .map(|(name, value)| format!(" --{name}={}", word(&value)))
        .collect()
}

/// A value as the command line spells it.
pub(super) fn spelt(value: impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

/// A command that goes on with an execution, whose id the service chose: it may hold anything.
pub(crate) fn results(id: &str, wait: bool, options: &str) -> String {
    let wait = if wait { " --wait" } else { "" };
    if !is_safe(id) {
        // The error names it.
        return format!("gc-usage results ID{wait}{options}");
    }
    // What begins with a hyphen is an option unless two of them come before it.
    match id.starts_with('-') {
        true => format!("gc-usage results{wait}{options} -- {}", word(id)),
        false => format!("gc-usage results {}{wait}{options}", word(id)),
    }
}

/// Whether a text can be quoted for every shell of the system. A backslash means something to fish within quotes, and the
/// shells of Windows agree on nothing.
fn is_safe(text: &str) -> bool {
    match cfg!(windows) {
        true => word(text) == text,
        false => !text.contains('\\'),
    }
}

/// A text as one word of a shell.
pub(crate) fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_word_and_no_option() {
        for (id, command) in [
            ("7157a113-2751", "gc-usage results 7157a113-2751 --wait --top=2"),
            ("x; touch it #", "gc-usage results 'x; touch it #' --wait --top=2"),
            ("it's $(id)", "gc-usage results 'it'\\''s $(id)' --wait --top=2"),
            ("~/x", "gc-usage results '~/x' --wait --top=2"),
            ("--raw", "gc-usage results --wait --top=2 -- --raw"),
            ("-o x", "gc-usage results --wait --top=2 -- '-o x'"),
        ] {
            assert_eq!(results(id, true, " --top=2"), command);
        }
        assert_eq!(results("a", false, ""), "gc-usage results a");
        // fish takes the quote behind a backslash for a part of the word.
        assert_eq!(results("\\'; echo run #", false, ""), "gc-usage results ID");
    }
}
