//! An interval that is read has its days in order, and is read again from what it is shown as.

#![no_main]

use libfuzzer_sys::fuzz_target;
use usage_client::Interval;

fuzz_target!(|text: &str| {
    match text.parse::<Interval>() {
        Ok(interval) => {
            assert!(interval.first_day() <= interval.last_day(), "{interval}");
            assert_eq!(interval.to_string().parse::<Interval>().ok(), Some(interval));
        }
        Err(error) => assert!(error.is_invalid_request(), "{error}"),
    }
});
