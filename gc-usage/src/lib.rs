//! `gc-usage`: API usage of a Genesys Cloud organization, from question to answer in one command.
//!
//! This is the command as a library, so that fuzz targets reach its parts. What programs use is `usage-client`.

#![deny(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic where nobody reads: see `stderr`"
)]

mod allotment;
mod args;
mod ask;
mod check;
mod commands;
mod connection;
mod ending;
mod exit;
mod explain;
mod export;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod labels;
mod markdown;
mod month;
mod names;
mod no_data;
mod organization;
mod output;
mod progress;
mod report;
mod screen;
mod settings;
mod stderr;
mod student;
mod terminal;
mod text;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    args::{Args, advised},
    exit::{Code, Failure, Outcome},
};

/// Runs the command with the arguments of this process.
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let args = Args::try_parse_from(&words).unwrap_or_else(|error| {
        let words: Vec<_> = words
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        advised(error, &words).exit()
    });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::local(format!("cannot start: {error}"));
            exit::report(&failure);
            return exit::code(&Err(failure));
        }
    };
    let outcome = runtime.block_on(until_interrupted(args));
    if let Err(failure) = &outcome {
        exit::report(failure);
    }
    // Whatever still runs is dropped with it, not waited for.
    runtime.shutdown_background();
    exit::code(&outcome)
}

/// Runs the command. What is dropped by Ctrl-C leaves no half file behind.
async fn until_interrupted(args: Args) -> Result<Outcome, Failure> {
    let is_simulation = matches!(args.command, args::Command::Simulate(_));
    let interrupted = async {
        match tokio::signal::ctrl_c().await {
            Ok(()) => {}
            // Then there is no such signal.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        // First, so that it is waited for before anything is begun.
        biased;
        () = interrupted => {
            // A simulation has no other end.
            if is_simulation { Ok(Outcome::Fine) } else { Err(interruption()) }
        }
        outcome = commands::run(args) => outcome,
    }
}

fn interruption() -> Failure {
    let failure = Failure::new(Code::Interrupted, "interrupted");
    match &progress::resume_commands()[..] {
        [] => failure,
        [command] => failure.with_hint(format!(
            "the service goes on; this shows its rows later: {command}"
        )),
        commands => failure.with_hint(format!(
            "the service goes on; these show its rows later:\n      {}",
            commands.join("\n      ")
        )),
    }
}
