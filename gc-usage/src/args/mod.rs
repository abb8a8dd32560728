//! The command line. Each file holds the options that belong together.

mod connection;
pub(crate) mod examples;
mod limits;
mod names;
mod pages;
mod period;
mod query;
mod query_file;
mod tips;
mod values;
mod verify;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::{
    connection::{ConnectionArgs, ONE_PROFILE},
    limits::{AllotmentArgs, Share},
    names::SortKey,
    pages::{CheckArgs, CheckFormat, ReportArgs, ReportFormat},
    period::PeriodArgs,
    query::{Filter, QueryArgs, SelectArgs, ShowArgs},
    tips::advised,
    values::Wait,
};
use crate::{resume::execution_id, screen::ColorArg};

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    fine
  1    over a limit (check)
  2    wrong option or setting, or a local failure
  3    the login was refused, or a permission is missing
  4    the service or the network failed
  5    the query failed
  6    the query is not done yet (results, status, or at the end of --wait-timeout)
  129  the terminal was closed
  130  interrupted
  143  terminated
Of several organizations, 1 wins over failures, and the first profile's failure over the others.";

pub(crate) const ENVIRONMENT: &str = "\
Environment:
  GENESYSCLOUD_REGION               region, by AWS name or domain
  GENESYSCLOUD_OAUTHCLIENT_ID       id of the OAuth client
  GENESYSCLOUD_OAUTHCLIENT_SECRET   its secret
  GENESYSCLOUD_ACCESS_TOKEN         a ready token, in place of id and secret
  GENESYSCLOUD_GATEWAY_HOST …       gateway: _PROTOCOL, _PORT, _PATH_NAME, _PATH_VALUE
  GENESYSCLOUD_PROXY_HOST …         proxy: _PROTOCOL, _PORT, _AUTH_USERNAME, _AUTH_PASSWORD
  HTTPS_PROXY, NO_PROXY …           proxies
  NO_COLOR                          no colour";

/// API usage of a Genesys Cloud (PureCloud) organization: who uses the allotment, who is being rate limited, and what
/// the month will cost.
#[derive(Parser)]
#[command(name = "gc-usage", version, after_help = with_exit_codes("gc-usage"), after_long_help = format!("{}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}", examples::help("gc-usage")))]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colour.
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    pub(crate) color: ColorArg,
}

fn with_exit_codes(command: &str) -> String {
    format!("{}\n\n{EXIT_CODES}", examples::help(command))
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
    #[command(after_help = examples::help("profiles"))]
    Profiles(ProfilesArgs),
    /// Log in, and find out whether the permission to see usage is there. Nothing is submitted.
    #[command(after_help = examples::help("login"))]
    Login(LoginArgs),
    /// Run a simulated Genesys Cloud on this machine until interrupted.
    #[command(after_help = examples::help("simulate"))]
    Simulate(SimulateArgs),
    /// Print a script that completes commands in a shell; it offers the profiles that there are when it is printed.
    #[command(after_help = examples::help("completions"))]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page.
    #[command(after_help = examples::help("man"))]
    Man,
}

#[derive(ClapArgs)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct SubmitArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(ClapArgs)]
pub(crate) struct ResultsArgs {
    /// The execution id, as `gc-usage submit` printed it.
    #[arg(value_name = "ID", value_parser = execution_id)]
    pub(crate) id: String,

    /// Wait until the query is done.
    #[arg(long)]
    pub(crate) wait: bool,

    /// Write the service's answer as it came, byte for byte.
    #[arg(long, conflicts_with_all = ["format", "top", "sort", "filters", "granularity"])]
    pub(crate) raw: bool,

    /// The granularity that the query had, if any: its answer does not tell, and rows that are stored carry it.
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) granularity: Option<names::GranularityArg>,

    #[command(flatten)]
    pub(crate) show: query::ShowArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(ClapArgs)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct StatusArgs {
    /// The execution id, as `gc-usage submit` printed it.
    #[arg(value_name = "ID", value_parser = execution_id)]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(ClapArgs)]
#[command(mut_arg("demo", |option| option.hide(true)))]
pub(crate) struct ProfilesArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(ClapArgs)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct LoginArgs {
    /// Log in, and find out whether the permission to see usage is there; what the command does anyway.
    #[arg(long, hide = true)]
    pub(crate) check: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(ClapArgs)]
pub(crate) struct SimulateArgs {
    /// Port on the loopback address; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_parser = values::port)]
    pub(crate) port: u16,

    /// Answer every query with this recorded answer.
    #[arg(long, value_name = "FILE", conflicts_with = "rows")]
    pub(crate) results: Option<PathBuf>,

    /// Answer every query with this many synthetic rows.
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(crate) rows: Option<u64>,

    /// Answer "Running" this many times before the rows.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = values::times)]
    pub(crate) running_polls: u32,

    /// Accept queries with this status.
    #[arg(long, value_name = "STATUS", default_value = "200", value_parser = values::submit_status)]
    pub(crate) submit_status: u16,
}
