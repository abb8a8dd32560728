//! Standard error, for notes, warnings and errors.

use std::fmt::Display;

/// Says a line. If it cannot be written, then nobody reads it, and what the command does is worth more than the line.
#[cfg(not(test))]
pub(crate) fn say(line: impl Display) {
    use std::io::Write as _;

    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Where the test harness keeps it.
#[cfg(test)]
#[allow(clippy::print_stderr, reason = "it is the harness's own way")]
pub(crate) fn say(line: impl Display) {
    eprintln!("{line}");
}
