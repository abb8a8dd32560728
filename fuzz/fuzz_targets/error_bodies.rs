//! Whatever stands in the body of a refusal, the error keeps the status, is short, and obeys no terminal escape.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use usage_client::{Error, fuzzing, reqwest::StatusCode};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    status: u16,
    body: &'a [u8],
}

/// Longer words are left out, since they may be tokens; a few letters of ours stand around one.
const LONGEST_WORD: usize = 60;
const LONGEST_TEXT: usize = 1_000;

fuzz_target!(|input: Input<'_>| {
    let status = StatusCode::from_u16(400 + input.status % 200).expect("a status of an error");
    check(&fuzzing::call_error(status, input.body), status);
    let refused = fuzzing::login_error(status, input.body);
    check(&refused.expect("an error"), status);
});

fn check(error: &Error, status: StatusCode) {
    assert_eq!(error.status(), Some(status));
    let text = error.to_string();
    assert!(text.chars().count() <= LONGEST_TEXT, "{text}");
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(
        text.split_whitespace()
            .all(|word| word.chars().count() <= LONGEST_WORD),
        "{text}"
    );
    let _ = format!("{error:?}");
}
