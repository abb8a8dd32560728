//! The section of changes: who is responsible for more or fewer requests than before.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::{
    cell::Cell,
    number::signed,
    palette::SUCCEEDED,
    table::{Kind, Row, Table, column, row},
    view::View,
};
use crate::report::{
    contributors::{Contributor, Contributors},
    model::Report,
    verdict::name_of,
};

/// How many clients and endpoints are shown.
const SHOWN: usize = 6;

/// Absent if there is nothing to compare with.
pub(super) fn section(view: &View<'_>) -> Option<Markup> {
    let report = view.report;
    if report.totals_before.requests == 0 {
        return None;
    }
    let (clients, endpoints) = (most(report, &report.clients), most(report, &report.endpoints));
    if clients.is_empty() && endpoints.is_empty() {
        return None;
    }
    let mut lead = format!("Requests a day against {}", name_of(report.before));
    if report.is_compared_by_day() {
        lead.push_str(&format!(
            ". By the day, because {} days are compared with {}",
            report.period.days(),
            report.before.days()
        ));
    }
    Some(view.section(
        "changes",
        "What changed most",
        format!("{lead}."),
        html! {
            div.pair {
                (table(view, "Client", &clients, Cell::client))
                (table(view, "Endpoint", &endpoints, Cell::endpoint))
            }
        },
    ))
}

/// Those with the largest change in requests a day: growth first, the largest first.
fn most<'a>(report: &Report, all: &'a Contributors) -> Vec<(Contributor<'a>, i128)> {
    let changes = all.active().chain(all.gone()).map(|one| {
        let change = report.change_a_day(one.counts().requests, one.requests_before());
        (one, change)
    });
    let mut changes: Vec<_> = changes.filter(|(_, change)| *change != 0).collect();
    // Sorting is stable, so that equal changes keep the order of requests, names and ids.
    changes.sort_by_key(|(_, change)| Reverse(change.unsigned_abs()));
    changes.truncate(SHOWN);
    changes.sort_by_key(|(_, change)| Reverse(*change));
    changes
}

fn table(
    view: &View<'_>,
    heading: &'static str,
    changes: &[(Contributor<'_>, i128)],
    label: fn(Contributor<'_>) -> Cell,
) -> Markup {
    let most = changes
        .iter()
        .map(|(_, change)| change.unsigned_abs())
        .max()
        .unwrap_or(1);
    let rows = changes
        .iter()
        .map(|(one, a_day)| cells(view.report, *one, *a_day, most, label));
    let columns = vec![
        column(heading, Kind::Text),
        column("Change a day", Kind::Number),
        column("Percent", Kind::Number),
        column("Drawn", Kind::Drawing),
    ];
    let id = view.id(&format!("changes-{}", heading.to_lowercase()));
    let label = view.unique(&format!("{heading}s that changed most"));
    Table::new(id, label, "rows", columns, rows.collect()).markup()
}

fn cells(
    report: &Report,
    one: Contributor<'_>,
    a_day: i128,
    most: u128,
    label: fn(Contributor<'_>) -> Cell,
) -> Row {
    let (now, before) = (one.counts().requests, one.requests_before());
    row(vec![
        label(one),
        Cell::Number {
            shown: signed(a_day),
            value: a_day.to_string(),
        },
        Cell::change(report, now, before),
        diverging(a_day, most),
    ])
}

/// A bar to the right of the middle for growth, to the left for less.
fn diverging(change: i128, most: u128) -> Cell {
    let thousandths = (change.unsigned_abs() * 500 / most.max(1)).max(3);
    let left = if change < 0 { 500 - thousandths } else { 500 };
    let percent = |thousandths: u128| format!("{}.{}%", thousandths / 10, thousandths % 10);
    let (class, fill) = SUCCEEDED;
    Cell::Drawing(html! {
        svg aria-hidden="true" width="100%" height="12" {
            rect.(class) fill=(fill) x=(percent(left)) width=(percent(thousandths)) height="12" {}
        }
    })
}
