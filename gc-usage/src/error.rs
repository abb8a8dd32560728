//! How a command ends: its exit code, and the message and hint of a failure.

use std::{fmt, io, path::Path, process::ExitCode};

use crate::resume::results_command;

/// How a command without a failure ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Success,
    /// Usage is over a limit.
    OverLimit,
}

/// The exit codes of failures. In addition, 0 is success and 1 is a limit that is exceeded.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Code {
    /// An invalid option or setting, or a local failure.
    Usage = 2,
    /// The login was refused, or a permission is missing.
    Access = 3,
    /// The service or the network failed.
    Service = 4,
    /// The query itself failed.
    QueryFailed = 5,
    /// The query is not complete yet, and the command does not wait, or no longer.
    NotComplete = 6,
    /// Ended by a signal: a hangup, Ctrl-C, SIGTERM. The numbers are those that shells use.
    #[cfg(unix)]
    HungUp = 129,
    Interrupted = 130,
    #[cfg(unix)]
    Terminated = 143,
}

/// Why a command failed, and what to do about it.
#[derive(Clone, Debug)]
pub(crate) enum CliError {
    /// The reader of the output has closed it. There is nothing to report.
    ClosedPipe,
    Reported {
        code: Code,
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl CliError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self::Reported {
            code,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn local(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    pub(crate) fn with_hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Reported { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    /// The query is not complete, and the command does not wait for it. `options` select the same organization.
    pub(crate) fn not_complete(ids: &[String], options: &str) -> Self {
        let command = results_command(ids, true, options);
        Self::new(Code::NotComplete, "the query is not complete yet")
            .with_hint(format!("wait for it with: {command}"))
    }

    /// The failure of one organization, with its profile if several are queried.
    pub(crate) fn of_profile(mut self, profile: Option<&str>) -> Self {
        if let (Some(name), Self::Reported { message, .. }) = (profile, &mut self) {
            *message = format!("profile `{name}`: {message}");
        }
        self
    }

    /// The failure with another line, if the note is not empty.
    #[cfg(feature = "sync")]
    pub(crate) fn noting(mut self, note: &str) -> Self {
        if let Self::Reported { message, .. } = &mut self
            && !note.is_empty()
        {
            message.push_str(&format!("\n  {note}"));
        }
        self
    }

    pub(crate) fn writing(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            io::ErrorKind::StorageFull => Self::local("cannot write the output: the disk is full")
                .with_hint("nothing was changed; free some space, or choose another place with --output"),
            _ => Self::local(format!("cannot write the output: {error}")),
        }
    }

    pub(crate) fn file(action: &str, path: &Path, error: &io::Error) -> Self {
        let failure = Self::local(format!("cannot {action} {}: {error}", path.display()));
        match error.kind() {
            io::ErrorKind::StorageFull => failure
                .with_hint("nothing was changed; free some space, or choose another place with --output"),
            _ => failure,
        }
    }

    /// The message with its further lines, without the hint.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::ClosedPipe => "",
            Self::Reported { message, .. } => message,
        }
    }

    /// The message without its further lines and the hint.
    pub(crate) fn first_line(&self) -> String {
        match self {
            Self::ClosedPipe => String::new(),
            Self::Reported { message, .. } => message.lines().next().unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Reported { message, hint, .. } = self else {
            return Ok(());
        };
        write!(f, "error: {message}")?;
        match hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

pub(crate) fn code(outcome: &Result<Outcome, CliError>) -> ExitCode {
    match outcome {
        Ok(Outcome::Success) | Err(CliError::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Outcome::OverLimit) => ExitCode::from(1),
        Err(CliError::Reported { code, .. }) => ExitCode::from(*code as u8),
    }
}
