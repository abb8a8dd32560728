//! The options that select, sort and format rows.

use clap::Args;
use usage_client::{Granularity, Metric};

use super::{
    csv::{CsvArgs, value_name},
    names::{GRANULARITIES, SORT_KEYS, name, parser},
    output::{self, OutputArgs},
    values,
};
use crate::{
    export::{Format, SortKey},
    shell,
};

/// The options for showing rows.
#[derive(Args)]
#[command(next_help_heading = "Rows")]
pub(crate) struct ShowArgs {
    /// Show only the first N rows, in the order of --sort [default: by requests, or else by the first of --metrics].
    #[arg(long, value_name = "N", value_parser = values::positive)]
    pub(crate) top: Option<u32>,

    /// Keys to sort rows by, separated by commas: counts in descending order, other keys in ascending order. Sorting keeps
    /// the rows in memory, up to 256 MiB; with --top, it keeps few.
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

    #[command(flatten)]
    pub(crate) csv: CsvArgs,
}

/// The filters. `*` matches any text, and `?` any character. The case does not matter. Rows are also grouped by the
/// dimensions of the filters.
#[derive(Args, Clone, Default, PartialEq)]
#[group(id = "filters", multiple = true)]
#[command(next_help_heading = "Filters (rows are also grouped by them)")]
pub(crate) struct FilterArgs {
    /// Show only clients with this name or id; * matches any text. May be given several times.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) client: Vec<String>,

    /// Show only requests with these HTTP methods, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "METHOD,…")]
    pub(crate) method: Vec<String>,

    /// Show only endpoints that match, such as 'api/v2/users/*'. May be given several times.
    #[arg(long, value_name = "GLOB")]
    pub(crate) template_uri: Vec<String>,
}

impl output::Format for Format {
    const DATA: &'static str = "rows";
    const FORMAT_HELP: &'static str =
        "Format of the rows [default: from the extension of the output file, or else table]";
    const OUTPUT_HELP: &'static str = "File to write instead of standard output; it is written completely or not at all. For \
         Excel, use a name that ends in .xlsx";
    const DEFAULT: Self = Self::Table;
    const ENDINGS: &'static [(&'static str, Self)] = &[
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("ndjson", Self::Jsonl),
        ("md", Self::Markdown),
        ("txt", Self::Table),
        ("xlsx", Self::Xlsx),
    ];
}

impl ShowArgs {
    /// Whether some rows may be left out.
    pub(crate) fn leaves_out(&self) -> bool {
        self.top.is_some() || self.filter != FilterArgs::default()
    }

    /// The options for a command that shows the same rows of the same execution. The output file is left out if several
    /// organizations share it, since each command would replace it.
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
            csv,
            sort: _,
        } = self;
        let csv = csv.given();
        // They need the format, also where the file that implies it is left out.
        let is_csv = csv.iter().any(|(_, value)| value.is_some());
        let format = format.or(is_csv.then_some(Format::Csv));
        let output = output.as_ref().filter(|_| !shares_file);
        let sort = self.sort(metrics).into_iter();
        let sort: Vec<_> = sort.filter_map(|key| name(SORT_KEYS, key)).collect();
        let granularity = granularity.and_then(|granularity| name(GRANULARITIES, granularity));
        let shown = [
            ("granularity", granularity.map(str::to_owned)),
            ("sort", (!sort.is_empty()).then(|| sort.join(","))),
            ("top", top.map(|top| top.to_string())),
        ];
        let filters = [
            ("client", &filter.client),
            ("method", &filter.method),
            ("template-uri", &filter.template_uri),
        ];
        let filters = filters
            .into_iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name, Some(value.clone()))));
        let written = [
            ("format", format.as_ref().and_then(value_name)),
            ("output", output.map(|path| path.display().to_string())),
        ];
        shell::options(shown.into_iter().chain(filters).chain(written).chain(csv))
    }

    /// The keys to sort by. With `--top` alone, rows are sorted by requests, or else by the first of `metrics`.
    pub(crate) fn sort(&self, metrics: &[Metric]) -> Vec<SortKey> {
        match (&self.sort[..], metrics.first()) {
            ([], _) if self.top.is_none() => Vec::new(),
            ([], Some(first)) if !metrics.contains(&Metric::Requests) => vec![SortKey::Count(*first)],
            ([], _) => vec![SortKey::Count(Metric::Requests)],
            (keys, _) => keys.to_vec(),
        }
    }
}
