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
    match gc_usage::fuzzing::profiles(&text, input.is_ours) {
        Ok(names) => assert!(names.len() <= text.matches('[').count(), "{names:?}"),
        Err(message) => {
            assert!(message.starts_with("error: config.toml"), "{message}");
            assert!(!message.contains("90210") || names_a_key(&text), "{message}");
        }
    }
});

/// Names of keys and profiles are shown, whatever they are.
fn names_a_key(text: &str) -> bool {
    let mut after = text.split("90210").skip(1);
    after.any(|rest| {
        let rest =
            rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || "\"' \t-_".contains(letter));
        rest.starts_with(['=', ']', '.'])
    })
}
