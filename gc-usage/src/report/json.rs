//! The report as one JSON object; of several organizations, as a list of them.

use std::io::{self, Write};

use super::Report;

pub(crate) fn json(out: &mut impl Write, reports: &[Report]) -> io::Result<()> {
    match reports {
        [one] if one.profile.is_none() => serde_json::to_writer_pretty(&mut *out, one)?,
        _ => serde_json::to_writer_pretty(&mut *out, reports)?,
    }
    writeln!(out)
}
