//! What to ask for, and which of the rows to show how.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use usage_client::{ApiUsageQuery, Granularity, GroupBy, Metric};

use super::{
    ConnectionArgs, PeriodArgs,
    names::{GranularityArg, GroupByArg, MetricArg, SortKey, spelt},
    query_file, values,
};
use crate::{calendar::NamedDays, exit::Failure, export::Format, shell};

#[derive(Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,

    #[command(flatten)]
    pub(crate) show: ShowArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// What the service is asked for.
#[derive(Args)]
pub(crate) struct SelectArgs {
    /// Width of the date buckets; without it, rows cover the whole period.
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) granularity: Option<GranularityArg>,

    /// Dimensions to group rows by, separated by commas [default: client].
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "DIMENSION,…",
        ignore_case = true
    )]
    pub(crate) group_by: Vec<GroupByArg>,

    /// Counts to compute, separated by commas [default: all of them].
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "METRIC,…",
        ignore_case = true
    )]
    pub(crate) metrics: Vec<MetricArg>,

    /// The query as JSON instead, as the API takes it: {"interval": "2026-10-01/2026-10-31", "groupBy": ["UserId"]}; - reads
    /// standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["granularity", "group_by", "metrics", "period"])]
    pub(crate) file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) period: PeriodArgs,
}

/// What is done with the rows.
#[derive(Args)]
#[command(next_help_heading = "Rows")]
pub(crate) struct ShowArgs {
    /// Only the N rows that sort first; by requests, or the first of --metrics, unless --sort says otherwise.
    #[arg(long, value_name = "N", value_parser = values::positive)]
    pub(crate) top: Option<u32>,

    /// What to sort rows by, first by the first, separated by commas: counts from the largest down, the rest from the
    /// smallest up. Rows that are sorted are kept in memory, up to 256 MiB; --top keeps few.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "KEY,…",
        ignore_case = true
    )]
    pub(crate) sort: Vec<SortKey>,

    #[command(flatten)]
    pub(crate) filter: Filter,

    /// How to write the rows [default: what the output file's name ends in, else table].
    #[arg(long, value_enum, ignore_case = true, help_heading = "Output")]
    pub(crate) format: Option<Format>,

    /// File to write instead of standard output; it is written whole or not at all. Excel reads CSV by Data, From Text/CSV,
    /// 65001 (UTF-8).
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
}

/// Which rows to show. `*` stands for any text, `?` for any letter; case does not count. Rows are grouped by what they are
/// filtered by.
#[derive(Args, Clone, Default)]
#[group(id = "filters", multiple = true)]
#[command(next_help_heading = "Filters, by which rows are grouped too")]
pub(crate) struct Filter {
    /// Only clients with this name or id; * stands for any text. May stand several times.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) client: Vec<String>,

    /// Only requests with these HTTP methods, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "METHOD,…")]
    pub(crate) method: Vec<String>,

    /// Only endpoints like this, such as 'api/v2/users/*'. May stand several times.
    #[arg(long, value_name = "GLOB")]
    pub(crate) template_uri: Vec<String>,
}

impl ShowArgs {
    /// Whether rows may be left out.
    pub(crate) fn leaves_out(&self) -> bool {
        let Filter {
            client,
            method,
            template_uri,
        } = &self.filter;
        self.top.is_some() || !client.is_empty() || !method.is_empty() || !template_uri.is_empty()
    }
}

impl ShowArgs {
    /// The options that were given, for a command that shows the same rows of the same execution. A file that several
    /// organizations share is left out: each would replace the one before.
    pub(crate) fn again(
        &self,
        granularity: Option<Granularity>,
        metrics: &[Metric],
        shares_file: bool,
    ) -> String {
        let Self {
            top,
            filter,
            format,
            output,
            sort: _,
        } = self;
        let several = |name, values: &[String]| {
            values
                .iter()
                .map(|value| (name, Some(value.clone())))
                .collect::<Vec<_>>()
        };
        let output = output.as_ref().filter(|_| !shares_file);
        let sort: Vec<_> = self.sort(metrics).into_iter().filter_map(spelt).collect();
        let shown = [
            (
                "granularity",
                granularity.map(|granularity| granularity.to_string().to_lowercase()),
            ),
            ("sort", (!sort.is_empty()).then(|| sort.join(","))),
            ("top", top.map(|top| top.to_string())),
        ];
        let filters = [
            several("client", &filter.client),
            several("method", &filter.method),
            several("template-uri", &filter.template_uri),
        ];
        let written = [
            ("format", format.and_then(spelt)),
            ("output", output.map(|path| path.display().to_string())),
        ];
        shell::options(shown.into_iter().chain(filters.concat()).chain(written))
    }

    /// What rows are sorted by, if by anything. A top is one of requests, or of what there is in place of them.
    pub(crate) fn sort(&self, metrics: &[Metric]) -> Vec<SortKey> {
        let of_top = || match metrics.first() {
            Some(first) if !metrics.contains(&Metric::Requests) => SortKey::of(*first),
            _ => Some(SortKey::Requests),
        };
        match &self.sort[..] {
            [] => self.top.and_then(|_| of_top()).into_iter().collect(),
            keys => keys.to_vec(),
        }
    }
}

impl SelectArgs {
    /// The query, and the days that it is of; a dimension that rows are filtered by is one that they are grouped by.
    pub(crate) fn query(
        &self,
        filter: &Filter,
        today: NaiveDate,
    ) -> Result<(ApiUsageQuery, NamedDays), Failure> {
        let (mut query, days) = match &self.file {
            Some(file) => query_file::read(file, today)?,
            None => {
                let days = self.period.days(today)?;
                let query = ApiUsageQuery::builder()
                    .interval(days.asked())
                    .granularity(self.granularity.map(Into::into))
                    .group_by(self.group_by.iter().copied().map(Into::into).collect::<Vec<_>>())
                    .metrics(self.metrics.iter().copied().map(Into::into).collect::<Vec<_>>());
                let query: ApiUsageQuery = query
                    .try_into()
                    .map_err(|error| Failure::local(format!("{error}")))?;
                (query, days)
            }
        };
        let needed = [
            (!filter.client.is_empty(), GroupBy::OAuthClientId),
            (!filter.method.is_empty(), GroupBy::HttpMethod),
            (!filter.template_uri.is_empty(), GroupBy::TemplateUri),
        ];
        let group_by = &mut query.group_by;
        for (_, dimension) in needed.into_iter().filter(|(needed, _)| *needed) {
            if group_by.is_empty() {
                group_by.push(GroupBy::OAuthClientId);
            }
            if !group_by.contains(&dimension) {
                group_by.push(dimension);
            }
        }
        Ok((query, days))
    }
}
