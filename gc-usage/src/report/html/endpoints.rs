//! The section of endpoints: what is called, and mostly by which client.

use maud::{Markup, html};

use super::{
    cell::Cell,
    clients::{contributor_columns, contributor_row, foot},
    names::name,
    number::share,
    table::{Kind, MOST_ROWS, Table, column},
    view::View,
};
use crate::{
    report::{model::Report, pairs::Pair},
    text::{counted, grouped},
};

/// The busiest client of an endpoint, and how many clients it has.
#[derive(Clone, Copy)]
struct Callers {
    first: Pair,
    clients: usize,
}

pub(super) fn section(view: &View<'_>) -> Markup {
    let report = view.report;
    let all = report.endpoints.active();
    let lead = format!("{}, and who calls each most.", counted(all.len(), "endpoint"));
    let callers = callers(report);
    let mut columns = contributor_columns("Endpoint", report);
    columns.push(column("Mostly by", Kind::Text));
    let most = all.clone().next().map_or(0, |one| one.counts().requests);
    let rows = all.clone().take(MOST_ROWS).map(|one| {
        let mut row = contributor_row(report, one, Cell::endpoint(one), most);
        let callers = callers.get(one.place() as usize).copied().flatten();
        row.cells.push(mostly_by(report, callers, one.counts().requests));
        row
    });
    let (id, label) = (view.id("endpoints-table"), view.unique("Endpoints"));
    let table = Table {
        sorted: Some(1),
        top: view.about.top,
        foot: foot(all, "endpoint"),
        filter: Some("endpoints or clients"),
        ..Table::new(id, label, "endpoints", columns, rows.collect())
    };
    view.section("endpoints", "Endpoints: what is called", lead, table.markup())
}

/// The callers of each endpoint, by its place.
fn callers(report: &Report) -> Vec<Option<Callers>> {
    let mut callers = vec![None::<Callers>; report.endpoints.len()];
    for pair in report.pairs.all() {
        match &mut callers[pair.endpoint as usize] {
            Some(known) => known.clients += 1,
            none => {
                *none = Some(Callers {
                    first: pair,
                    clients: 1,
                });
            }
        }
    }
    callers
}

fn mostly_by(report: &Report, callers: Option<Callers>, requests: i64) -> Cell {
    let Some(Callers { first, clients }) = callers else {
        return Cell::text("");
    };
    let label = report.client(first).label();
    let share = share(first.counts.requests, requests);
    Cell::Text {
        shown: html! {
            (name(&label)) " "
            span.note {
                @match clients - 1 {
                    0 => "alone",
                    others => { (share) ", and " (grouped(others)) " more" },
                }
            }
        },
        value: label,
    }
}
