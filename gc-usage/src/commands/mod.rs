//! One file a subcommand.

mod check;
mod completions;
mod login;
mod man;
mod no_data;
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

use std::io::{self, Write as _};

use crate::{
    args::{Args, Command},
    calendar::NamedDays,
    error::{CliError, Outcome},
    resume::ResumeCommands,
    screen::Screen,
    stderr,
};

pub(crate) async fn run(args: Args, resume: &ResumeCommands) -> Result<Outcome, CliError> {
    let screen = Screen::detect(args.color);
    args.command.verify()?;
    match args.command {
        Command::Query(query) => query::run(query, resume, &screen).await,
        Command::Report(report) => report::run(report, resume, &screen).await,
        Command::Check(check) => check::run(check, resume, &screen).await,
        Command::Submit(submit) => submit::run(submit).await,
        Command::Results(results) => results::run(results, resume, &screen).await,
        Command::Status(status) => status::run(status).await,
        Command::Profiles(profiles) => profiles::run(&profiles, &screen),
        Command::Login(login) => login::run(&login).await,
        Command::Simulate(simulate) => simulate::run(simulate).await,
        Command::Completions(args) => completions::run(args.shell),
        Command::Man => man::run(),
    }
}

/// Prints what the user should know of the days.
fn note(days: &NamedDays) {
    if let Some(note) = &days.note {
        stderr::say(format_args!("note: {note}"));
    }
}

/// Writes a text to standard output.
fn print(text: &[u8]) -> Result<Outcome, CliError> {
    io::stdout()
        .write_all(text)
        .map_err(|error| CliError::writing(&error))?;
    Ok(Outcome::Fine)
}
