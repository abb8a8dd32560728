//! What `report` and `check` take: pages about a period, where other commands write rows.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{AllotmentArgs, ConnectionArgs, PeriodArgs, Share, values};
use crate::{check, ending, exit::Failure};

#[derive(Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) period: PeriodArgs,

    #[command(flatten)]
    pub(crate) allotment: AllotmentArgs,

    /// Price of a request beyond the allotment, as your contract has it.
    #[arg(long, value_name = "PRICE", help_heading = "Allotment of the month", requires = "allotment_source", value_parser = values::price)]
    pub(crate) price_per_request: Option<f64>,

    /// How many clients, endpoints and rate-limited pairs to list [default: 10]. JSON lists all of them.
    #[arg(long, value_name = "N", help_heading = "Output", value_parser = values::positive)]
    pub(crate) top: Option<u32>,

    /// How to write the report [default: what the output file's name ends in, else text].
    #[arg(long, value_enum, ignore_case = true, help_heading = "Output")]
    pub(crate) format: Option<ReportFormat>,

    /// File to write instead of standard output; it is written whole or not at all.
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For the terminal.
    Text,
    /// Markdown, for a ticket or a wiki.
    #[value(alias = "md")]
    Markdown,
    /// One JSON object.
    Json,
}

#[derive(Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) period: PeriodArgs,

    /// Most requests in the period.
    #[arg(long, value_name = "N", help_heading = "Limits", value_parser = values::count)]
    pub(crate) max_requests: Option<u64>,

    /// Largest share of requests that were rate limited (429), such as 1%.
    #[arg(
        long = "max-429-share",
        id = "max_429_share",
        help_heading = "Limits",
        value_name = "SHARE"
    )]
    pub(crate) max_429_share: Option<Share>,

    /// Largest share of requests that failed (4xx, 429 included, and 5xx), such as 5%.
    #[arg(long, help_heading = "Limits", value_name = "SHARE")]
    pub(crate) max_error_share: Option<Share>,

    #[command(flatten)]
    pub(crate) allotment: AllotmentArgs,

    /// How to write the outcome [default: what the output file's name ends in, else text].
    #[arg(long, value_enum, ignore_case = true, help_heading = "Output")]
    pub(crate) format: Option<CheckFormat>,

    /// File to write instead of standard output; it is written whole or not at all.
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people and mail.
    Text,
    /// One JSON object.
    Json,
    /// OpenMetrics, for a textfile collector such as node_exporter's.
    #[value(alias = "prometheus")]
    Openmetrics,
}

/// How many of each list a report for people has.
const TOP: u32 = 10;

impl ReportArgs {
    /// The format, and how many of each list are written.
    pub(crate) fn format_and_top(&self) -> Result<(ReportFormat, usize), Failure> {
        let format = self.format()?;
        if format == ReportFormat::Json && self.top.is_some() {
            return Err(Failure::local(
                "--top: a report as JSON has all clients and endpoints, the busiest first",
            )
            .with_hint("leave --top out, or choose --format text or markdown"));
        }
        Ok((format, self.top.unwrap_or(TOP) as usize))
    }

    fn format(&self) -> Result<ReportFormat, Failure> {
        let endings = [
            ("md", ReportFormat::Markdown),
            ("json", ReportFormat::Json),
            ("txt", ReportFormat::Text),
        ];
        ending::format(
            self.format,
            self.output.as_deref(),
            "a report is",
            &endings,
            ReportFormat::Text,
        )
    }
}

impl CheckArgs {
    /// The limits that were given, with what they allow: requests, or shares between 0 and 1.
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub(crate) fn limits(&self) -> Vec<(&'static str, f64)> {
        let limits = [
            ("max-requests", self.max_requests.map(|most| most as f64)),
            ("max-429-share", self.max_429_share.map(|share| share.0)),
            ("max-error-share", self.max_error_share.map(|share| share.0)),
            (
                check::ALLOTMENT,
                self.allotment
                    .requests()
                    .map(|allotment| allotment.requests as f64),
            ),
        ];
        limits
            .into_iter()
            .filter_map(|(name, allowed)| Some((name, allowed?)))
            .collect()
    }

    pub(crate) fn format(&self) -> Result<CheckFormat, Failure> {
        let endings = [
            ("prom", CheckFormat::Openmetrics),
            ("json", CheckFormat::Json),
            ("txt", CheckFormat::Text),
        ];
        ending::format(
            self.format,
            self.output.as_deref(),
            "the outcome of a check is",
            &endings,
            CheckFormat::Text,
        )
    }
}
