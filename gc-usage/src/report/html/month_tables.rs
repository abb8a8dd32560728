//! The numbers of the month, and the months of a longer period.

use std::ops::RangeInclusive;

use maud::{Markup, html};

use super::{
    cell::Cell,
    number::NO_VALUE,
    table::{Kind, Table, column, row},
    view::View,
};
use crate::{
    calendar::{Period, first_of_month, last_of_month},
    projection::MonthUsage,
    report::{
        model::{Day, Report},
        verdict::name_of,
    },
    text::counted,
};

/// How many whole months a period has if each is compared with the allotment.
const MONTHS: RangeInclusive<usize> = 2..=24;

/// The days of the month, those to come with their projection.
pub(super) fn numbers(view: &View<'_>, month: &MonthUsage) -> Markup {
    let allotment = month.allotted().map(i128::from);
    let mut columns = vec![
        column("Day", Kind::Text),
        column("Requests", Kind::Number),
        column("Added up", Kind::Number),
    ];
    if month.days_left > 0 {
        columns.extend(["Low", "High"].map(|name| column(name, Kind::Number)));
    }
    if allotment.is_some() {
        columns.push(column("Of the allotment", Kind::Number));
    }
    let known = month.days.iter().zip(month.sums());
    let known = known.map(|(day, (_, sum))| (day.date, day.requests, sum, None));
    let mut before = month.requests;
    let projected = month.projection.iter().map(|day| {
        let requests = day.projected - std::mem::replace(&mut before, day.projected);
        (day.date, requests, day.projected, day.range)
    });
    let rows = known.chain(projected).map(|(day, requests, sum, range)| {
        let note = if day > month.until { " (projected)" } else { "" };
        let name = format!("{}{note}", day.format("%a %-d %b"));
        let mut cells = vec![
            Cell::name(&name, day.to_string()),
            Cell::sum(Some(requests)),
            Cell::sum(Some(sum)),
        ];
        if month.days_left > 0 {
            cells.extend([range.map(|(low, _)| low), range.map(|(_, high)| high)].map(Cell::sum));
        }
        if let Some(allotment) = allotment {
            cells.push(Cell::share(sum, allotment));
        }
        row(cells)
    });
    let rows = rows.collect();
    let label = view.unique(&format!("Requests of {}, added up", month.month.format("%B %Y")));
    Table {
        filter: Some("days"),
        ..Table::new(view.id("month-numbers"), label, "days", columns, rows)
    }
    .markup()
}

/// The months of a longer period, each against the allotment.
pub(super) fn months(view: &View<'_>, month: &MonthUsage) -> Markup {
    let months = by_month(view.report);
    let whole = months.iter().filter(|(period, _)| is_whole(*period)).count();
    if !MONTHS.contains(&whole) {
        return html! {};
    }
    let allotment = month.allotted();
    let mut columns = vec![column("Month", Kind::Text), column("Requests", Kind::Number)];
    if allotment.is_some() {
        columns.push(column("Of the allotment", Kind::Number));
        columns.push(column("Result", Kind::Text));
    }
    let rows = months.into_iter().map(|(period, requests)| {
        let name = match is_whole(period) {
            true => name_of(period),
            false => format!(
                "{} ({})",
                period.first.format("%B %Y"),
                counted(period.days(), "day")
            ),
        };
        let value = period.first.format("%Y-%m").to_string();
        let mut cells = vec![Cell::name(&name, value), Cell::Count(requests)];
        if let Some(allotment) = allotment {
            let result = match i128::from(requests) > i128::from(allotment) {
                true => "▲ over",
                false if is_whole(period) => "✓ within",
                // The rest of the month is unknown here.
                false => NO_VALUE,
            };
            cells.extend([Cell::share(requests, allotment), Cell::text(result)]);
        }
        row(cells)
    });
    let (id, label) = (view.id("months"), view.unique("Months"));
    let table = Table {
        filter: Some("months"),
        ..Table::new(id, label, "months", columns, rows.collect())
    };
    html! {
        details.numbers open {
            summary { "Month by month" }
            (table.markup())
        }
    }
}

fn is_whole(period: Period) -> bool {
    period.first == first_of_month(period.first) && period.last == last_of_month(period.last)
}

/// The requests of each month of the period.
fn by_month(report: &Report) -> Vec<(Period, i64)> {
    let is_same = |one: &Day, other: &Day| first_of_month(one.date) == first_of_month(other.date);
    let months = report.days.chunk_by(is_same);
    let months = months.map(|days| {
        let period = Period {
            first: days[0].date,
            last: days[days.len() - 1].date,
        };
        let requests = days.iter().map(|day| day.counts.requests);
        (period, requests.fold(0, i64::saturating_add))
    });
    months.collect()
}
