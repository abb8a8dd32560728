//! Checks that clap cannot express as well: a check without a limit, and options that a command accepts only because they
//! belong to a common group, and would ignore.

use std::path::{Path, PathBuf};

use super::{Command, results::ResultsArgs, status::StatusArgs};
use crate::error::CliError;

impl Command {
    /// # Errors
    ///
    /// An option is missing, or would be ignored.
    pub(crate) fn verify(&self) -> Result<(), CliError> {
        self.limits()?;
        self.standard_input()?;
        self.waiting()?;
        self.demo()
    }

    fn limits(&self) -> Result<(), CliError> {
        match self {
            Self::Check(args) if args.limits().is_empty() => Err(CliError::local(
                "no limit is set: give at least one of --max-429-share 1%, --max-error-share 5%, --max-requests 3000000, \
                 --allotment 2000000 or --licences cx3=120",
            )),
            _ => Ok(()),
        }
    }

    /// Standard input can be read only once.
    fn standard_input(&self) -> Result<(), CliError> {
        let (select, connection) = match self {
            Self::Query(args) => (&args.select, &args.connection),
            Self::Submit(args) => (&args.select, &args.connection),
            _ => return Ok(()),
        };
        let is_read = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
        match is_read(&select.file) && is_read(&connection.client_secret_file) {
            true => Err(CliError::local(
                "--file - and --client-secret-file - cannot both read standard input",
            )),
            false => Ok(()),
        }
    }

    fn waiting(&self) -> Result<(), CliError> {
        let (connection, reason) = match self {
            Self::Submit(args) => (&args.connection, "gc-usage submit does not wait for a query"),
            Self::Status(args) => (&args.connection, "gc-usage status does not wait for a query"),
            Self::Login(args) => (&args.connection, "gc-usage login does not wait for a query"),
            Self::Results(args) if !args.wait => {
                (&args.connection, "without --wait, gc-usage results does not wait")
            }
            _ => return Ok(()),
        };
        match connection.wait_timeout {
            Some(_) => Err(CliError::local(format!("--wait-timeout: {reason}"))
                .with_hint("use it with gc-usage query, report, check, or results --wait")),
            None => Ok(()),
        }
    }

    fn demo(&self) -> Result<(), CliError> {
        match self {
            Self::Profiles(args) if args.connection.demo => Err(CliError::local(
                "--demo: the simulated organization has no profiles and no settings",
            )),
            Self::Results(ResultsArgs { connection, .. }) | Self::Status(StatusArgs { connection, .. })
                if connection.demo =>
            {
                Err(CliError::local(
                    "--demo: the simulated organization starts with this command, so it has no execution yet",
                )
                .with_hint("try gc-usage query --demo, or run a lasting simulation with gc-usage simulate"))
            }
            _ => Ok(()),
        }
    }
}
