//! The chart of days.

use std::io::{self, Write};

use super::super::model::Report;
use crate::{
    screen::{Screen, Style},
    text::{counted, grouped},
};

/// The number of lines of the chart.
const CHART_HEIGHT: usize = 6;

/// Writes a bar for the requests of each day. If the screen is too narrow, a bar is the mean of several days; a sum would
/// be too low for the last bar, which may have fewer days.
pub(super) fn chart(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let digits = report.days.iter().map(|day| grouped(day.counts.requests).len());
    let most_digits = digits.max().unwrap_or(0);
    let room = screen.width().saturating_sub(most_digits + 4).max(10);
    let together = report.days.len().div_ceil(room).max(1);
    let bars = report.days.chunks(together);
    let bars = bars.map(|days| mean(days.iter().map(|day| i128::from(day.counts.requests))));
    let bars: Vec<i128> = bars.collect();
    let what = match together {
        1 => "Requests by day".to_owned(),
        days => format!("Requests per day, mean of {}", counted(days, "day")),
    };
    writeln!(out, "{}", screen.paint(Style::Heading, &what))?;
    let most = bars.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return writeln!(out, "none\n");
    }
    let wide = (room / bars.len()).clamp(1, 3);
    bars_of(out, &bars, most, wide, screen.unicode)?;
    let digits = grouped(most).len();
    let (first, last) = (report.period.first.to_string(), report.period.last.to_string());
    let length = (bars.len() * wide).max(first.len() + last.len() + 1);
    match first == last {
        true => writeln!(out, "{:digits$}   {first}\n", ""),
        false => writeln!(
            out,
            "{:digits$}   {first}{last:>rest$}\n",
            "",
            rest = length - first.len()
        ),
    }
}

/// The lines of the chart, from the top.
fn bars_of(out: &mut impl Write, bars: &[i128], most: i128, wide: usize, unicode: bool) -> io::Result<()> {
    let digits = grouped(most).len();
    let axis = if unicode { "┤" } else { "|" };
    for line in (0..CHART_HEIGHT).rev() {
        let label = match line {
            _ if line + 1 == CHART_HEIGHT => grouped(most),
            0 => "0".to_owned(),
            _ => String::new(),
        };
        let cells = bars.iter().map(|count| cell(*count, most, line, wide, unicode));
        let cells: String = cells.collect();
        writeln!(out, "{label:>digits$} {axis} {}", cells.trim_end())?;
    }
    Ok(())
}

fn mean(counts: impl ExactSizeIterator<Item = i128>) -> i128 {
    let days = counts.len().max(1) as i128;
    (counts.sum::<i128>() + days / 2) / days
}

/// The part of a bar in one line of the chart, counted from the bottom.
fn cell(count: i128, most: i128, line: usize, wide: usize, unicode: bool) -> String {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let steps = i128::try_from(CHART_HEIGHT * 8).unwrap_or(48);
    // Any count above 0 is visible.
    let filled = (count * steps / most).max(i128::from(count > 0));
    let filled = usize::try_from(filled).unwrap_or(0);
    let filled = filled.saturating_sub(line * 8).min(8);
    let character = match unicode {
        true => EIGHTHS[filled],
        false if filled >= 4 => '#',
        false if filled > 0 => '.',
        false => ' ',
    };
    let bar = String::from(character).repeat(wide.div_ceil(2));
    format!("{bar:<wide$}")
}
