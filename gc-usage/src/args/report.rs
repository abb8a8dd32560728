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
use crate::{
    calendar::{Period, first_of_month, last_of_month},
    error::CliError,
    output::STANDARD_OUTPUT,
    shell::options,
    source::Family,
};

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

    /// How many clients, endpoints and rate-limited pairs to list [default: 10]. JSON and workbooks list all of them.
    #[arg(long, value_name = "N", help_heading = "Output", value_parser = values::positive)]
    pub(crate) top: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArgs<ReportFormat>,

    /// Open the written file with the program of this system for it: a page in the browser.
    #[arg(long, help_heading = "Output", requires = "output")]
    pub(crate) open: bool,

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
    /// One page for the browser, to look at, print and pass on.
    Html,
    /// One JSON object.
    Json,
    /// An Excel workbook with charts.
    #[value(alias = "excel")]
    Xlsx,
}

impl Format for ReportFormat {
    const DATA: &'static str = "a report";
    const FORMAT_HELP: &'static str =
        "Format of the report [default: from the extension of the output file, or else text]";
    const DEFAULT: Self = Self::Text;
    const ENDINGS: &'static [(&'static str, Self)] = &[
        ("html", Self::Html),
        ("htm", Self::Html),
        ("md", Self::Markdown),
        ("json", Self::Json),
        ("txt", Self::Text),
        ("xlsx", Self::Xlsx),
    ];
}

/// How many entries of each list a report for people has by default.
const TOP: u32 = 10;

impl ReportArgs {
    /// The format, and how many entries of each list are written.
    pub(crate) fn format_and_top(&self) -> Result<(ReportFormat, usize), CliError> {
        let format = self.output.format()?;
        if matches!(format, ReportFormat::Json | ReportFormat::Xlsx) && self.top.is_some() {
            return Err(CliError::local(
                "--top: a report as JSON or as a workbook always lists all clients and endpoints, the busiest first",
            )
            .with_hint("leave --top out, or choose --format text, markdown or html"));
        }
        if self.open
            && self
                .output
                .path()
                .is_some_and(|path| path.as_os_str() == STANDARD_OUTPUT)
        {
            return Err(
                CliError::local("--open: standard output is no file that can be opened")
                    .with_hint("name a file: --output usage.html"),
            );
        }
        Ok((format, self.top.unwrap_or(TOP) as usize))
    }

    /// The command that makes the same report on another day. It has no ids, secrets or directories.
    pub(crate) fn command(&self, period: Period) -> String {
        let Period { first, last } = period;
        let is_month = first == first_of_month(first) && last == last_of_month(first);
        let (month, since, until) = match is_month {
            true => (Some(first.format("%Y-%m").to_string()), None, None),
            false => (None, Some(first.to_string()), Some(last.to_string())),
        };
        let source = self.source.source();
        let file = self.output.path().and_then(std::path::Path::file_name);
        let options = options([
            ("month", month),
            ("since", since),
            ("until", until),
            (
                "source",
                (source.family != Family::default()).then(|| "jobs".to_owned()),
            ),
            (
                "allotment",
                self.allotment
                    .requests()
                    .map(|allotment| allotment.requests.to_string()),
            ),
            (
                "price-per-request",
                self.price_per_request.map(|price| price.to_string()),
            ),
            ("top", self.top.map(|top| top.to_string())),
            ("output", file.map(|name| name.to_string_lossy().into_owned())),
        ]);
        let demo = if self.connection.demo { " --demo" } else { "" };
        format!("gc-usage report{demo}{options}")
    }
}
