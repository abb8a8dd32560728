//! The requests of the period by status, compared with the previous period.

use maud::Markup;

use super::{
    cell::Cell,
    number::change_heading,
    table::{Kind, Table, column, row},
    view::View,
};
use crate::report::counts::Counts;

type Line = (&'static str, fn(&Counts) -> i64);

const LINES: [Line; 6] = [
    ("All requests", |counts| counts.requests),
    ("2xx, succeeded", |counts| counts.status200),
    ("3xx, redirected", |counts| counts.status300),
    ("4xx, refused", |counts| counts.status400),
    ("429, rate limited (a part of 4xx)", |counts| counts.status429),
    ("5xx, failed", |counts| counts.status500),
];

pub(super) fn table(view: &View<'_>) -> Markup {
    let report = view.report;
    let (now, before) = (&report.totals, &report.totals_before);
    let rows = LINES.iter().map(|(name, of)| {
        let (count, count_before) = (of(now), of(before));
        row(vec![
            Cell::name(name, *name),
            Cell::Count(count),
            Cell::share(count, now.requests),
            Cell::Count(count_before),
            Cell::change(report, count, count_before),
        ])
    });
    let columns = vec![
        column("Status", Kind::Text),
        column("Requests", Kind::Number),
        column("Share", Kind::Number),
        column("Before", Kind::Number),
        column(change_heading(report), Kind::Number),
    ];
    let (id, label) = (view.id("status"), view.unique("Requests by status"));
    Table::new(id, label, "statuses", columns, rows.collect()).markup()
}
