//! The command line. Each file holds the options of one command, or those that belong together.

mod allotment;
mod check;
mod completions;
pub(crate) mod connection;
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
mod status;
mod submit;
mod tips;
mod values;
mod verify;

use clap::{ArgAction, Parser, Subcommand};

use self::help::{examples, with_exit_codes};
pub(crate) use self::{
    check::{CheckArgs, CheckFormat},
    completions::CompletionsArgs,
    login::LoginArgs,
    profiles::ProfilesArgs,
    query::QueryArgs,
    report::{ReportArgs, ReportFormat},
    results::ResultsArgs,
    rows::{FilterArgs, ShowArgs},
    simulate::SimulateArgs,
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

    /// When to use colour.
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    pub(crate) color: ColorArg,

    /// Show what the client does, on standard error; twice, what its HTTP and TLS libraries do too.
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: u8,

    /// Show no notes, warnings and progress, only errors.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Ask for usage, wait for the answer, and show its rows.
    #[command(after_help = with_exit_codes("query"))]
    Query(QueryArgs),
    /// Show the page that a person looks at: totals, days, clients, endpoints, rate limiting, the month's allotment.
    #[command(after_help = with_exit_codes("report"))]
    Report(ReportArgs),
    /// Compare usage with limits, for cron and CI: exit code 0 within, 1 over, any other could not tell.
    #[command(after_help = with_exit_codes("check"))]
    Check(CheckArgs),
    /// Submit a query and print its execution id, without waiting.
    #[command(after_help = with_exit_codes("submit"))]
    Submit(SubmitArgs),
    /// Fetch the rows of a submitted query, in another shell or tomorrow.
    #[command(after_help = with_exit_codes("results"))]
    Results(ResultsArgs),
    /// Tell whether a submitted query is done.
    #[command(after_help = with_exit_codes("status"))]
    Status(StatusArgs),
    /// List the profiles, and where each setting comes from.
    #[command(after_help = examples("profiles"))]
    Profiles(ProfilesArgs),
    /// Log in, and find out whether the permission to see usage is there. Nothing is submitted.
    #[command(after_help = examples("login"))]
    Login(LoginArgs),
    /// Run a simulated Genesys Cloud on this machine until interrupted.
    #[command(after_help = examples("simulate"))]
    Simulate(SimulateArgs),
    /// Print a script that completes commands in a shell; it offers the profiles that there are when it is printed.
    #[command(after_help = examples("completions"))]
    Completions(CompletionsArgs),
    /// Print the manual page.
    #[command(after_help = examples("man"))]
    Man,
}
