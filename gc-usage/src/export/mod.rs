//! Writes rows in the formats that people and programs read. Each format has its own file.

mod columns;
mod csv;
mod day;
mod dialect;
mod fields;
mod filter;
mod formula;
mod json;
mod json_row;
mod jsonl;
mod markdown;
mod record;
mod records;
mod row_buffer;
mod sheet;
mod sort_key;
mod sorted;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;

use clap::ValueEnum;

#[cfg(fuzzing)]
pub(crate) use self::formula::is_skipped;
pub(crate) use self::{
    csv::{end_line, write_count, write_text},
    dialect::{Dialect, Program, Separator},
    filter::Filter,
    record::{Context, Export, Row},
    sort_key::SortKey,
    sorted::Sorted,
};
use crate::{error::CliError, output::Output, screen::Screen, workbook::refuse_terminal};

/// The formats, with their names on the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// The query and its rows as one JSON object, with the service's names and values.
    Json,
    /// One JSON object for each line, with the interval and granularity.
    #[value(alias = "ndjson")]
    Jsonl,
    /// Comma-separated values (RFC 4180), safe to open in a spreadsheet; for Excel, add --csv-for excel.
    Csv,
    /// A Markdown table, for a ticket or a wiki.
    #[value(alias = "md")]
    Markdown,
    /// An Excel workbook, with real dates and numbers.
    #[value(alias = "excel")]
    Xlsx,
}

/// Rows as a CSV file in memory.
#[cfg(fuzzing)]
pub(crate) fn csv_of<'a>(context: Context, dialect: Dialect, rows: impl Iterator<Item = Row<'a>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut export = csv::Export::new(context, dialect, &mut file);
    for row in rows {
        // Writing to memory does not fail.
        let _ = export.row(&row);
    }
    let _ = export.finish(&[]);
    drop(export);
    file
}

impl Format {
    /// Refuses to write what is not text to a terminal.
    pub(crate) fn check(self, output: &Output) -> Result<(), CliError> {
        match self {
            Self::Xlsx => refuse_terminal(output),
            _ => Ok(()),
        }
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) format: Format,
    /// Only CSV has dialects.
    pub(crate) dialect: Dialect,
}

impl Style {
    /// An export of rows that are sorted by these keys; without keys, they are in the order of the service.
    pub(crate) fn export<'o>(
        self,
        context: Context,
        keys: &[SortKey],
        screen: &Screen,
        out: &'o mut Output,
    ) -> Box<dyn Export + 'o> {
        match self.format {
            Format::Table => {
                let look = table::Table::new(*screen, keys);
                Box::new(sheet::Export::new(context, !keys.is_empty(), look, out))
            }
            Format::Json => Box::new(json::Export::new(context, out)),
            Format::Jsonl => Box::new(jsonl::Export::new(context, out)),
            Format::Csv => Box::new(csv::Export::new(context, self.dialect, out)),
            Format::Markdown => {
                let look = markdown::Markdown;
                Box::new(sheet::Export::new(context, !keys.is_empty(), look, out))
            }
            Format::Xlsx => Box::new(xlsx::Export::new(&context, out)),
        }
    }
}
