//! `gc-usage login`: checks the login and the permission.

use super::verdict;
use crate::{
    args::LoginArgs,
    connection::Connection,
    error::{CliError, Outcome},
    printer::Printer,
    text::prefix,
};

/// No execution has this id, so a client with the permission gets "not found".
const NO_EXECUTION: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) async fn run(args: &LoginArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let connection = Connection::open(&args.connection.selection()?, printer).await?;
    let mut first = None;
    let mut written = Ok(());
    for organization in &connection.organizations {
        let whose = prefix(organization.profile.as_deref());
        let tried = match organization.client() {
            Ok(client) => match client.execution(NO_EXECUTION).poll().await {
                Err(error) if !error.is_not_found() => Err(organization.explain(error)),
                _ => Ok(()),
            },
            Err(failure) => Err(failure),
        };
        match tried.err() {
            None => {
                let line = printer.line(format_args!(
                    "{whose}ok: the login works, and the client has the permission to see usage"
                ));
                // A write error does not end the checks, because the exit code depends on them.
                written = written.and(line);
            }
            Some(failure) => {
                let failure = failure.of_profile(organization.profile.as_deref());
                match first {
                    None => first = Some(failure),
                    Some(_) => printer.failure(&failure),
                }
            }
        }
    }
    verdict(written, first.map_or(Ok(Outcome::Success), Err), printer)
}
