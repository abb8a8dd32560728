//! The section of the month: whether the allotment will hold, and when it is used up.

use std::fmt::Write as _;

use chrono::Datelike as _;
use maud::{Markup, html};

use super::{
    month_tables,
    palette::{AXIS, BAD, SUCCEEDED},
    plot::{HEIGHT, Plot},
    view::View,
};
use crate::{
    calendar::{Period, last_of_month},
    projection::MonthUsage,
    report::verdict::date,
    text::grouped,
};

const PIXELS: i128 = 190;
pub(super) fn section(view: &View<'_>, month: &MonthUsage) -> Markup {
    let name = month.month.format("%B %Y");
    let has_allotment = month.allotted().is_some();
    let title = match has_allotment {
        true => format!("{name} against the allotment"),
        false => format!("{name}, added up"),
    };
    let mut lead = "Requests added up day by day".to_owned();
    if has_allotment {
        lead.push_str("; thin: an even pace to the allotment");
    }
    if month.days_left > 0 {
        lead.push_str("; dashed: projected from the same weekdays of the last four weeks");
    }
    view.section(
        "month",
        &title,
        format!("{lead}."),
        html! {
            figure.chart { (chart(month)) }
            details.numbers {
                summary { "The numbers" }
                (month_tables::numbers(view, month))
            }
            (month_tables::months(view, month))
        },
    )
}

fn chart(month: &MonthUsage) -> Markup {
    let allotment = month.allotted().map(i128::from);
    let high = month.range.map_or(month.projected, |(_, high)| high);
    let most = high.max(month.projected).max(allotment.unwrap_or(0));
    let period = Period {
        first: month.month,
        last: last_of_month(month.month),
    };
    let days = period.days();
    let mut plot = Plot::new(period, most, PIXELS);
    // A point of the line is at the end of its day, and so is the label. The last day is in place of the 29th.
    plot.label_at = 2;
    plot.labelled = period
        .each_day()
        .step_by(7)
        .take(4)
        .chain([period.last])
        .collect();
    let until = i64::from(month.until.day());
    let sums: Vec<_> = month.sums().collect();
    let exceeded = allotment.and_then(|allotment| month.exceeds_on(allotment));
    let drawing = html! {
        @if let Some(allotment) = allotment {
            path.pace fill="none" stroke=(AXIS) vector-effect="non-scaling-stroke"
                d=(format!("M0 {HEIGHT}L{days} {}", plot.y(allotment))) {}
        }
        @if let Some(band) = band(&plot, month, until) {
            path.band fill=(SUCCEEDED.1) fill-opacity="0.2" d=(band) {}
        }
        path.line fill="none" stroke=(SUCCEEDED.1) stroke-width="2.5" vector-effect="non-scaling-stroke"
            d=(line(&plot, std::iter::once(0).chain(sums.iter().map(|(_, sum)| *sum)), 0)) {}
        @if month.days_left > 0 {
            path.line fill="none" stroke=(SUCCEEDED.1) stroke-width="2.5" stroke-dasharray="6 4" vector-effect="non-scaling-stroke"
                d=(line(&plot, std::iter::once(month.requests).chain(month.projection.iter().map(|day| day.projected)), until)) {}
        }
    };
    let above = html! {
        @if let Some(allotment) = allotment {
            @let y = plot.pixel(allotment);
            // The line of requests starts at the bottom left, so the label is there, unless the allotment is too.
            @let is_low = allotment * 2 < plot.most;
            line.allotment stroke=(BAD.1) stroke-width="2" x1="0" x2="100%" y1=(y) y2=(y) {}
            text.allotment.halo fill=(BAD.1) font-weight="bold" y=(y - 6) x=(if is_low { "100%" } else { "0" })
                text-anchor=(if is_low { "end" } else { "start" }) { (grouped(allotment)) " included" }
        }
        @if let Some(day) = exceeded {
            @let x = plot.percent_of(i64::from(day.day()) * 2);
            @let is_left = i64::from(day.day()) * 5 < days;
            line.drop stroke=(BAD.1) stroke-dasharray="2 3" x1=(x) x2=(x) y1=(plot.pixel(allotment.unwrap_or(0))) y2=(plot.bottom()) {}
            text.allotment.halo fill=(BAD.1) font-weight="bold" x=(x) y=(plot.bottom() - 8) dx=(if is_left { "6" } else { "-6" })
                text-anchor=(if is_left { "start" } else { "end" }) {
                @if day > month.until { "about " } (date(day))
            }
        }
        circle.point fill=(SUCCEEDED.1) r="4" cx=(plot.percent_of(until * 2)) cy=(plot.pixel(month.requests)) {}
    };
    html! {
        ul.legend {
            li { span.solid aria-hidden="true" {} b { (grouped(month.requests)) } " until " (date(month.until)) }
            @if month.days_left > 0 {
                li { span.dash.blue aria-hidden="true" {} b { (grouped(month.projected)) } " projected" }
                @match month.range {
                    Some((low, high)) => li { span.area aria-hidden="true" {} "likely (four of five such months): " (grouped(low)) " to " (grouped(high)) },
                    None => li { "too few days for a range" },
                }
            }
        }
        (plot.markup(&says(month, allotment), drawing, above))
    }
}

/// A line through values at the end of each day, from a day.
fn line(plot: &Plot, values: impl Iterator<Item = i128>, first: i64) -> String {
    let mut path = String::new();
    for (x, value) in (first..).zip(values) {
        let command = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{command}{x} {}", plot.y(value));
    }
    path
}

/// The area that includes four of five outcomes.
fn band(plot: &Plot, month: &MonthUsage, until: i64) -> Option<String> {
    let ranges = month.projection.iter().map(|day| day.range);
    let ranges: Option<Vec<_>> = ranges.collect();
    let ranges = ranges.filter(|ranges| !ranges.is_empty())?;
    let start = std::iter::once(month.requests);
    let mut path = line(plot, start.chain(ranges.iter().map(|(_, high)| *high)), until);
    for (x, (low, _)) in (until + 1..).zip(&ranges).collect::<Vec<_>>().into_iter().rev() {
        let _ = write!(path, "L{x} {}", plot.y(*low));
    }
    path.push('z');
    Some(path)
}

/// What a person would say about the chart.
fn says(month: &MonthUsage, allotment: Option<i128>) -> String {
    let mut says = format!(
        "Requests of {}, added up: {} until {}",
        month.month.format("%B %Y"),
        grouped(month.requests),
        date(month.until)
    );
    if month.days_left > 0 {
        let _ = write!(
            says,
            "; {} projected for the end of the month",
            grouped(month.projected)
        );
    }
    if let Some(allotment) = allotment {
        let _ = write!(says, "; {} are included", grouped(allotment));
        if let Some(day) = month.exceeds_on(allotment) {
            let verb = if day > month.until {
                "will be used up about"
            } else {
                "were used up on"
            };
            let _ = write!(says, ", which {verb} {}", date(day));
        }
    }
    says.push('.');
    says
}
