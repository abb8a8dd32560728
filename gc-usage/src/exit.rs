//! What a command comes to: its exit code, and what a failure says.

use std::{error::Error as _, fmt, io, path::Path, process::ExitCode};

use crate::{args::again, stderr, text::visible};

/// How a command ended that did what it was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Fine,
    /// Usage is over a limit.
    OverLimit,
}

/// The exit codes of failures, beside 0 for success and 1 for a limit that is exceeded.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Code {
    /// A wrong option or setting, or a local failure.
    Usage = 2,
    /// The login was refused, or a permission is missing.
    Access = 3,
    /// The service or the network failed.
    Service = 4,
    /// The query itself failed.
    QueryFailed = 5,
    /// The query is not done yet: nobody asked to wait, or for no longer.
    NotDone = 6,
    /// Stopped by Ctrl-C, as shells count it.
    Interrupted = 130,
}

/// A command that failed: what, and what to do about it.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Whoever read the output has closed it: nothing to report.
    ClosedPipe,
    Reported {
        code: Code,
        message: String,
        hint: Option<Hint>,
    },
}

/// What to do about a failure.
#[derive(Clone, Debug)]
pub(crate) enum Hint {
    Text(String),
    /// A command that goes on with an execution.
    Results {
        purpose: &'static str,
        id: String,
        wait: bool,
        options: String,
    },
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Results {
                purpose,
                id,
                wait,
                options,
            } => write!(f, "{purpose} with: {}", again::results(id, *wait, options)),
        }
    }
}

impl Failure {
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
            *hint = Some(Hint::Text(text.into()));
        }
        self
    }

    /// Nobody asked to wait for a query that is not done.
    pub(crate) fn not_done(id: &str) -> Self {
        Self::Reported {
            code: Code::NotDone,
            message: "the query is not done yet".to_owned(),
            hint: Some(results("wait for it", id, true)),
        }
    }

    /// The same, where the command that it names must ask the same organization.
    pub(crate) fn asking_with(mut self, connection: &str) -> Self {
        if let Self::Reported {
            hint: Some(Hint::Results { options, .. }),
            ..
        } = &mut self
        {
            connection.clone_into(options);
        }
        self
    }

    /// The failure of one organization among several.
    pub(crate) fn of_profile(mut self, name: &str) -> Self {
        if let Self::Reported { message, .. } = &mut self {
            *message = format!("profile `{name}`: {message}");
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

    /// What failed, without the rest.
    pub(crate) fn first_line(&self) -> String {
        match self {
            Self::ClosedPipe => String::new(),
            Self::Reported { message, .. } => message.lines().next().unwrap_or_default().to_owned(),
        }
    }
}

impl From<usage_client::Error> for Failure {
    fn from(error: usage_client::Error) -> Self {
        let code = match () {
            // If the last poll failed, it is not known to be running.
            () if error.is_deadline() && error.source().is_none() => Code::NotDone,
            () if error.is_auth() || error.is_permission() => Code::Access,
            () if error.is_query_failed() => Code::QueryFailed,
            () if error.is_invalid_request() || error.is_configuration() => Code::Usage,
            () => Code::Service,
        };
        Self::Reported {
            code,
            message: text(&error),
            hint: hint(&error),
        }
    }
}

/// What failed and why: the error, its innermost cause, and what support asks for.
fn text(error: &usage_client::Error) -> String {
    let mut text = error.to_string();
    if error.is_configuration() {
        // The library names its own settings.
        for (setting, option) in [("base_url", "--api-url"), ("login_url", "--login-url")] {
            text = text.replace(&format!("{setting}:"), &format!("{option}:"));
        }
        // What only a program can allow.
        text = text.replace(", or allow this host by name", "");
    }
    let mut innermost = error.source();
    while let Some(cause) = innermost.and_then(|cause| cause.source()) {
        innermost = Some(cause);
    }
    if let Some(cause) = innermost
        .map(ToString::to_string)
        .filter(|cause| !text.contains(cause.as_str()))
    {
        text.push_str(&format!("\n  cause: {cause}"));
    }
    if let Some(id) = error.correlation_id() {
        text.push_str(&format!("\n  correlation id: {id}"));
    }
    text
}

/// What to do about it.
fn hint(error: &usage_client::Error) -> Option<Hint> {
    match () {
        () if error.is_deadline() => return Some(results("go on waiting", error.execution_id()?, true)),
        () if error.is_changed() => return Some(results("start over", error.execution_id()?, false)),
        () => {}
    }
    let hint = match () {
        // Its own text says it.
        () if error.is_permission() => return None,
        () if error.is_auth() => {
            "check id, secret and region; gc-usage profiles shows where each comes from".to_owned()
        }
        () if error.is_query_failed() => {
            "the service gives no reason; a shorter period or fewer dimensions may go through".to_owned()
        }
        () if error.is_rate_limited() => match error.retry_after() {
            Some(wait) => format!("try again in {}", humantime::format_duration(wait)),
            None => "try again later, or with another OAuth client: limits count for each".to_owned(),
        },
        () if error.is_not_found() && error.execution_id().is_some() => {
            "is the id from this organization and region? How long an id is kept is not documented".to_owned()
        }
        () if error.is_connect() => {
            "check the network, the region, and the proxy (--proxy, HTTPS_PROXY, NO_PROXY)".to_owned()
        }
        () if error.is_timeout() => {
            "check the network, the region and the proxy (--proxy, HTTPS_PROXY), or give it longer with --timeout"
                .to_owned()
        }
        () => return None,
    };
    Some(Hint::Text(hint))
}

fn results(purpose: &'static str, id: &str, wait: bool) -> Hint {
    Hint::Results {
        purpose,
        id: id.to_owned(),
        wait,
        options: String::new(),
    }
}

impl fmt::Display for Failure {
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

/// Prints a failure.
pub(crate) fn report(failure: &Failure) {
    if matches!(failure, Failure::Reported { .. }) {
        // Parts of it may be texts of others.
        let text = failure.to_string();
        let lines: Vec<_> = text.lines().map(visible).collect();
        stderr::say(lines.join("\n"));
    }
}

/// The outcome of a command whose exit code is what it is asked for: that counts though nobody reads what it writes.
pub(crate) fn verdict(
    written: Result<(), Failure>,
    outcome: Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    match (written, outcome) {
        (Ok(()) | Err(Failure::ClosedPipe), outcome) => outcome,
        (Err(failure), Ok(Outcome::Fine)) => Err(failure),
        (Err(failure), outcome) => {
            report(&failure);
            outcome
        }
    }
}

pub(crate) fn code(outcome: &Result<Outcome, Failure>) -> ExitCode {
    match outcome {
        Ok(Outcome::Fine) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Ok(Outcome::OverLimit) => ExitCode::from(1),
        Err(Failure::Reported { code, .. }) => ExitCode::from(*code as u8),
    }
}
