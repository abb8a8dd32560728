//! The section of days: when the requests were made.

use chrono::{Datelike as _, Weekday};
use maud::{Markup, html};

use super::{
    cell::Cell,
    number::typeset,
    palette::{AXIS, FAILED_500, LIMITED, OTHER_400, SUCCEEDED},
    plot::Plot,
    scale::{Bar, Unit, bars},
    stack, status,
    table::{Kind, Row, Table, column},
    view::View,
};
use crate::{
    report::{
        model::Report,
        verdict::{long_date, name_of},
    },
    text::{counted, grouped, percent},
};

/// With fewer days, a chart says no more than a table.
pub(super) const FEWEST_FOR_CHART: usize = 3;
const PIXELS: i128 = 180;

pub(super) fn section(view: &View<'_>) -> Markup {
    let report = view.report;
    let unit = Unit::of(report.days.len());
    let has_chart = report.days.len() >= FEWEST_FOR_CHART;
    let bars = bars(&report.days, unit);
    let (title, lead) = match unit {
        _ if !has_chart => ("Requests by status", "The period has too few days for a chart."),
        Unit::Day => (
            "Requests by day",
            "Failed requests are at the bottom of each bar; weekends are marked under the axis.",
        ),
        Unit::Week => (
            "Requests by week",
            "The mean of the days of each week (ISO, Monday to Sunday). Failed requests are at the bottom of each bar.",
        ),
        Unit::Month => (
            "Requests by month",
            "The mean of the days of each month. Failed requests are at the bottom of each bar.",
        ),
    };
    view.section(
        "days",
        title,
        lead,
        html! {
            @if has_chart {
                (chart(view, &bars, unit))
                details.numbers {
                    summary { "The numbers" }
                    (numbers(view, &bars, unit))
                }
            }
            details.numbers open[!has_chart] {
                summary { "By status, compared" }
                (status::table(view))
            }
        },
    )
}

fn chart(view: &View<'_>, bars: &[Bar], unit: Unit) -> Markup {
    let report = view.report;
    let mean = mean_before(report);
    let most = stack::most(bars).max(mean.unwrap_or(0));
    let plot = Plot::new(report.period, most, PIXELS);
    html! {
        figure.chart {
            ul.legend {
                @for ((class, fill), text) in [
                    (SUCCEEDED, "2xx and 3xx"),
                    (OTHER_400, "other 4xx"),
                    (LIMITED, "429, rate limited"),
                    (FAILED_500, "5xx"),
                ] {
                    li { (key(class, fill)) (text) }
                }
                @if let Some(mean) = mean {
                    li { span.dash aria-hidden="true" {} "mean before: " (grouped(mean)) " a day" }
                }
            }
            div.days {
                (plot.markup(
                    &says(report, bars, unit),
                    stack::bars(&plot, bars, unit, |bar| say(bar, unit)),
                    html! {
                        @if unit == Unit::Day { (weekends(&plot)) }
                        @if let Some(mean) = mean {
                            line.mean stroke=(AXIS) stroke-dasharray="4 3" x1="0" x2="100%"
                                y1=(plot.pixel(mean)) y2=(plot.pixel(mean)) {}
                        }
                    },
                ))
                input type="range" hidden min="0" max=(bars.len() - 1) value=(bars.len() - 1) step="1"
                    data-days=(view.id("days-numbers")) aria-label=(view.unique("Choose a bar of the chart"));
                output.say {}
            }
        }
    }
}

/// A square of a series' colour.
fn key(class: &str, fill: &str) -> Markup {
    html! {
        svg.key aria-hidden="true" width="12" height="12" { rect.(class) fill=(fill) width="12" height="12" {} }
    }
}

fn weekends(plot: &Plot) -> Markup {
    let days = plot.period.each_day();
    let weekends = days.filter(|day| matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    html! {
        @for day in weekends {
            rect.weekend fill=(AXIS) x=(plot.percent(day, 0)) width=(plot.percent_of(2)) y=(plot.bottom()) height="4" {}
        }
    }
}

/// The mean of the days of the previous period.
fn mean_before(report: &Report) -> Option<i128> {
    let (requests, days) = (report.totals_before.requests, i128::from(report.before.days()));
    (requests > 0).then(|| (i128::from(requests) + days / 2) / days)
}

/// What a person would say about the chart.
fn says(report: &Report, bars: &[Bar], unit: Unit) -> String {
    let a_day = |bar: &&Bar| bar.a_day(bar.counts.requests);
    let (high, low) = (bars.iter().max_by_key(a_day), bars.iter().min_by_key(a_day));
    let each = if unit == Unit::Day { "" } else { " a day" };
    let mut says = format!(
        "Requests from {}: {} in all",
        name_of(report.period),
        grouped(report.totals.requests)
    );
    for (what, bar) in [("highest", high), ("lowest", low)] {
        if let Some(bar) = bar {
            let count = grouped(bar.a_day(bar.counts.requests));
            says.push_str(&format!("; {what} {count}{each}, {}", bar.name(unit)));
        }
    }
    says.push('.');
    says
}

/// The counts of a bar in words.
fn say(bar: &Bar, unit: Unit) -> String {
    let counts = &bar.counts;
    let a_day = match unit {
        Unit::Day => String::new(),
        _ => format!(", {} a day", grouped(bar.a_day(counts.requests))),
    };
    let limited = match counts.status429 {
        0 => "none rate limited".to_owned(),
        count => format!(
            "{} rate limited ({})",
            grouped(count),
            typeset(&percent(count, counts.requests))
        ),
    };
    format!(
        "{}: {}{a_day}; {limited}, {} other 4xx, {} 5xx",
        bar.name(unit),
        counted(counts.requests, "request"),
        grouped(counts.other_400()),
        grouped(counts.status500)
    )
}

fn numbers(view: &View<'_>, bars: &[Bar], unit: Unit) -> Markup {
    let (heading, noun) = match unit {
        Unit::Day => ("Day", ("day", "days")),
        Unit::Week => ("Week", ("week", "weeks")),
        Unit::Month => ("Month", ("month", "months")),
    };
    let mut columns = vec![column(heading, Kind::Text), column("Requests", Kind::Number)];
    if unit != Unit::Day {
        columns.push(column("A day", Kind::Number));
    }
    columns.extend(["2xx", "3xx", "4xx", "429", "5xx"].map(|name| column(name, Kind::Number)));
    let rows = bars.iter().map(|bar| {
        let counts = &bar.counts;
        let name = Cell::name(&bar.name(unit), bar.first.to_string());
        let mut cells = vec![name, Cell::Count(counts.requests)];
        if unit != Unit::Day {
            cells.push(Cell::sum(Some(bar.a_day(counts.requests))));
        }
        let by_status = [
            counts.status200,
            counts.status300,
            counts.status400,
            counts.status429,
            counts.status500,
        ];
        cells.extend(by_status.map(Cell::Count));
        Row {
            cells,
            say: Some(say(bar, unit)),
        }
    });
    let label = view.unique(&format!("Requests by {}", noun.0));
    Table {
        filter: Some(noun.1),
        ..Table::new(view.id("days-numbers"), label, noun.1, columns, rows.collect())
    }
    .markup()
}

/// The period with its length, for the header.
pub(super) fn described(period: crate::calendar::Period) -> String {
    let days = counted(period.days(), "day");
    let first_and_last = match period.first == period.last {
        true => long_date(period.first),
        false => format!("{} to {}", long_date(period.first), long_date(period.last)),
    };
    format!("{first_and_last}, {days} (UTC)")
}
