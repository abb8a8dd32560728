//! Writes the JSON of one organization or of several.

use std::io::{self, Write};

use serde::Serialize;

/// Writes one object, or a list of objects if organizations have profiles.
pub(crate) fn write_json<T: Serialize>(
    out: &mut impl Write,
    organizations: &[T],
    profile: impl Fn(&T) -> Option<&str>,
) -> io::Result<()> {
    match organizations {
        [one] if profile(one).is_none() => serde_json::to_writer_pretty(&mut *out, one)?,
        all => serde_json::to_writer_pretty(&mut *out, all)?,
    }
    writeln!(out)
}
