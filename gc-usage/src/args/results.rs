//! `gc-usage results`.

use clap::Args;
use usage_client::Granularity;

use super::{
    connection::ConnectionArgs,
    names::{GRANULARITIES, parser},
    rows::ShowArgs,
};
use crate::resume::execution_id;

#[derive(Args)]
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
    #[arg(long, value_parser = parser(GRANULARITIES), ignore_case = true)]
    pub(crate) granularity: Option<Granularity>,

    #[command(flatten)]
    pub(crate) show: ShowArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
