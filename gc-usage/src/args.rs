//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use usage_client::{Granularity, GroupBy, Interval, Metric, Region};

/// API usage of a Genesys Cloud (PureCloud) organization.
#[derive(Parser)]
#[command(name = "gc-usage", version, about)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Submit a usage query, wait for it, and show its rows.
    Query(QueryArgs),
    /// Run a simulated Genesys Cloud on this machine until interrupted.
    Simulate(SimulateArgs),
}

#[derive(ClapArgs)]
pub(crate) struct QueryArgs {
    /// UTC days to count, both included; without it, the 30 days that ended yesterday.
    #[arg(long, value_name = "START/END")]
    pub(crate) interval: Option<Interval>,

    /// Width of the date buckets; without it, rows cover the whole interval.
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) granularity: Option<GranularityArg>,

    /// Dimensions to group rows by, separated by commas; without any, by client.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "DIMENSION,…",
        ignore_case = true
    )]
    pub(crate) group_by: Vec<GroupByArg>,

    /// Counts to compute, separated by commas; without any, all of them.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "METRIC,…",
        ignore_case = true
    )]
    pub(crate) metrics: Vec<MetricArg>,

    /// How to print the rows.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(ClapArgs)]
pub(crate) struct ConnectionArgs {
    /// Region of the organization, by AWS name or domain [default: $GENESYSCLOUD_REGION].
    #[arg(long)]
    pub(crate) region: Option<Region>,

    /// Base URL of the API instead of the region's.
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,

    /// Base URL of the login instead of the region's.
    #[arg(long, value_name = "URL")]
    pub(crate) login_url: Option<String>,

    /// Ask a simulated organization inside this process; its data is made up.
    #[arg(long, conflicts_with_all = ["region", "api_url", "login_url"])]
    pub(crate) demo: bool,
}

#[derive(ClapArgs)]
pub(crate) struct SimulateArgs {
    /// Port on the loopback address; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    /// Answer every query with this recorded answer.
    #[arg(long, value_name = "FILE", conflicts_with = "rows")]
    pub(crate) results: Option<PathBuf>,

    /// Answer every query with this many synthetic rows.
    #[arg(long, value_name = "N")]
    pub(crate) rows: Option<u64>,

    /// Answer "Running" this many times before the rows.
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(crate) running_polls: u32,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// The query and its answer as one JSON object, with the service's names and values.
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum GranularityArg {
    Day,
    Week,
    Month,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum GroupByArg {
    Client,
    Organization,
    User,
    TemplateUri,
    Method,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MetricArg {
    Status200,
    Status300,
    Status400,
    Status500,
    Status429,
    Requests,
}

impl From<GranularityArg> for Granularity {
    fn from(arg: GranularityArg) -> Self {
        match arg {
            GranularityArg::Day => Self::Day,
            GranularityArg::Week => Self::Week,
            GranularityArg::Month => Self::Month,
        }
    }
}

impl From<GroupByArg> for GroupBy {
    fn from(arg: GroupByArg) -> Self {
        match arg {
            GroupByArg::Client => Self::OAuthClientId,
            GroupByArg::Organization => Self::OrganizationId,
            GroupByArg::User => Self::UserId,
            GroupByArg::TemplateUri => Self::TemplateUri,
            GroupByArg::Method => Self::HttpMethod,
        }
    }
}

impl From<MetricArg> for Metric {
    fn from(arg: MetricArg) -> Self {
        match arg {
            MetricArg::Status200 => Self::Status200,
            MetricArg::Status300 => Self::Status300,
            MetricArg::Status400 => Self::Status400,
            MetricArg::Status500 => Self::Status500,
            MetricArg::Status429 => Self::Status429,
            MetricArg::Requests => Self::Requests,
        }
    }
}
