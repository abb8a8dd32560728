//! JSON, with the service's names and values.

use std::io::{self, Write};

use super::Answer;

pub(crate) fn write(out: &mut impl Write, answer: &Answer<'_>) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, answer)?;
    writeln!(out)
}
