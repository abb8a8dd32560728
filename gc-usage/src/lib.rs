//! `gc-usage`: shows the API usage of a Genesys Cloud organization.
//!
//! The command is a library only so that fuzz targets reach its parts. Programs use `usage-client`.

#![deny(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic if nobody reads; use a `Printer`"
)]

mod allotment;
mod args;
mod calendar;
mod check;
mod client;
mod commands;
mod compare;
mod connection;
#[cfg(feature = "sync")]
mod dataset;
mod error;
mod exact;
mod explain;
mod export;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod interner;
mod json;
mod labels;
mod markdown;
mod organization;
mod output;
mod printer;
mod progress;
mod projection;
mod query;
mod report;
mod request;
mod result;
mod resume;
mod screen;
mod settings;
mod shell;
mod signals;
mod source;
#[cfg(feature = "sync")]
mod stored;
mod submitted;
#[cfg(feature = "sync")]
mod sync;
mod terminal;
#[cfg(test)]
mod testing;
mod text;
mod trace;
mod workbook;

use std::{process::ExitCode, time::Duration};

use clap::Parser as _;
use tokio::sync::oneshot;

use crate::{
    args::{Args, Command, with_tip},
    error::{CliError, Code, Outcome},
    printer::Printer,
    resume::ResumeCommands,
    signals::Signals,
};

/// Runs the command with the arguments of this process.
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let args = Args::try_parse_from(&words).unwrap_or_else(|error| {
        let words: Vec<_> = words
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        with_tip(error, &words).exit()
    });
    let printer = Printer::new(args.color, args.quiet, args.verbose > 0);
    trace::show(args.verbose, &printer);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = CliError::local(format!("cannot start: {error}"));
            printer.failure(&failure);
            return error::code(&Err(failure));
        }
    };
    let outcome = runtime.block_on(until_ended(args.command, &printer));
    if let Err(failure) = &outcome {
        printer.failure(failure);
    }
    // Tasks that still run are dropped, not waited for.
    runtime.shutdown_background();
    error::code(&outcome)
}

/// How many threads receive responses. Each thread keeps some of the memory that its work needed, so the memory of the command
/// grows with their number. It must not depend on the machine.
const WORKERS: usize = 2;
/// How many threads decode, sort, store and look up names. The sorter of `sync` has one while it waits for others that decode,
/// and a lookup has one for as long as a name server hangs.
const BLOCKING_THREADS: usize = 6;
/// How long the command may take to stop. It never does if it waits for the system: for a reader of its output, or for a
/// secret that nobody types.
const GRACE: Duration = Duration::from_secs(1);

/// Runs the command until it ends or a signal stops it. A stopped command leaves no incomplete file.
async fn until_ended(command: Command, printer: &Printer) -> Result<Outcome, CliError> {
    let is_simulation = matches!(command, Command::Simulate(_));
    let goes_on = command.goes_on_when_repeated();
    // Before the command starts.
    let signals = Signals::listen();
    let resume = ResumeCommands::default();
    let (sender, receiver) = oneshot::channel();
    // On another thread, since the command may be blocked.
    let (noted, last_words) = (resume.clone(), printer.clone());
    tokio::spawn(async move {
        let code = signals.received().await;
        let _ = sender.send(code);
        tokio::time::sleep(GRACE).await;
        let report = tokio::task::spawn_blocking(move || last_words.failure(&ended(code, &noted, goes_on)));
        let _ = tokio::time::timeout(GRACE, report).await;
        output::abandon();
        std::process::exit(code as i32);
    });
    tokio::select! {
        biased;
        Ok(code) = receiver => {
            // A simulation ends only this way.
            if is_simulation { Ok(Outcome::Success) } else { Err(ended(code, &resume, goes_on)) }
        }
        outcome = commands::run(command, &resume, printer) => outcome,
    }
}

/// The error of a command that a signal stopped.
fn ended(code: Code, resume: &ResumeCommands, goes_on: bool) -> CliError {
    let failure = CliError::new(
        code,
        match code {
            #[cfg(unix)]
            Code::Terminated => "terminated",
            #[cfg(unix)]
            Code::HungUp => "the terminal was closed",
            _ => "interrupted",
        },
    );
    match &resume.list()[..] {
        _ if goes_on => failure.with_hint("stored days are kept; run the same command again to go on"),
        [] => failure,
        [command] => failure.with_hint(format!(
            "the query continues at the service; show its rows later with: {command}"
        )),
        commands => failure.with_hint(format!(
            "the queries continue at the service; show their rows later with:\n      {}",
            commands.join("\n      ")
        )),
    }
}
