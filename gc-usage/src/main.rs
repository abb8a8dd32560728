//! `gc-usage`: API usage of a Genesys Cloud organization, from question to answer in one command.

mod args;
mod commands;
mod exit;
mod export;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(&exit::Failure::local(format!("cannot start: {error}"))),
    };
    let outcome = runtime.block_on(async {
        match args.command {
            Command::Query(query) => commands::query::run(query).await,
            Command::Simulate(simulate) => commands::simulate::run(simulate).await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => exit::report(&failure),
    }
}
