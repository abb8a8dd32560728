//! The two streams of the command: data on standard output; notes, warnings, failures and progress on standard error.

use std::{
    fmt::Display,
    io::{self, IsTerminal as _, Stdout, Write as _},
};

use anstream::{AutoStream, ColorChoice};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use crate::{
    error::CliError,
    progress::{ProgressLine, RetryStatus},
    screen::{ColorArg, Screen, is_dumb},
    terminal::Terminal,
    text::escape_control,
};

/// Writes to both streams. It ignores errors of standard error: the command's result is worth more than its notes.
#[derive(Clone)]
pub(crate) struct Printer {
    /// What a page on standard output may use.
    pub(crate) screen: Screen,
    quiet: bool,
    /// Whether standard error is a terminal. Progress and confirmations appear only there.
    watched: bool,
    progress: MultiProgress,
}

impl Printer {
    /// With `quiet`, only failures are written to standard error. With `verbose`, there is no progress, which would mix with
    /// what the client does.
    pub(crate) fn new(color: ColorArg, quiet: bool, verbose: bool) -> Self {
        let watched = io::stderr().is_terminal() && !is_dumb();
        let target = match watched && !quiet && !verbose {
            true => ProgressDrawTarget::term_like(Box::new(Terminal::default())),
            false => ProgressDrawTarget::hidden(),
        };
        Self {
            screen: Screen::detect(color),
            quiet,
            watched,
            progress: MultiProgress::with_draw_target(target),
        }
    }

    /// Standard output.
    pub(crate) fn out(&self) -> AutoStream<Stdout> {
        // Without colour there is nothing to adapt to the terminal, so data is written as it is.
        let choice = match self.screen.color {
            true => ColorChoice::Always,
            false => ColorChoice::AlwaysAnsi,
        };
        AutoStream::new(io::stdout(), choice)
    }

    /// Writes a line to standard output.
    pub(crate) fn line(&self, text: impl Display) -> Result<(), CliError> {
        self.print(format_args!("{text}\n"))
    }

    /// Writes a text to standard output.
    pub(crate) fn print(&self, text: impl Display) -> Result<(), CliError> {
        write!(self.out(), "{text}").map_err(|error| CliError::writing(&error))
    }

    /// Writes a note: something that the user may want to know.
    pub(crate) fn note(&self, text: impl Display) {
        self.notice(format_args!("note: {text}"));
    }

    pub(crate) fn notes(&self, notes: impl IntoIterator<Item = impl Display>) {
        notes.into_iter().for_each(|note| self.note(note));
    }

    pub(crate) fn warnings(&self, warnings: impl IntoIterator<Item = impl Display>) {
        for warning in warnings {
            self.notice(format_args!("warning: {warning}"));
        }
    }

    /// Writes a text to standard error, unless the user asked for quiet.
    pub(crate) fn notice(&self, text: impl Display) {
        if !self.quiet {
            self.write_error(text);
        }
    }

    /// Writes that something went well, on a terminal only.
    pub(crate) fn confirm(&self, text: impl Display) {
        if self.watched {
            self.notice(text);
        }
    }

    /// Writes what failed, even if the user asked for quiet.
    pub(crate) fn failure(&self, failure: &CliError) {
        if matches!(failure, CliError::Reported { .. }) {
            self.write_error(failure);
        }
    }

    /// Adds a line that shows the progress of one organization. `profile` is its name, if several are queried.
    pub(crate) fn progress(&self, profile: Option<&str>, retry: RetryStatus) -> ProgressLine {
        let bar = self.progress.add(ProgressBar::new_spinner());
        ProgressLine::new(bar, profile, retry, self.screen.unicode)
    }

    /// Writes one or more lines to standard error. They may contain text from outside, so control characters are escaped.
    pub(crate) fn write_error(&self, text: impl Display) {
        let shown = shown(&text.to_string());
        self.progress.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{shown}");
        });
    }
}

fn shown(lines: &str) -> String {
    let lines: Vec<_> = lines.lines().map(escape_control).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_except_line_breaks() {
        assert_eq!(shown("a\u{1b}[31m\r\n  b\u{7}"), "a\\u{1b}[31m\n  b\\u{7}");
    }
}
