//! Checks that clap cannot express as well: a check without a limit, and options that a command accepts only because they
//! belong to a common group, and would ignore.

use std::path::{Path, PathBuf};

use super::{Command, results::ResultsArgs, rows::FilterArgs, source::SourceArgs, status::StatusArgs};
use crate::{error::CliError, source::Family};

impl Command {
    /// # Errors
    ///
    /// An option is missing, or would be ignored.
    pub(crate) fn verify(&self) -> Result<(), CliError> {
        self.limits()?;
        self.standard_input()?;
        self.waiting()?;
        self.source()?;
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

    /// Options that a source cannot honour.
    fn source(&self) -> Result<(), CliError> {
        match self {
            Self::Query(args) => of_client(&args.source, &args.show.filter),
            Self::Report(args) => args.allotment.check(args.source.source),
            Self::Check(args) => args.allotment.check(args.source.source),
            Self::Status(args) => ids(&args.source, &args.ids),
            Self::Results(args) if args.raw && args.source.source == Family::Jobs => Err(CliError::local(
                "--raw: the rows of jobs come in pages, so there is no single response to write",
            )
            .with_hint("use --format json, which has all rows with the names that usage queries use")),
            Self::Results(args) => {
                of_client(&args.source, &args.show.filter).and_then(|()| ids(&args.source, &args.ids))
            }
            _ => Ok(()),
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

/// Rows of one client need no filter for clients, and those of its jobs do not name it.
fn of_client(source: &SourceArgs, filter: &FilterArgs) -> Result<(), CliError> {
    match source.for_client.is_some() && !filter.client.is_empty() {
        true => Err(
            CliError::local("--client: with --for-client, all rows are of one client").with_hint(
                "use one of both: --for-client asks for one client, --client selects among all clients",
            ),
        ),
        false => Ok(()),
    }
}

fn ids(source: &SourceArgs, ids: &[String]) -> Result<(), CliError> {
    match source.source == Family::Query && ids.len() > 1 {
        true => Err(
            CliError::local("a usage query has only one id, but several are given")
                .with_hint("for the ids of usage jobs, add --source jobs"),
        ),
        false => Ok(()),
    }
}
