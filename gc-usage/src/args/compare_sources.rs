//! `gc-usage compare-sources`.

use clap::Args;

use super::{connection::ConnectionArgs, csv::CsvArgs, output::OutputArgs, period::PeriodArgs};
use crate::export::Format;

#[derive(Args)]
pub(crate) struct CompareSourcesArgs {
    #[command(flatten)]
    pub(crate) period: PeriodArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs<Format>,

    #[command(flatten)]
    pub(crate) csv: CsvArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
