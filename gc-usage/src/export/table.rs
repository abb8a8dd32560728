//! A table for people, as wide as the terminal where its content allows.

use std::io::{self, Write as _};

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, presets};
use usage_client::{ApiUsageRow, Granularity};

use super::{Context, Row, wrapped};
use crate::{
    ask::Answered,
    output::Output,
    screen::Screen,
    text::{grouped, visible},
};

/// A column of text: its heading, and how to read it from a row.
type TextColumn = (&'static str, fn(&ApiUsageRow) -> Option<&str>);
/// A column of counts.
type CountColumn = (&'static str, fn(&ApiUsageRow) -> Option<i64>);

const TEXTS: [TextColumn; 5] = [
    ("Client", |row| {
        row.client_name
            .as_deref()
            .filter(|name| !name.is_empty())
            .or(row.client_id.as_deref())
    }),
    ("Organization", |row| row.organization_id.as_deref()),
    ("User", |row| row.user_id.as_deref()),
    ("Method", |row| row.http_method.as_deref()),
    ("Endpoint", |row| row.template_uri.as_deref()),
];

const COUNTS: [CountColumn; 6] = [
    ("Requests", |row| row.requests),
    ("2xx", |row| row.status200),
    ("3xx", |row| row.status300),
    ("4xx", |row| row.status400),
    // Part of 4xx, so it stands behind it and is named as such.
    ("(429)", |row| row.status429),
    ("5xx", |row| row.status500),
];

const NONE: &str = "(none)";

/// All rows of a table, and the columns that have something in them.
pub(super) struct Rows {
    context: Context,
    rows: Vec<(String, ApiUsageRow)>,
}

/// A table as text: what is in it, apart from how it looks.
pub(super) struct Texts {
    pub(super) columns: Vec<Column>,
    pub(super) lines: Vec<Vec<String>>,
    /// The sums, behind all lines.
    pub(super) total: Vec<String>,
}

/// One column of a table.
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) is_count: bool,
    /// Whether it may be broken over lines. A number or a date that is broken is read as another one.
    pub(super) wraps: bool,
}

impl Rows {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context,
            rows: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, row: &Row<'_>) {
        let profile = row.profile.unwrap_or_default().to_owned();
        self.rows.push((profile, row.row.to_row()));
    }

    /// Nothing if there is no row.
    pub(super) fn table(&self) -> Option<Texts> {
        let any = |has: &dyn Fn(&ApiUsageRow) -> bool| self.rows.iter().any(|(_, row)| has(row));
        let texts = TEXTS
            .into_iter()
            .filter(|(_, get)| any(&|row| !text(get(row)).is_empty()));
        let texts: Vec<_> = texts.collect();
        let counts = COUNTS
            .into_iter()
            .filter(|(_, get)| any(&|row| get(row).is_some()));
        let counts: Vec<_> = counts.collect();
        let has_date = any(&|row| row.date.is_some());

        let mut columns = Vec::new();
        let mut column = |heading, is_count, wraps| {
            columns.push(Column {
                heading,
                is_count,
                wraps,
            });
        };
        if self.context.has_profiles {
            column("Profile", false, true);
        }
        if has_date {
            column(self.date_heading(), false, false);
        }
        texts.iter().for_each(|(heading, _)| column(heading, false, true));
        counts
            .iter()
            .for_each(|(heading, _)| column(heading, true, false));

        let line = |(profile, row): &(String, ApiUsageRow)| {
            let profile = self.context.has_profiles.then(|| profile.clone());
            let date = row
                .date
                .map(|date| date.date_naive().to_string())
                .unwrap_or_default();
            let texts = texts.iter().map(|(_, get)| match text(get(row)) {
                // Of a user there may be none; an empty cell would look like something that is missing.
                "" => NONE.to_owned(),
                text => visible(text).into_owned(),
            });
            let counts = counts
                .iter()
                .map(|(_, get)| get(row).map(grouped).unwrap_or_default());
            let before = profile.into_iter().chain(has_date.then_some(date));
            before.chain(texts).chain(counts).collect()
        };
        let lines: Vec<Vec<_>> = self.rows.iter().map(line).collect();
        let labels = columns.len() - counts.len();
        let mut total = vec![String::new(); labels];
        if let Some(first) = total.first_mut() {
            let total = if self.context.is_part {
                "Total shown"
            } else {
                "Total"
            };
            *first = total.to_owned();
        }
        total.extend(counts.iter().map(|(_, get)| {
            let counts = self.rows.iter().filter_map(|(_, row)| get(row));
            grouped(counts.fold(0_i128, |sum, count| sum + i128::from(count)))
        }));
        let is_empty = lines.is_empty();
        (!is_empty).then_some(Texts {
            columns,
            lines,
            total,
        })
    }

    /// What stands below the table.
    pub(super) fn summary(&self) -> String {
        let period = self.context.interval();
        let period = period.map(|interval| format!("{interval}, UTC days, both included"));
        match (self.rows.len(), period) {
            (0, Some(period)) if self.context.is_part => format!("No rows fit the filters ({period})."),
            (0, Some(period)) => format!("No requests ({period})."),
            (0, None) => "No rows.".to_owned(),
            (count, period) => {
                let noun = if count == 1 { "row" } else { "rows" };
                let period = period.map(|period| format!(" ({period})")).unwrap_or_default();
                format!("{} {noun}{period}", grouped(count))
            }
        }
    }

    fn date_heading(&self) -> &'static str {
        match self.context.granularity {
            Some(Granularity::Day) => "Day",
            Some(Granularity::Week) => "Week of",
            Some(Granularity::Month) => "Month of",
            _ => "Date",
        }
    }
}

pub(crate) struct Export<'o> {
    out: &'o mut Output,
    screen: Screen,
    rows: Rows,
}

impl<'o> Export<'o> {
    pub(super) fn new(context: Context, screen: Screen, out: &'o mut Output) -> Self {
        let rows = Rows::new(context);
        Self { out, screen, rows }
    }
}

impl super::Export for Export<'_> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.rows.add(row);
        Ok(())
    }

    fn finish(&mut self, _answers: &[Answered]) -> io::Result<()> {
        if let Some(texts) = self.rows.table() {
            writeln!(self.out, "{}", drawn(texts, &self.screen))?;
        }
        writeln!(self.out, "{}", self.rows.summary())
    }
}

fn drawn(mut texts: Texts, screen: &Screen) -> Table {
    // A row in a pipe or a file stays one line.
    if let Some(columns) = screen.columns {
        wrapped::fit(&mut texts, columns);
    }
    let Texts {
        columns,
        mut lines,
        total,
    } = texts;
    let mut table = Table::new();
    let style = if screen.unicode {
        presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())
    } else {
        presets::ASCII_HORIZONTAL_ONLY.row_separator(LineStyle::none())
    };
    table
        .load_style(style)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(
        columns
            .iter()
            .map(|column| Cell::new(column.heading).set_alignment(alignment(column))),
    );
    lines.push(total);
    for line in lines {
        let cells = line.into_iter().zip(&columns);
        table.add_row(cells.map(|(text, column)| Cell::new(text).set_alignment(alignment(column))));
    }
    table
}

fn alignment(column: &Column) -> CellAlignment {
    match column.is_count {
        true => CellAlignment::Right,
        false => CellAlignment::Left,
    }
}

fn text(value: Option<&str>) -> &str {
    value.unwrap_or_default()
}
