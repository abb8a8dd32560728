//! Any file of profiles is read or refused, and no refusal shows a value of it.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    is_ours: bool,
    text: &'a str,
}

/// A text and a number that only stand where values do.
const SECRETS: [(char, &str); 2] = [('\u{1}', "\"hidden-90210\""), ('\u{2}', "90210777")];

fuzz_target!(|input: Input<'_>| {
    let mut text = input.text.to_owned();
    for (letter, value) in SECRETS {
        text = text.replace(letter, value);
    }
    if let Err(message) = gc_usage::fuzzing::profiles(&text, input.is_ours) {
        assert!(message.starts_with("error: config.toml"), "{message}");
        assert!(
            !message.contains("90210") || names_a_key(&text, &message),
            "{message}"
        );
    }
});

/// Names of keys and profiles are shown, whatever they are; of a file that is no TOML, the key that stands in it twice.
fn names_a_key(text: &str, message: &str) -> bool {
    match text.parse::<toml::Table>() {
        Ok(file) => has_key(&file),
        Err(_) => message.contains("duplicate key"),
    }
}

fn has_key(table: &toml::Table) -> bool {
    let nested = |value: &toml::Value| value.as_table().is_some_and(has_key);
    table
        .iter()
        .any(|(key, value)| key.contains("90210") || nested(value))
}
