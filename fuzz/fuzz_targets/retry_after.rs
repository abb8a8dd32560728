//! Any `Retry-After` is survived; seconds are seconds, and nobody is asked to wait for less than nothing.

#![no_main]

use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use usage_client::fuzzing;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    retry_after: &'a [u8],
    date: &'a [u8],
    seconds: u32,
}

fuzz_target!(|input: Input<'_>| {
    let _ = fuzzing::retry_after(input.retry_after, input.date);
    let seconds = fuzzing::retry_after(input.seconds.to_string().as_bytes(), input.date);
    assert_eq!(seconds, Some(Duration::from_secs(input.seconds.into())));
});
