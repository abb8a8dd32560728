//! A region that is read is read again from its name, its domain, and both in other spellings.

#![no_main]

use libfuzzer_sys::fuzz_target;
use usage_client::Region;

fuzz_target!(|text: &str| {
    match text.parse::<Region>() {
        Ok(region) => {
            let name = region.to_string();
            for spelling in [
                &name,
                &name.to_uppercase(),
                &name.replace('-', "_"),
                region.domain(),
            ] {
                assert_eq!(spelling.parse().ok(), Some(region), "{spelling}");
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
