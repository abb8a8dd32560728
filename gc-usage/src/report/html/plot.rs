//! The frame of a chart: it scales with the page, while its texts keep their size. Horizontal positions are percentages,
//! vertical ones pixels.

use chrono::NaiveDate;
use maud::{Markup, Render, html};

use super::{
    number::short,
    palette::{AXIS, GRID},
    scale::{labelled, ticks},
};
use crate::{calendar::Period, report::verdict::date};

/// The height of the drawing in units. Its width has a unit for each day.
pub(super) const HEIGHT: i128 = 1_000;
/// Space above the drawing, for half of a text.
const ABOVE: i128 = 8;
/// Space below it, for the labels of days.
const BELOW: i128 = 30;

pub(super) struct Plot {
    pub(super) period: Period,
    /// The highest value of the axis.
    pub(super) most: i128,
    /// The height in pixels.
    pub(super) pixels: i128,
    /// The days with a label.
    pub(super) labelled: Vec<NaiveDate>,
    /// Where a label is, in half days from the beginning of its day.
    pub(super) label_at: i64,
}

impl Plot {
    pub(super) fn new(period: Period, most: i128, pixels: i128) -> Self {
        Self {
            period,
            most: ticks(most).0,
            pixels,
            labelled: labelled(period),
            label_at: 1,
        }
    }

    /// The vertical position of a value in the drawing, in its units.
    pub(super) fn y(&self, value: i128) -> i128 {
        HEIGHT - value.clamp(0, self.most) * HEIGHT / self.most
    }

    /// The same in the frame, in pixels.
    pub(super) fn pixel(&self, value: i128) -> i128 {
        ABOVE + self.y(value) * self.pixels / HEIGHT
    }

    /// The bottom of the drawing in the frame.
    pub(super) fn bottom(&self) -> i128 {
        ABOVE + self.pixels
    }

    /// The horizontal position half days after the beginning of a day.
    pub(super) fn percent(&self, day: NaiveDate, half_days: i64) -> String {
        self.percent_of((day - self.period.first).num_days() * 2 + half_days)
    }

    /// The horizontal position after half days.
    pub(super) fn percent_of(&self, half_days: i64) -> String {
        let thousandths = half_days * 50_000 / self.period.days();
        format!("{}.{:03}%", thousandths / 1_000, thousandths % 1_000)
    }

    /// The chart. `says` is what a person would say about it.
    pub(super) fn markup(&self, says: &str, drawing: impl Render, above: impl Render) -> Markup {
        let height = ABOVE + self.pixels + BELOW;
        let days = self.period.days();
        html! {
            svg.plot role="img" aria-label=(says) width="100%" height=(height) overflow="visible" font-size="12" font-family="sans-serif" {
                @for tick in ticks(self.most).1 {
                    line.grid stroke=(GRID) x1="0" x2="100%" y1=(self.pixel(tick)) y2=(self.pixel(tick)) {}
                    text fill=(AXIS) x="-8" y=(self.pixel(tick) + 4) text-anchor="end" { (short(tick)) }
                }
                svg y=(ABOVE) width="100%" height=(self.pixels) viewBox=(format!("0 0 {days} {HEIGHT}")) preserveAspectRatio="none" {
                    (drawing)
                }
                line.axis stroke=(AXIS) x1="0" x2="100%" y1=(self.bottom()) y2=(self.bottom()) {}
                (above)
                @for day in self.labelled.iter().copied() {
                    text fill=(AXIS) x=(self.percent(day, self.label_at)) y=(self.bottom() + 20)
                        text-anchor=(self.anchor(day)) { (self.label(day)) }
                }
            }
        }
    }

    /// At the edges, the label of a day must not leave the chart.
    fn anchor(&self, day: NaiveDate) -> &'static str {
        let (days, at) = (self.period.days(), (day - self.period.first).num_days());
        match at * 100 / days {
            ..4 => "start",
            96.. => "end",
            _ => "middle",
        }
    }

    fn label(&self, day: NaiveDate) -> String {
        match self.period.days() > 300 {
            true => day.format("%b %Y").to_string(),
            false => date(day),
        }
    }
}
