//! `gc-usage report`.

use clap::{Args, ValueEnum};

use super::{
    allotment::AllotmentArgs,
    connection::ConnectionArgs,
    from::FromArgs,
    output::{Format, OutputArgs},
    period::PeriodArgs,
    source::SourceArgs,
    values,
};
use crate::error::CliError;

#[derive(Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) period: PeriodArgs,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) from: FromArgs,

    #[command(flatten)]
    pub(crate) allotment: AllotmentArgs,

    /// Price of a request beyond the allotment, according to your contract.
    #[arg(long, value_name = "PRICE", help_heading = "Allotment of the month", requires = "allotment_source", value_parser = values::price)]
    pub(crate) price_per_request: Option<f64>,

    /// How many clients, endpoints and rate-limited pairs to list [default: 10]. JSON lists all of them.
    #[arg(long, value_name = "N", help_heading = "Output", value_parser = values::positive)]
    pub(crate) top: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArgs<ReportFormat>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Text, for the terminal.
    Text,
    /// Markdown, for a ticket or a wiki.
    #[value(alias = "md")]
    Markdown,
    /// One JSON object.
    Json,
}

impl Format for ReportFormat {
    const DATA: &'static str = "a report";
    const FORMAT_HELP: &'static str =
        "Format of the report [default: from the extension of the output file, or else text]";
    const DEFAULT: Self = Self::Text;
    const ENDINGS: &'static [(&'static str, Self)] =
        &[("md", Self::Markdown), ("json", Self::Json), ("txt", Self::Text)];
}

/// How many entries of each list a report for people has by default.
const TOP: u32 = 10;

impl ReportArgs {
    /// The format, and how many entries of each list are written.
    pub(crate) fn format_and_top(&self) -> Result<(ReportFormat, usize), CliError> {
        let format = self.output.format()?;
        if format == ReportFormat::Json && self.top.is_some() {
            return Err(CliError::local(
                "--top: a JSON report always lists all clients and endpoints, the busiest first",
            )
            .with_hint("leave --top out, or choose --format text or markdown"));
        }
        Ok((format, self.top.unwrap_or(TOP) as usize))
    }
}
