//! The command line. Each file has the options of one command, or a group of options.

mod allotment;
mod check;
mod compare_sources;
mod completions;
pub(crate) mod connection;
mod csv;
mod from;
pub(crate) mod help;
mod login;
mod names;
mod output;
mod period;
mod profiles;
mod query;
mod query_file;
mod report;
mod results;
mod rows;
mod select;
mod simulate;
mod source;
mod status;
mod submit;
#[cfg(feature = "sync")]
mod sync;
#[cfg(test)]
mod testing;
mod tips;
mod values;
mod verify;

use clap::{ArgAction, Parser, Subcommand};

use self::help::{examples, with_exit_codes};
#[cfg(feature = "sync")]
pub(crate) use self::sync::{StatusFormat, SyncArgs, SyncCommand, SyncDdlArgs, SyncRunArgs, SyncStatusArgs};
pub(crate) use self::{
    check::{CheckArgs, CheckFormat},
    compare_sources::CompareSourcesArgs,
    completions::CompletionsArgs,
    from::FromArgs,
    login::LoginArgs,
    profiles::ProfilesArgs,
    query::QueryArgs,
    report::{ReportArgs, ReportFormat},
    results::ResultsArgs,
    rows::{FilterArgs, ShowArgs},
    simulate::SimulateArgs,
    source::SourceArgs,
    status::StatusArgs,
    submit::SubmitArgs,
    tips::with_tip,
};
use crate::screen::ColorArg;

/// API usage of a Genesys Cloud (PureCloud) organization: who uses the allotment, who is being rate limited, and what
/// the month will cost.
#[derive(Parser)]
#[command(name = "gc-usage", version, after_help = with_exit_codes("gc-usage"), after_long_help = help::long())]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colours.
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    pub(crate) color: ColorArg,

    /// Show on standard error what the client does; given twice, also what its HTTP and TLS libraries do.
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: u8,

    /// Show only errors: no notes, warnings or progress.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Submit a query, wait until it is complete, and show its rows.
    #[command(after_help = with_exit_codes("query"))]
    Query(QueryArgs),
    /// Show a report: totals, days, clients, endpoints, rate limiting and the month's allotment.
    #[command(after_help = with_exit_codes("report"))]
    Report(ReportArgs),
    /// Compare usage with limits, for cron and CI.
    ///
    /// Exit code 0 means within the limits, and 1 means over a limit. Any other code means that the check failed.
    #[command(after_help = with_exit_codes("check"))]
    Check(CheckArgs),
    /// Compare the counts of usage queries with those of usage jobs, by client.
    ///
    /// It says what the difference is made of.
    #[command(after_help = with_exit_codes("compare-sources"))]
    CompareSources(CompareSourcesArgs),
    /// Submit a query and print its execution id, without waiting. Jobs may have several ids, one on each line.
    #[command(after_help = with_exit_codes("submit"))]
    Submit(SubmitArgs),
    /// Fetch the rows of a submitted query or of submitted jobs.
    #[command(after_help = with_exit_codes("results"))]
    Results(ResultsArgs),
    /// Show whether a submitted query or job is complete.
    #[command(after_help = with_exit_codes("status"))]
    Status(StatusArgs),
    /// Keep a Parquet data set up to date, which DuckDB, Spark, Athena and other engines read.
    ///
    /// Each organization and day is one object. Each run fetches the days that are missing, and the last days again.
    #[cfg(feature = "sync")]
    #[command(after_help = with_exit_codes("sync"))]
    Sync(SyncArgs),
    /// List the profiles, and where each setting comes from.
    #[command(after_help = examples("profiles"))]
    Profiles(ProfilesArgs),
    /// Check the login and the permission to see usage. No query is submitted.
    #[command(after_help = examples("login"))]
    Login(LoginArgs),
    /// Run a simulated Genesys Cloud on this machine until interrupted.
    #[command(after_help = examples("simulate"))]
    Simulate(SimulateArgs),
    /// Print a completion script for a shell.
    ///
    /// The script contains the profiles that exist when it is printed.
    #[command(after_help = examples("completions"))]
    Completions(CompletionsArgs),
    /// Print the manual page.
    #[command(after_help = examples("man"))]
    Man,
}

impl Command {
    /// Whether the same command, when it is run again, continues what a signal stopped.
    pub(crate) fn goes_on_when_repeated(&self) -> bool {
        match self {
            #[cfg(feature = "sync")]
            Self::Sync(sync) => sync.command.is_none() && !sync.run.dry_run,
            _ => false,
        }
    }
}
