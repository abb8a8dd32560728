//! Standard error, for notes, warnings and errors.

use std::fmt::Display;

use crate::text::escape_control;

/// Says one or more lines. Parts of them may be texts of others, which a terminal must not run. If they cannot be written, then nobody reads
/// them, and what the command does is worth more.
#[cfg(not(test))]
pub(crate) fn say(lines: impl Display) {
    use std::io::Write as _;

    let _ = writeln!(std::io::stderr().lock(), "{}", shown(lines));
}

/// Where the test harness keeps it.
#[cfg(test)]
#[allow(clippy::print_stderr, reason = "it is the harness's own way")]
pub(crate) fn say(lines: impl Display) {
    eprintln!("{}", shown(lines));
}

fn shown(lines: impl Display) -> String {
    let lines = lines.to_string();
    let lines: Vec<_> = lines.lines().map(escape_control).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_and_nothing_in_them_is_run() {
        assert_eq!(shown("a\u{1b}[31m\r\n  b\u{7}"), "a\\u{1b}[31m\n  b\\u{7}");
    }
}
