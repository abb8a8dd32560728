//! Tables: complete without the script, which adds sorting, a filter, and copies of the rows.

use maud::{Markup, html};

use super::cell::Cell;
use crate::text::grouped;

/// The most rows of a table. What is left is summed up in its last row.
pub(super) const MOST_ROWS: usize = 500;
/// A table with more rows has a filter.
const FEW: usize = 5;

pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Kind {
    /// Texts, sorted by letters.
    Text,
    /// Numbers, sorted by size.
    Number,
    /// A drawing of numbers that are in other columns. Its heading is for screen readers.
    Drawing,
}

pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// What the script says about the row.
    pub(super) say: Option<String>,
}

pub(super) struct Table {
    pub(super) id: String,
    /// What it is, for screen readers.
    pub(super) label: String,
    /// What the rows are: "clients".
    pub(super) nouns: &'static str,
    pub(super) columns: Vec<Column>,
    /// The column by which the rows are sorted, the largest first.
    pub(super) sorted: Option<usize>,
    pub(super) rows: Vec<Row>,
    /// The rows that are shown first.
    pub(super) top: usize,
    /// The last row.
    pub(super) foot: Option<Vec<Cell>>,
    /// The names in the hint of the filter; `None` for a table without tools.
    pub(super) filter: Option<&'static str>,
}

pub(super) const fn column(heading: &'static str, kind: Kind) -> Column {
    Column { heading, kind }
}

pub(super) fn row(cells: Vec<Cell>) -> Row {
    Row { cells, say: None }
}

impl Table {
    /// A table without tools whose rows are all shown.
    pub(super) fn new(
        id: String,
        label: String,
        nouns: &'static str,
        columns: Vec<Column>,
        rows: Vec<Row>,
    ) -> Self {
        Self {
            id,
            label,
            nouns,
            columns,
            sorted: None,
            rows,
            top: usize::MAX,
            foot: None,
            filter: None,
        }
    }

    pub(super) fn markup(self) -> Markup {
        let rows = self.rows.len();
        let has_rest = rows > self.top;
        let tools = self.filter.filter(|_| rows > FEW);
        let numbers = self.columns.iter().filter(|column| column.kind == Kind::Number);
        let numbers = numbers.count();
        html! {
            div.table data-table {
                @if self.filter.is_some() {
                    div.tools hidden {
                        @if let Some(what) = tools {
                            input type="search" placeholder=(format!("Filter {what}"))
                                aria-label=(format!("Filter {what}: {}", self.label)) autocomplete="off" spellcheck="false";
                        }
                        button type="button" data-copy aria-label=(format!("Copy: {}", self.label)) { "Copy" }
                        button type="button" data-csv=(format!("{}.csv", self.id)) aria-label=(format!("CSV: {}", self.label)) { "CSV" }
                        output role="status" {}
                    }
                }
                div.scroll data-label={ "Table: " (self.label) } {
                    table id=(self.id) role="table" aria-label=(self.label) .(format!("c{numbers}")) {
                        thead role="rowgroup" {
                            tr role="row" {
                                @for (place, column) in self.columns.iter().enumerate() {
                                    (heading(column, self.sorted == Some(place)))
                                }
                            }
                        }
                        "\n"
                        tbody role="rowgroup" {
                            @for (place, row) in self.rows.iter().enumerate() {
                                tr role="row" class=[(place >= self.top).then_some("rest")] data-say=[row.say.as_deref()] {
                                    @for cell in &row.cells { (data(cell)) }
                                }
                                "\n"
                            }
                        }
                        @if let Some(foot) = &self.foot {
                            tfoot role="rowgroup" {
                                tr role="row" {
                                    @for cell in foot { (data(cell)) }
                                }
                            }
                        }
                    }
                }
                @if has_rest {
                    button.all type="button" data-all hidden { "Show all " (grouped(rows)) " " (self.nouns) }
                }
            }
            "\n"
        }
    }
}

fn heading(column: &Column, is_sorted: bool) -> Markup {
    let sort = match column.kind {
        Kind::Text => Some("text"),
        Kind::Number => Some("number"),
        Kind::Drawing => None,
    };
    let class = match column.kind {
        Kind::Text => None,
        Kind::Number => Some("n"),
        Kind::Drawing => Some("d"),
    };
    html! {
        th role="columnheader" scope="col" class=[class] data-sort=[sort] aria-sort=[is_sorted.then_some("descending")] {
            @match column.kind {
                Kind::Drawing => span.hidden { (column.heading) },
                _ => (column.heading),
            }
        }
    }
}

fn data(cell: &Cell) -> Markup {
    html! {
        @match cell {
            Cell::Name { shown, value, id } =>
                th role="rowheader" scope="row" data-v=(value) data-id=[id.as_deref()] { (shown) },
            Cell::Text { shown, value } => td role="cell" data-v=(value) { (shown) },
            Cell::Count(count) => td.n role="cell" { (grouped(count)) },
            Cell::Number { shown, value } => td.n role="cell" data-v=(value) { (shown) },
            Cell::Drawing(drawing) => td.d role="cell" { (drawing) },
        }
    }
}
