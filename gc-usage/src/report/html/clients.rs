//! The section of clients: who makes the requests.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{
    cell::Cell,
    days::FEWEST_FOR_CHART,
    detail::Details,
    names::name,
    number::change_heading,
    palette::SUCCEEDED,
    table::{Column, Kind, MOST_ROWS, Row, Table, column, row},
    view::View,
};
use crate::{
    report::{contributors::Contributor, counts::Counts, model::Report},
    text::{counted, grouped},
};

/// The most bars of a sparkline.
const MOST_BARS: usize = 62;

pub(super) fn section(view: &View<'_>, details: &Details) -> Markup {
    let report = view.report;
    let all = report.clients.active();
    let lead = format!(
        "{}. Select a name to see its endpoints.",
        counted(all.len(), "OAuth client")
    );
    let has_days = report.days.len() >= FEWEST_FOR_CHART;
    let mut columns = contributor_columns("Client", report);
    if has_days {
        columns.push(column("By day", Kind::Drawing));
    }
    let most = all.clone().next().map_or(0, |one| one.counts().requests);
    let rows = all.clone().take(MOST_ROWS).map(|one| {
        let label = one.label();
        let cell = Cell::Name {
            shown: html! {
                @match details.fragment(view, one) {
                    Some(fragment) => a href={ "#" (fragment) } { (name(&label)) },
                    None => (name(&label)),
                }
            },
            value: label.clone(),
            id: Some(one.id().to_owned()),
        };
        let mut row = contributor_row(report, one, cell, most);
        if has_days {
            row.cells.push(Cell::Drawing(sparkline(report, one)));
        }
        row
    });
    let (id, label) = (view.id("clients-table"), view.unique("Clients"));
    let table = Table {
        sorted: Some(1),
        top: view.about.top,
        foot: foot(all, "client"),
        filter: Some("clients"),
        ..Table::new(id, label, "clients", columns, rows.collect())
    };
    view.section(
        "clients",
        "Clients: who makes the requests",
        lead,
        html! {
            (table.markup())
            @if let Some(gone) = gone(report) { p.gone { (gone) } }
        },
    )
}

/// The columns of clients and endpoints, up to the count of 429.
pub(super) fn contributor_columns(heading: &'static str, report: &Report) -> Vec<Column> {
    vec![
        column(heading, Kind::Text),
        column("Requests", Kind::Number),
        column("Share", Kind::Number),
        column("Drawn", Kind::Drawing),
        column(change_heading(report), Kind::Number),
        column("4xx, 5xx", Kind::Number),
        column("429", Kind::Number),
    ]
}

pub(super) fn contributor_row(report: &Report, one: Contributor<'_>, name: Cell, most: i64) -> Row {
    let (counts, before) = (one.counts(), one.requests_before());
    let requests = counts.requests;
    row(vec![
        name,
        Cell::Count(requests),
        Cell::share(requests, report.totals.requests),
        Cell::bar(requests, most, SUCCEEDED),
        Cell::change(report, requests, before),
        Cell::share(counts.errors(), requests),
        Cell::Count(counts.status429),
    ])
}

/// The sum of what a table leaves out.
pub(super) fn foot<'a>(all: impl ExactSizeIterator<Item = Contributor<'a>>, noun: &str) -> Option<Vec<Cell>> {
    let left = all.len().checked_sub(MOST_ROWS).filter(|left| *left > 0)?;
    let counts: Vec<_> = all.skip(MOST_ROWS).map(|one| *one.counts()).collect();
    let sum = Counts::sum(&counts);
    let plural = if left == 1 { "" } else { "s" };
    let name = format!("{} more {noun}{plural}", grouped(left));
    let nothing = || Cell::text("");
    Some(vec![
        Cell::name(&name, &name),
        Cell::Count(sum.requests),
        nothing(),
        nothing(),
        nothing(),
        Cell::share(sum.errors(), sum.requests),
        Cell::Count(sum.status429),
        nothing(),
    ])
}

/// Those with requests only before.
fn gone(report: &Report) -> Option<String> {
    let gone = report.clients.gone();
    let left = gone.len().checked_sub(1)?.saturating_sub(9);
    let names = gone
        .take(10)
        .map(|one| format!("{} ({} before)", one.label(), grouped(one.requests_before())));
    let names: Vec<_> = names.collect();
    let more = match left {
        0 => String::new(),
        left => format!(" and {} more", grouped(left)),
    };
    Some(format!("No longer active: {}{more}.", names.join(", ")))
}

/// The requests of each day as small bars. Many days are put together.
fn sparkline(report: &Report, one: Contributor<'_>) -> Markup {
    let Some(days) = report.days_of(one) else {
        return html! { "–" };
    };
    let together = days.len().div_ceil(MOST_BARS);
    let bars = days.chunks(together).map(|days| {
        let sum = days.iter().map(|day| i128::from(day.requests)).sum::<i128>();
        sum / days.len() as i128
    });
    let bars: Vec<i128> = bars.collect();
    let most = bars.iter().copied().max().unwrap_or(0).max(1);
    let mut path = String::new();
    for (x, bar) in bars.iter().enumerate().filter(|(_, bar)| **bar > 0) {
        // Any count above 0 is visible.
        let height = (bar * 24 / most).max(1);
        let _ = write!(path, "M{x} 24v-{height}h.8v{height}z");
    }
    let (class, fill) = SUCCEEDED;
    html! {
        svg.spark aria-hidden="true" width="100%" height="24" viewBox=(format!("0 0 {} 24", bars.len())) preserveAspectRatio="none" {
            path.(class) fill=(fill) d=(path) {}
        }
    }
}
