//! Cursors: opaque texts that say where a page begins.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::ids::{mix, mix_all};

/// Where a page begins in the results with this id. `variant` makes different cursors for the same place. They contain
/// characters that a URL must escape.
pub(crate) fn encode(id: &str, offset: u64, variant: u64) -> String {
    let mut bytes = vec![1];
    for number in [variant, offset ^ key(id, variant), check(id, offset, variant)] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    STANDARD.encode(bytes)
}

/// The place of a cursor, if it is one of the results with this id.
pub(crate) fn decode(id: &str, cursor: &str) -> Option<u64> {
    let bytes = STANDARD.decode(cursor).ok()?;
    let mut numbers = bytes.get(1..)?.chunks_exact(8);
    let mut number = || Some(u64::from_be_bytes(numbers.next()?.try_into().ok()?));
    let variant = number()?;
    let offset = number()? ^ key(id, variant);
    (encode(id, offset, variant) == cursor).then_some(offset)
}

fn key(id: &str, variant: u64) -> u64 {
    let id = id.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
    mix(id ^ variant)
}

fn check(id: &str, offset: u64, variant: u64) -> u64 {
    mix_all(&[key(id, variant), offset])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_only_for_the_results_that_it_belongs_to() {
        for (offset, variant) in [(0, 0), (1000, 0), (u64::MAX, u64::MAX), (7, 3)] {
            let cursor = encode("one", offset, variant);
            assert_eq!(decode("one", &cursor), Some(offset));
            assert_eq!(decode("two", &cursor), None);
            assert_eq!(decode("one", &cursor[..cursor.len() - 4]), None);
            assert_ne!(cursor, encode("one", offset, variant ^ 1));
        }
        assert_eq!(decode("one", "not a cursor"), None);
        assert!(encode("one", 0, 0).contains('='));
    }
}
