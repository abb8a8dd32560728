//! `gc-usage check`.

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
use crate::check::Limits;

#[derive(Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) period: PeriodArgs,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) from: FromArgs,

    /// Maximum number of requests in the period.
    #[arg(long, value_name = "N", help_heading = "Limits", value_parser = values::count)]
    pub(crate) max_requests: Option<u64>,

    /// Maximum share of rate-limited requests (429), such as 1%.
    #[arg(
        long = "max-429-share",
        id = "max_429_share",
        help_heading = "Limits",
        value_name = "SHARE",
        value_parser = values::share
    )]
    pub(crate) max_429_share: Option<f64>,

    /// Maximum share of failed requests (4xx including 429, and 5xx), such as 5%.
    #[arg(long, help_heading = "Limits", value_name = "SHARE", value_parser = values::share)]
    pub(crate) max_error_share: Option<f64>,

    #[command(flatten)]
    pub(crate) allotment: AllotmentArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs<CheckFormat>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text, for people and mail.
    Text,
    /// One JSON object.
    Json,
    /// OpenMetrics, for a textfile collector such as node_exporter's.
    #[value(alias = "prometheus")]
    Openmetrics,
}

impl Format for CheckFormat {
    const DATA: &'static str = "the result of a check";
    const FORMAT_HELP: &'static str =
        "Format of the result [default: from the extension of the output file, or else text]";
    const DEFAULT: Self = Self::Text;
    const ENDINGS: &'static [(&'static str, Self)] = &[
        ("prom", Self::Openmetrics),
        ("json", Self::Json),
        ("txt", Self::Text),
    ];
}

impl CheckArgs {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            requests: self.max_requests,
            rate_limited_share: self.max_429_share,
            error_share: self.max_error_share,
            allotment: self.allotment.requests(),
        }
    }
}
