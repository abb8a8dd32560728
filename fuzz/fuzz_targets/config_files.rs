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
        assert!(!message.contains("90210") || names_a_key(&text), "{message}");
    }
});

/// Names of keys and profiles are shown, whatever they are.
fn names_a_key(text: &str) -> bool {
    let is_key = |line: &str, rest: &str| {
        let rest =
            rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || "\"' \t-_".contains(letter));
        rest.starts_with(['=', '.']) || rest.starts_with(']') && line.trim_start().starts_with('[')
    };
    text.lines()
        .any(|line| line.split("90210").skip(1).any(|rest| is_key(line, rest)))
}
