//! The section with the endpoints of each client.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{
    cell::Cell,
    days::FEWEST_FOR_CHART,
    limited::of_client,
    names::{fragment, name},
    number::share,
    palette::SUCCEEDED,
    plot::Plot,
    scale::{Unit, bars},
    stack,
    table::{Kind, Table, column, row},
    view::View,
};
use crate::{
    report::{
        contributors::Contributor,
        counts::Counts,
        model::{Day, Report},
        pairs::Pair,
    },
    text::{counted, grouped},
};

/// The clients with details, the busiest ones, and those of them with a chart.
const CLIENTS: usize = 50;
const CHARTS: usize = 20;
/// The endpoints of each client.
const ENDPOINTS: usize = 20;
const PIXELS: i128 = 100;

/// The endpoints of the busiest clients.
pub(super) struct Details {
    /// By the place of the client: its busiest endpoints, and the number and counts of the others.
    of: HashMap<u32, Endpoints>,
}

#[derive(Default)]
struct Endpoints {
    shown: Vec<Pair>,
    more: usize,
    counts: Counts,
}

impl Details {
    pub(super) fn new(report: &Report) -> Self {
        let clients = report.clients.active().take(CLIENTS);
        let mut of: HashMap<_, _> = clients.map(|one| (one.place(), Endpoints::default())).collect();
        // The pairs are sorted by requests.
        for pair in report.pairs.all() {
            let Some(endpoints) = of.get_mut(&pair.client) else {
                continue;
            };
            if endpoints.shown.len() < ENDPOINTS {
                endpoints.shown.push(pair);
            } else {
                endpoints.more += 1;
                endpoints.counts = Counts::sum(&[endpoints.counts, pair.counts]);
            }
        }
        Self { of }
    }

    /// The fragment that leads to the details of a client, if it has any.
    pub(super) fn fragment(&self, view: &View<'_>, one: Contributor<'_>) -> Option<String> {
        self.of
            .contains_key(&one.place())
            .then(|| view.id(&fragment(one.id())))
    }
}

pub(super) fn section(view: &View<'_>, details: &Details) -> Markup {
    let report = view.report;
    let clients = report.clients.active();
    let is_only = clients.len() == 1;
    let lead = match clients.len() {
        all if all > CLIENTS => format!(
            "The {CLIENTS} busiest of {}, up to {ENDPOINTS} endpoints each.",
            counted(all, "client")
        ),
        _ => format!("All clients, up to {ENDPOINTS} endpoints each."),
    };
    view.section("each-client", "Each client’s endpoints", lead, html! {
        @for (place, one) in clients.take(CLIENTS).enumerate() {
            @if let (Some(fragment), Some(endpoints)) = (details.fragment(view, one), details.of.get(&one.place())) {
                details.client id=(fragment) open[is_only] {
                    summary {
                        (name(&one.label()))
                        " "
                        span.note {
                            (counted(one.counts().requests, "request")) ", "
                            (share(one.counts().requests, report.totals.requests)) "; "
                            (of_client(one.counts().status429, one.counts().requests))
                        }
                    }
                    @if !one.id().is_empty() {
                        p { "OAuth client id " code dir="ltr" { (crate::text::escape_control(one.id())) } }
                    }
                    @if place < CHARTS { (chart(view, one)) }
                    (table(view, one, &fragment, endpoints))
                }
                "\n"
            }
        }
    })
}

fn chart(view: &View<'_>, one: Contributor<'_>) -> Markup {
    let report = view.report;
    let Some(counts) = report.days_of(one).filter(|days| days.len() >= FEWEST_FOR_CHART) else {
        return html! {};
    };
    let days = report.days.iter().zip(counts);
    let days: Vec<_> = days
        .map(|(day, counts)| Day {
            date: day.date,
            counts,
        })
        .collect();
    let unit = Unit::of(days.len());
    let bars = bars(&days, unit);
    let plot = Plot::new(report.period, stack::most(&bars), PIXELS);
    let most = bars.iter().max_by_key(|bar| bar.a_day(bar.counts.requests));
    let most = most
        .map(|bar| format!("; highest on {}", bar.name(unit)))
        .unwrap_or_default();
    let says = format!(
        "Requests of {}: {} in all{most}.",
        view.unique(&one.label()),
        grouped(one.counts().requests)
    );
    html! {
        figure.chart.small { (plot.markup(&says, stack::paths(&plot, &bars, unit), html! {})) }
    }
}

fn table(view: &View<'_>, one: Contributor<'_>, fragment: &str, endpoints: &Endpoints) -> Markup {
    let report = view.report;
    let requests = one.counts().requests;
    let cells = |name: Cell, counts: &Counts, most: i64| {
        row(vec![
            name,
            Cell::Count(counts.requests),
            Cell::share(counts.requests, requests),
            Cell::bar(counts.requests, most, SUCCEEDED),
            Cell::share(counts.errors(), counts.requests),
            Cell::Count(counts.status429),
        ])
    };
    let most = endpoints.shown.first().map_or(0, |pair| pair.counts.requests);
    let shown = endpoints.shown.iter();
    let rows = shown.map(|pair| cells(Cell::endpoint(report.endpoint(*pair)), &pair.counts, most));
    let foot = (endpoints.more > 0).then(|| {
        let plural = if endpoints.more == 1 { "" } else { "s" };
        let name = format!("{} more endpoint{plural}", grouped(endpoints.more));
        cells(Cell::name(&name, &name), &endpoints.counts, most).cells
    });
    let columns = vec![
        column("Endpoint", Kind::Text),
        column("Requests", Kind::Number),
        column("Share", Kind::Number),
        column("Drawn", Kind::Drawing),
        column("4xx, 5xx", Kind::Number),
        column("429", Kind::Number),
    ];
    let id = format!("{fragment}-endpoints");
    let label = view.unique(&format!("Endpoints of {}", one.label()));
    Table {
        sorted: Some(1),
        foot,
        ..Table::new(id, label, "endpoints", columns, rows.collect())
    }
    .markup()
}
