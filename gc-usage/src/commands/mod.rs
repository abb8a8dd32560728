//! One file a subcommand.

mod check;
mod completions;
mod execution;
mod login;
mod man;
#[cfg(test)]
mod pairs;
mod profiles;
mod query;
mod report;
mod simulate;
mod usage;

use std::io::{self, Write as _};

use crate::{
    args::{Args, Command},
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let screen = Screen::detect(args.color);
    args.command.verify()?;
    match args.command {
        Command::Query(query) => query::run(query, &screen).await,
        Command::Report(report) => report::run(report, &screen).await,
        Command::Check(check) => check::run(check, &screen).await,
        Command::Submit(submit) => execution::submit(submit).await,
        Command::Results(results) => execution::results(results, &screen).await,
        Command::Status(status) => execution::status(status).await,
        Command::Profiles(profiles) => profiles::run(&profiles, &screen),
        Command::Login(login) => login::run(&login).await,
        Command::Simulate(simulate) => simulate::run(simulate).await,
        Command::Completions { shell } => completions::run(shell),
        Command::Man => man::run(),
    }
}

/// Writes a text to standard output.
fn print(text: &[u8]) -> Result<Outcome, Failure> {
    io::stdout()
        .write_all(text)
        .map_err(|error| Failure::writing(&error))?;
    Ok(Outcome::Fine)
}
