//! The section of rate limiting: who is slowed down, where and when.

use maud::{Markup, html};

use super::{
    cell::Cell,
    names::path,
    number::{change_heading, typeset},
    palette::LIMITED,
    table::{Kind, MOST_ROWS, Row, Table, column, row},
    view::View,
};
use crate::{
    report::{model::Report, pairs::Pair, verdict::when},
    text::{counted, grouped, percent},
};

pub(super) fn section(view: &View<'_>) -> Markup {
    const TITLE: &str = "Rate limiting: who is slowed down, where and when";
    let report = view.report;
    let all = report.pairs.rate_limited();
    let Some(first) = report.pairs.rate_limited().next() else {
        return view.section("limited", TITLE, "No request was rate limited.", html! {});
    };
    let limited = report.totals.status429;
    let lead = format!(
        "{} with 429, {} of all. The first line alone makes {} of them.",
        match limited {
            1 => "1 request was answered".to_owned(),
            limited => format!("{} were answered", counted(limited, "request")),
        },
        percent(limited, report.totals.requests),
        percent(first.counts.status429, limited),
    );
    let most = first.counts.status429;
    let left = all.len().saturating_sub(MOST_ROWS);
    let rest: i64 = report
        .pairs
        .rate_limited()
        .skip(MOST_ROWS)
        .map(|pair| pair.counts.status429)
        .sum();
    let columns = vec![
        column("Client", Kind::Text),
        column("Endpoint", Kind::Text),
        column("429", Kind::Number),
        column("Drawn", Kind::Drawing),
        column("Of its requests", Kind::Number),
        column(change_heading(report), Kind::Number),
        column("When", Kind::Text),
    ];
    let rows = all.take(MOST_ROWS).map(|pair| line(report, pair, most));
    let (id, label) = (view.id("limited-table"), view.unique("Rate limiting"));
    let table = Table {
        sorted: Some(2),
        top: view.about.top,
        foot: (left > 0).then(|| {
            let name = format!("{} more pairs", grouped(left));
            vec![Cell::name(&name, &name), Cell::text(""), Cell::Count(rest)]
        }),
        filter: Some("clients or endpoints"),
        ..Table::new(id, label, "pairs", columns, rows.collect())
    };
    view.section("limited", TITLE, typeset(&lead), table.markup())
}

fn line(report: &Report, pair: Pair, most: i64) -> Row {
    let (client, endpoint) = (report.client(pair), report.endpoint(pair));
    let (limited, requests) = (pair.counts.status429, pair.counts.requests);
    row(vec![
        Cell::client(client),
        Cell::Text {
            shown: path(endpoint.id()),
            value: endpoint.id().to_owned(),
        },
        Cell::Count(limited),
        Cell::bar(limited, most, LIMITED),
        Cell::share(limited, requests),
        Cell::change(report, limited, pair.limited_before),
        Cell::Text {
            shown: html! { (when(report, pair)) },
            value: pair
                .limited
                .map(|(first, last)| format!("{first}/{last}"))
                .unwrap_or_default(),
        },
    ])
}

/// How many requests of a client were rate limited, in words.
pub(super) fn of_client(limited: i64, requests: i64) -> String {
    match limited {
        0 => "none rate limited".to_owned(),
        _ => format!(
            "{} ({}) rate limited",
            typeset(&percent(limited, requests)),
            grouped(limited)
        ),
    }
}
