//! The contents of a table without its look: columns, cells and totals.

use usage_client::{Granularity, Metric, RowRef};

use super::{
    record::{Context, count},
    row_buffer::RowBuffer,
};
use crate::{
    labels::{Labels, NONE},
    text::{counted, escape_control, grouped},
};

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) heading: &'static str,
    cell: Cell,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    Profile,
    Date,
    /// The name, or else the id.
    Client,
    Text(for<'r> fn(&RowRef<'r>) -> Option<&'r str>),
    Count(Metric),
}

const fn column(heading: &'static str, cell: Cell) -> Column {
    Column { heading, cell }
}

const PROFILE: Column = column("Profile", Cell::Profile);

/// The columns for all properties of a row.
const ALL: [Column; 13] = [
    column("Date", Cell::Date),
    column("Client", Cell::Client),
    column("Organization", Cell::Text(|row| row.organization_id)),
    column("User", Cell::Text(|row| row.user_id)),
    column("Method", Cell::Text(|row| row.http_method)),
    column("Endpoint", Cell::Text(|row| row.template_uri)),
    column("Platform", Cell::Text(|row| row.platform)),
    column("Requests", Cell::Count(Metric::Requests)),
    column("2xx", Cell::Count(Metric::Status200)),
    column("3xx", Cell::Count(Metric::Status300)),
    column("4xx", Cell::Count(Metric::Status400)),
    // It is a part of 4xx, so it follows that column, in parentheses.
    column("(429)", Cell::Count(Metric::Status429)),
    column("5xx", Cell::Count(Metric::Status500)),
];

/// A set of columns of [`ALL`], one bit for each.
pub(super) type Filled = u16;
const _: () = assert!(ALL.len() <= Filled::BITS as usize, "`Filled` is too narrow");

/// The columns in which a row has a value.
pub(super) fn filled(row: &RowRef<'_>) -> Filled {
    let bits = ALL.iter().rev();
    bits.fold(0, |filled, column| {
        let has = match column.cell {
            Cell::Profile => false,
            Cell::Date => row.date.is_some(),
            Cell::Client => !text(row.client_name).is_empty() || !text(row.client_id).is_empty(),
            Cell::Text(get) => !text(get(row)).is_empty(),
            Cell::Count(metric) => count(row, metric).is_some(),
        };
        filled << 1 | Filled::from(has)
    })
}

fn text(value: Option<&str>) -> &str {
    value.unwrap_or_default()
}

impl Column {
    pub(super) fn metric(&self) -> Option<Metric> {
        match self.cell {
            Cell::Count(metric) => Some(metric),
            _ => None,
        }
    }

    pub(super) fn is_count(&self) -> bool {
        self.metric().is_some()
    }

    /// Whether it may be broken into lines. A broken number or date could be misread.
    pub(super) fn wraps(&self) -> bool {
        !matches!(self.cell, Cell::Count(_) | Cell::Date)
    }
}

/// The columns of a table, and the labels of its clients.
pub(super) struct Columns {
    pub(super) shown: Vec<Column>,
    labels: Labels,
}

impl Columns {
    /// The filled columns, for these rows.
    pub(super) fn new(context: &Context, filled: Filled, rows: &RowBuffer) -> Self {
        let clients = rows
            .iter()
            .map(|(profile, row)| (text(profile), text(row.client_name), text(row.client_id)));
        let mut columns = Self {
            shown: Vec::new(),
            labels: Labels::new(clients),
        };
        columns.show(context, filled);
        columns
    }

    /// These columns, without a column of clients.
    pub(super) fn of(shown: Vec<Column>) -> Self {
        Self {
            shown,
            labels: Labels::default(),
        }
    }

    /// Shows the filled columns.
    pub(super) fn show(&mut self, context: &Context, filled: Filled) {
        let filled = ALL.iter().enumerate().filter(|(at, _)| filled >> at & 1 == 1);
        let columns = filled.map(|(_, column)| match column.cell {
            Cell::Date => Column {
                heading: date_heading(context),
                ..*column
            },
            _ => *column,
        });
        let profile = context.has_profiles.then_some(PROFILE);
        self.shown = profile.into_iter().chain(columns).collect();
    }

    pub(super) fn cells(&self, profile: Option<&str>, row: &RowRef<'_>) -> Vec<String> {
        let cells = self.shown.iter().map(|column| match column.cell {
            Cell::Profile => escape_control(text(profile)).into_owned(),
            Cell::Date => row
                .date
                .map(|date| date.date_naive().to_string())
                .unwrap_or_default(),
            Cell::Client => {
                let client = (text(profile), text(row.client_name), text(row.client_id));
                self.labels.of(client)
            }
            // Some requests have no user. An empty cell would look as if a value was missing.
            Cell::Text(get) => match text(get(row)) {
                "" => NONE.to_owned(),
                text => escape_control(text).into_owned(),
            },
            Cell::Count(metric) => count(row, metric).map(grouped).unwrap_or_default(),
        });
        cells.collect()
    }

    /// The line of totals.
    pub(super) fn total(&self, context: &Context, totals: &Totals) -> Vec<String> {
        let title = if context.is_part { "Total shown" } else { "Total" };
        let cells = self
            .shown
            .iter()
            .enumerate()
            .map(|(at, column)| match column.cell {
                Cell::Count(metric) => grouped(totals.sum(metric)),
                _ if at == 0 => title.to_owned(),
                _ => String::new(),
            });
        cells.collect()
    }
}

fn date_heading(context: &Context) -> &'static str {
    match context.granularity {
        Some(Granularity::Day) => "Day",
        Some(Granularity::Week) => "Week of",
        Some(Granularity::Month) => "Month of",
        _ => "Date",
    }
}

/// The number of rows, and the sums of their counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    rows: u64,
    /// One for each of [`Metric::KNOWN`].
    sums: [i128; Metric::KNOWN.len()],
}

impl Totals {
    pub(super) fn add(&mut self, row: &RowRef<'_>) {
        self.rows += 1;
        for (sum, metric) in self.sums.iter_mut().zip(Metric::KNOWN) {
            *sum += i128::from(count(row, *metric).unwrap_or(0));
        }
    }

    fn sum(&self, metric: Metric) -> i128 {
        let place = Metric::KNOWN.iter().position(|known| *known == metric);
        place.map_or(0, |place| self.sums[place])
    }

    /// The line of totals below a table.
    pub(super) fn summary(&self, context: &Context) -> String {
        let period = context.interval();
        let period = period.map(|interval| format!("{interval}, UTC days, both included"));
        match (self.rows, period) {
            (0, Some(period)) if context.is_part => format!("No rows match the filters ({period})."),
            (0, Some(period)) => format!("No requests ({period})."),
            (0, None) => "No rows.".to_owned(),
            (rows, period) => {
                let period = period.map(|period| format!(" ({period})")).unwrap_or_default();
                format!("{}{period}", counted(rows, "row"))
            }
        }
    }
}
