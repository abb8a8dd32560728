//! Which of the rows to show, and how.

use clap::{Args, ValueEnum};
use usage_client::{Granularity, Metric};

use super::{
    names::{GRANULARITIES, SORT_KEYS, name, parser},
    output::{self, OutputArgs},
    values,
};
use crate::{
    export::{Format, SortKey},
    shell,
};

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
        value_parser = parser(SORT_KEYS),
        value_delimiter = ',',
        value_name = "KEY,…",
        ignore_case = true
    )]
    pub(crate) sort: Vec<SortKey>,

    #[command(flatten)]
    pub(crate) filter: FilterArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs<Format>,
}

/// Which rows to show. `*` stands for any text, `?` for any letter; case does not count. Rows are grouped by what they are
/// filtered by.
#[derive(Args, Clone, Default)]
#[group(id = "filters", multiple = true)]
#[command(next_help_heading = "Filters, by which rows are grouped too")]
pub(crate) struct FilterArgs {
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

impl output::Format for Format {
    const DATA_IS: &'static str = "rows are";
    const FORMAT_HELP: &'static str =
        "How to write the rows [default: what the output file's name ends in, else table]";
    const OUTPUT_HELP: &'static str = "File to write instead of standard output; it is written whole or not at all. Excel \
         reads CSV by Data, From Text/CSV, 65001 (UTF-8)";
    const DEFAULT: Self = Self::Table;
    const ENDINGS: &'static [(&'static str, Self)] = &[
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("ndjson", Self::Jsonl),
        ("md", Self::Markdown),
        ("txt", Self::Table),
    ];
}

impl ShowArgs {
    /// Whether rows may be left out.
    pub(crate) fn leaves_out(&self) -> bool {
        let FilterArgs {
            client,
            method,
            template_uri,
        } = &self.filter;
        self.top.is_some() || !client.is_empty() || !method.is_empty() || !template_uri.is_empty()
    }

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
            output: OutputArgs { format, output },
            sort: _,
        } = self;
        let several = |name, values: &[String]| {
            values
                .iter()
                .map(|value| (name, Some(value.clone())))
                .collect::<Vec<_>>()
        };
        let output = output.as_ref().filter(|_| !shares_file);
        let sort = self.sort(metrics).into_iter();
        let sort: Vec<_> = sort.filter_map(|key| name(SORT_KEYS, key)).collect();
        let shown = [
            (
                "granularity",
                granularity.and_then(|granularity| Some(name(GRANULARITIES, granularity)?.to_owned())),
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
            ("format", format.as_ref().and_then(spelt)),
            ("output", output.map(|path| path.display().to_string())),
        ];
        shell::options(shown.into_iter().chain(filters.concat()).chain(written))
    }

    /// What rows are sorted by, if by anything. A top is one of requests, or of what there is in place of them.
    pub(crate) fn sort(&self, metrics: &[Metric]) -> Vec<SortKey> {
        match (&self.sort[..], metrics.first()) {
            ([], _) if self.top.is_none() => Vec::new(),
            ([], Some(first)) if !metrics.contains(&Metric::Requests) => vec![SortKey::Count(*first)],
            ([], _) => vec![SortKey::Count(Metric::Requests)],
            (keys, _) => keys.to_vec(),
        }
    }
}

/// A value as the command line spells it.
fn spelt(value: &impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}
