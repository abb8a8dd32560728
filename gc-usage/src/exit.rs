//! What a failed command says, and the code that it exits with.

use std::{error::Error as _, io, process::ExitCode};

/// The exit codes, beside 0 for success.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    /// A wrong option or setting, or a local failure.
    Usage = 2,
    /// The login was refused, or a permission is missing.
    Access = 3,
    /// The service or the network failed.
    Service = 4,
    /// The query itself failed.
    QueryFailed = 5,
}

/// A command that failed: what, and what to do about it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Whoever read the output has closed it: nothing to report.
    ClosedPipe,
    Reported {
        code: Code,
        message: String,
        hint: Option<String>,
    },
}

impl Failure {
    pub(crate) fn local(message: String) -> Self {
        Self::Reported {
            code: Code::Usage,
            message,
            hint: None,
        }
    }

    pub(crate) fn with_hint(self, text: &str) -> Self {
        match self {
            Self::Reported { code, message, .. } => Self::Reported {
                code,
                message,
                hint: Some(text.to_owned()),
            },
            closed => closed,
        }
    }

    pub(crate) fn writing(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::local(format!("cannot write the output: {error}")),
        }
    }
}

impl From<usage_client::Error> for Failure {
    fn from(error: usage_client::Error) -> Self {
        let code = match () {
            () if error.is_auth() || error.is_permission() => Code::Access,
            () if error.is_query_failed() => Code::QueryFailed,
            () if error.is_invalid_request() || error.is_configuration() => Code::Usage,
            () => Code::Service,
        };
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(&format!("\n  caused by: {error}"));
            cause = error.source();
        }
        if let Some(id) = error.correlation_id() {
            message.push_str(&format!("\n  correlation id: {id}"));
        }
        Self::Reported {
            code,
            message,
            hint: None,
        }
    }
}

/// Prints the failure; its exit code.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    match failure {
        Failure::ClosedPipe => ExitCode::SUCCESS,
        Failure::Reported { code, message, hint } => {
            eprintln!("error: {message}");
            if let Some(hint) = hint {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(*code as u8)
        }
    }
}
