//! Rows in the formats that people and programs read. One file a format.

mod cells;
mod columns;
mod csv;
mod json;
mod jsonl;
mod kept;
mod markdown;
mod records;
mod select;
mod sheet;
mod sorted;
mod table;
#[cfg(test)]
mod tests;

use std::{io, path::Path};

use clap::ValueEnum;
use usage_client::{ApiUsageQuery, Granularity, Interval};

#[cfg(fuzzing)]
pub(crate) use self::cells::is_passed_over as passes_over;
pub(crate) use self::{select::Select, sorted::Sorted};
use crate::{
    args::SortKey, ending, exit::Failure, output::Output, result::OrganizationResult, screen::Screen,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// The query and its rows as one JSON object, with the service's names and values.
    Json,
    /// A JSON object a line, each with its granularity.
    #[value(alias = "ndjson")]
    Jsonl,
    /// Comma-separated values (RFC 4180), safe to open in a spreadsheet.
    Csv,
    /// A Markdown table, for a ticket or a wiki.
    #[value(alias = "md")]
    Markdown,
}

/// What the rows are the answer to: they do not tell it themselves.
pub(crate) struct Context {
    /// Nothing of an execution that was submitted elsewhere.
    pub(crate) query: Option<ApiUsageQuery>,
    pub(crate) granularity: Option<Granularity>,
    /// Whether rows have a profile each.
    pub(crate) has_profiles: bool,
    /// Whether rows may be left out, so that totals are not all there is.
    pub(crate) is_part: bool,
}

impl Context {
    pub(crate) fn interval(&self) -> Option<Interval> {
        self.query.as_ref()?.interval.parse().ok()
    }
}

/// A row of one organization.
pub(crate) struct Row<'a> {
    pub(crate) profile: Option<&'a str>,
    pub(crate) row: &'a usage_client::RowRef<'a>,
}

/// Writes rows as they come.
pub(crate) trait Export {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// Writes what follows the rows.
    fn finish(&mut self, answers: &[OrganizationResult]) -> io::Result<()>;

    /// What to tell besides, once it is finished.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Rows as a CSV file in memory.
#[cfg(fuzzing)]
pub(crate) fn csv_of<'a>(context: Context, rows: impl Iterator<Item = Row<'a>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut export = csv::Export::new(context, &mut file);
    for row in rows {
        // Memory takes all that is written.
        let _ = export.row(&row);
    }
    let _ = export.finish(&[]);
    drop(export);
    file
}

impl Format {
    /// As asked for, else by the file's name.
    pub(crate) fn choose(format: Option<Self>, output: Option<&Path>) -> Result<Self, Failure> {
        let endings = [
            ("csv", Self::Csv),
            ("json", Self::Json),
            ("jsonl", Self::Jsonl),
            ("ndjson", Self::Jsonl),
            ("md", Self::Markdown),
            ("txt", Self::Table),
        ];
        ending::format(format, output, "rows are", &endings, Self::Table)
    }

    /// An export of rows that come in the order of these keys; without any, in that of the service.
    pub(crate) fn export<'o>(
        self,
        context: Context,
        keys: &[SortKey],
        screen: &Screen,
        out: &'o mut Output,
    ) -> Box<dyn Export + 'o> {
        match self {
            Self::Table => {
                let look = table::Table::new(*screen, keys);
                Box::new(sheet::Export::new(context, !keys.is_empty(), look, out))
            }
            Self::Json => Box::new(json::Export::new(context, out)),
            Self::Jsonl => Box::new(jsonl::Export::new(context, out)),
            Self::Csv => Box::new(csv::Export::new(context, out)),
            Self::Markdown => {
                let look = markdown::Markdown;
                Box::new(sheet::Export::new(context, !keys.is_empty(), look, out))
            }
        }
    }
}
