//! One file for each subcommand.

mod check;
mod compare_sources;
mod completions;
mod login;
mod man;
mod no_data;
mod origin;
#[cfg(test)]
mod pairs;
mod profiles;
mod query;
mod report;
mod reports;
mod results;
mod rows;
mod simulate;
mod status;
mod submit;
#[cfg(feature = "sync")]
mod sync;

use crate::{
    args::Command,
    error::{CliError, Outcome},
    printer::Printer,
    resume::ResumeCommands,
};

pub(crate) async fn run(
    command: Command,
    resume: &ResumeCommands,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    command.verify()?;
    match command {
        Command::Query(query) => query::run(query, resume, printer).await,
        Command::Report(report) => report::run(report, resume, printer).await,
        Command::Check(check) => check::run(check, resume, printer).await,
        Command::CompareSources(args) => compare_sources::run(args, printer).await,
        Command::Submit(submit) => submit::run(submit, printer).await,
        Command::Results(results) => results::run(results, resume, printer).await,
        Command::Status(status) => status::run(status, printer).await,
        #[cfg(feature = "sync")]
        Command::Sync(sync) => sync::run(sync, printer).await,
        Command::Profiles(profiles) => profiles::run(&profiles, printer),
        Command::Login(login) => login::run(&login, printer).await,
        Command::Simulate(simulate) => simulate::run(simulate, printer).await,
        Command::Completions(args) => completions::run(args.shell, printer),
        Command::Man => man::run(printer),
    }
}

/// The outcome of a command that is run for its exit code: it counts even if nobody reads the output.
fn verdict(
    written: Result<(), CliError>,
    outcome: Result<Outcome, CliError>,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    match (written, outcome) {
        (Ok(()) | Err(CliError::ClosedPipe), outcome) => outcome,
        (Err(failure), Ok(Outcome::Success)) => Err(failure),
        (Err(failure), outcome) => {
            printer.failure(&failure);
            outcome
        }
    }
}
