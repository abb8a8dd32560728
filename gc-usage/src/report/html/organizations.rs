//! The table of organizations, if there are several.

use maud::{Markup, html};

use super::{
    cell::Cell,
    number::share,
    summary::sign,
    table::{Kind, Row, Table, column, row},
};
use crate::{
    report::{
        model::{Entry, Report},
        verdict::verdict,
    },
    text::escape_control,
};

pub(super) fn section(entries: &[Entry]) -> Markup {
    let reports = || entries.iter().filter_map(Entry::report);
    let change_heading = match reports().any(Report::is_compared_by_day) {
        true => "Change a day",
        false => "Change",
    };
    let rows = entries.iter().enumerate().map(|(place, entry)| {
        let profile = escape_control(entry.profile().unwrap_or_default()).into_owned();
        let name = Cell::Name {
            shown: html! { a href=(format!("#o{}", place + 1)) { (super::names::name(&profile)) } },
            value: profile,
            id: None,
        };
        match entry {
            Entry::Report(report) => line(name, report),
            Entry::Failed(failed) => {
                let nothing = || Cell::sum(None);
                let first = failed.error.lines().next().unwrap_or_default();
                let message = format!("No data: {}", escape_control(first));
                let message = Cell::Text {
                    shown: html! { strong.over { "✕ " (message) } },
                    value: message,
                };
                row(vec![name, nothing(), nothing(), nothing(), nothing(), message])
            }
        }
    });
    let columns = vec![
        column("Organization", Kind::Text),
        column("Requests", Kind::Number),
        column(change_heading, Kind::Number),
        column("429", Kind::Number),
        column("4xx, 5xx", Kind::Number),
        column("Allotment of the month", Kind::Text),
    ];
    let (id, label) = ("organizations-table".to_owned(), "Organizations".to_owned());
    let table = Table {
        filter: Some("organizations"),
        ..Table::new(id, label, "organizations", columns, rows.collect())
    };
    html! {
        section.panel #organizations aria-label="Organizations" {
            h2 { "Organizations" }
            p.lead { "Each has its own contract, so there is no sum." }
            (table.markup())
        }
        "\n"
    }
}

fn line(name: Cell, report: &Report) -> Row {
    let (now, before) = (&report.totals, &report.totals_before);
    let verdict = verdict(report);
    let (sign, _) = sign(verdict.state.level());
    let month = report.month.as_ref();
    let allotment = match month.and_then(|month| Some((month.projected, month.allotted()?))) {
        Some((projected, allotment)) => {
            format!("{sign} {} ({})", verdict.headline, share(projected, allotment))
        }
        None => "– not given".to_owned(),
    };
    row(vec![
        name,
        Cell::Count(now.requests),
        Cell::change(report, now.requests, before.requests),
        Cell::share(now.status429, now.requests),
        Cell::share(now.errors(), now.requests),
        Cell::text(allotment),
    ])
}
