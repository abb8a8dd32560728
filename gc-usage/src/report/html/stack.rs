//! Bars of requests by status: failures at the bottom, where they have a common base.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{
    palette::{FAILED_500, Fill, LIMITED, OTHER_400, SUCCEEDED},
    plot::{HEIGHT, Plot},
    scale::{Bar, Unit},
};
use crate::report::counts::Counts;

type Part = (Fill, fn(&Counts) -> i64);

/// The parts of a bar from the bottom. The last one makes it as high as all requests.
const PARTS: [Part; 4] = [
    (FAILED_500, |counts| counts.status500),
    (LIMITED, |counts| counts.status429),
    (OTHER_400, Counts::other_400),
    (SUCCEEDED, |counts| {
        counts.requests.saturating_sub(counts.errors()).max(0)
    }),
];

/// The highest bar, in requests on a day.
pub(super) fn most(bars: &[Bar]) -> i128 {
    let heights = bars.iter().map(|bar| {
        let parts = PARTS.iter().map(|(_, count)| count(&bar.counts).max(0));
        bar.a_day(parts.fold(0, i64::saturating_add))
    });
    heights.max().unwrap_or(0)
}

/// A bar with a tooltip for each day, week or month.
pub(super) fn bars(plot: &Plot, bars: &[Bar], unit: Unit, say: impl Fn(&Bar) -> String) -> Markup {
    html! {
        @for bar in bars {
            g.bar data-width=[(unit != Unit::Day).then_some(bar.days)] {
                title { (say(bar)) }
                @for (fill, path) in parts(plot, bar, unit) {
                    path.(fill.0) fill=(fill.1) d=(path) {}
                }
            }
        }
    }
}

/// The same without tooltips: one path for each status.
pub(super) fn paths(plot: &Plot, bars: &[Bar], unit: Unit) -> Markup {
    let mut paths = PARTS.map(|(fill, _)| (fill, String::new()));
    for bar in bars {
        for (of, path) in parts(plot, bar, unit) {
            if let Some((_, all)) = paths.iter_mut().find(|(fill, _)| *fill == of) {
                all.push_str(&path);
            }
        }
    }
    html! {
        @for (fill, path) in paths.iter().filter(|(_, path)| !path.is_empty()) {
            path.(fill.0) fill=(fill.1) d=(path) {}
        }
    }
}

/// The rectangles of a bar, each as a path.
fn parts(plot: &Plot, bar: &Bar, unit: Unit) -> Vec<(Fill, String)> {
    // Hundredths of a day.
    let side = match unit {
        Unit::Day => 8,
        Unit::Week => 40,
        Unit::Month => 100,
    };
    let side = side.min(15 * bar.days);
    let left = (bar.first - plot.period.first).num_days() * 100 + side;
    let width = bar.days * 100 - 2 * side;
    let hundredths = |number: i64| format!("{}.{:02}", number / 100, number % 100);
    // Greys must keep them apart too.
    let gap = HEIGHT * 3 / 2 / plot.pixels;
    let mut sum: i64 = 0;
    let mut parts = Vec::new();
    for (fill, count) in PARTS {
        let bottom = plot.y(bar.a_day(sum));
        sum = sum.saturating_add(count(&bar.counts).max(0));
        let top = plot.y(bar.a_day(sum));
        let is_above_others = fill == SUCCEEDED && bottom < HEIGHT;
        let bottom = if is_above_others { bottom - gap } else { bottom };
        if bottom <= top {
            continue;
        }
        let mut path = String::new();
        let _ = write!(
            path,
            "M{} {bottom}V{top}h{}V{bottom}z",
            hundredths(left),
            hundredths(width)
        );
        parts.push((fill, path));
    }
    parts
}
