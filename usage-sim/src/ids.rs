//! Hashes, ids and tokens.

use std::hash::{BuildHasher, Hasher, RandomState};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// SplitMix64: a hash of one number.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of several numbers.
pub(crate) fn mix_all(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |hash, part| mix(hash ^ part))
}

/// A version 4 UUID, the same for the same input.
pub(crate) fn uuid(kind: u64, seed: u64, number: u64) -> String {
    let high = mix_all(&[kind, seed, number]);
    let low = mix(high);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

/// An access token with the length and the characters of the service's. It is always new, so that a test notices a client
/// that uses an old one.
pub(crate) fn token() -> String {
    let mut bytes = Vec::with_capacity(64);
    for _ in 0..8 {
        // Each `RandomState` has new keys from the operating system.
        bytes.extend_from_slice(&RandomState::new().build_hasher().finish().to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_their_format_and_are_repeatable() {
        let id = uuid(1, 2, 3);
        assert_eq!(id.len(), 36);
        assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert_eq!(id, uuid(1, 2, 3));
        assert_ne!(id, uuid(1, 2, 4));
    }

    #[test]
    fn tokens_are_86_characters_and_differ() {
        assert_eq!(token().len(), 86);
        assert_ne!(token(), token());
    }
}
