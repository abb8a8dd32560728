//! `gc-usage sync`.

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum, builder::NonEmptyStringValueParser};
use usage_dataset::Engine;

use super::{
    connection::ConnectionArgs,
    output::{Format, OutputArgs},
    period::day,
    values,
};
use crate::source::Family;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SyncArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SyncCommand>,

    #[command(flatten)]
    pub(crate) run: SyncRunArgs,
}

#[derive(Subcommand)]
pub(crate) enum SyncCommand {
    /// Show what a data set holds: days, missing days, rows, size, and the last run of each organization.
    Status(SyncStatusArgs),
    /// Print the statement that makes a data set a table.
    Ddl(SyncDdlArgs),
}

#[derive(Args)]
pub(crate) struct SyncRunArgs {
    /// The data set: a directory, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX. Credentials of stores come
    /// from their usual environment variables.
    #[arg(long, value_name = "PLACE", required = true)]
    pub(crate) to: Option<String>,

    /// First day that the data set must hold [default: the first day that it holds, or else 90 days ago].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) since: Option<NaiveDate>,

    /// Fetch this many of the last days again, because the service may correct them. 0d fetches only missing days.
    #[arg(long, value_name = "DAYS", default_value = "2d", value_parser = values::days)]
    pub(crate) refresh: u32,

    /// Also ask for the sums by day and client, and store a month only if all of its sums agree.
    #[arg(long)]
    pub(crate) verify: bool,

    /// Show which days would be fetched, and fetch nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Name of the organization in the data set [default: the name of the profile, or else `default`].
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "all_profiles")]
    pub(crate) name: Option<String>,

    /// Which operations of the service count the requests.
    #[arg(long, value_enum, default_value = "query", ignore_case = true)]
    pub(crate) source: Family,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Args)]
pub(crate) struct SyncStatusArgs {
    /// The data set: a directory, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX. Credentials of stores come
    /// from their usual environment variables.
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: String,

    #[command(flatten)]
    pub(crate) output: OutputArgs<StatusFormat>,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum StatusFormat {
    /// A table, for people.
    Text,
    /// One JSON object.
    Json,
}

impl Format for StatusFormat {
    const DATA: &'static str = "the status of a data set";
    const FORMAT_HELP: &'static str =
        "Format of the status [default: from the extension of the output file, or else text]";
    const DEFAULT: Self = Self::Text;
    const ENDINGS: &'static [(&'static str, Self)] = &[("json", Self::Json), ("txt", Self::Text)];
}

#[derive(Args)]
pub(crate) struct SyncDdlArgs {
    /// The data set: a directory, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX. Credentials of stores come
    /// from their usual environment variables.
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: String,

    /// The engine that the statement is for.
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) engine: EngineArg,
}

/// The engines that a statement is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum EngineArg {
    Athena,
    Duckdb,
    Spark,
    Trino,
}

impl From<EngineArg> for Engine {
    fn from(engine: EngineArg) -> Self {
        match engine {
            EngineArg::Athena => Self::Athena,
            EngineArg::Duckdb => Self::DuckDb,
            EngineArg::Spark => Self::Spark,
            EngineArg::Trino => Self::Trino,
        }
    }
}
