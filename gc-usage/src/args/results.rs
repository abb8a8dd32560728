//! `gc-usage results`.

use clap::Args;
use usage_client::Granularity;

use super::{
    connection::ConnectionArgs,
    names::{GRANULARITIES, parser},
    rows::ShowArgs,
    source::SourceArgs,
};
use crate::resume::execution_id;

#[derive(Args)]
pub(crate) struct ResultsArgs {
    /// Execution id, as printed by `gc-usage submit`; with --source jobs, one or more job ids, whose rows are joined in
    /// this order.
    #[arg(value_name = "ID", required = true, value_parser = execution_id)]
    pub(crate) ids: Vec<String>,

    /// Wait until the query is complete.
    #[arg(long)]
    pub(crate) wait: bool,

    /// Write the service's response unchanged, byte for byte.
    #[arg(long, conflicts_with_all = ["format", "csv_for", "csv_separator", "top", "sort", "filters", "granularity"])]
    pub(crate) raw: bool,

    /// Granularity of the query, if it had one. The response does not contain it, and the output shows it.
    #[arg(long, value_parser = parser(GRANULARITIES), ignore_case = true)]
    pub(crate) granularity: Option<Granularity>,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) show: ShowArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
