//! Bars: of days, of shares, and of the month.

use std::io::{self, Write};

use super::model::Report;
use crate::{
    screen::{Screen, Style},
    text::{counted, grouped},
};

/// Lines of the chart of days.
const CHART_HEIGHT: usize = 6;

/// Bars of the requests of each day; where the screen is too narrow, of the mean of several days, since the last of them
/// may be fewer.
pub(super) fn chart(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let most_digits = report
        .days
        .iter()
        .map(|day| grouped(day.requests).len())
        .max()
        .unwrap_or(0);
    let room = screen.width().saturating_sub(most_digits + 4).max(10);
    let together = report.days.len().div_ceil(room).max(1);
    let bars: Vec<i128> = report
        .days
        .chunks(together)
        .map(|days| mean(days.iter().map(|day| day.requests)))
        .collect();
    let what = match together {
        1 => "Requests by day".to_owned(),
        days => format!("Requests a day, mean of {}", counted(days, "day")),
    };
    writeln!(out, "{}", screen.paint(Style::Heading, &what))?;
    let most = bars.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return writeln!(out, "none\n");
    }
    let wide = if bars.len() * 3 <= room {
        3
    } else if bars.len() * 2 <= room {
        2
    } else {
        1
    };
    let digits = grouped(most).len();
    for line in (0..CHART_HEIGHT).rev() {
        let label = match line {
            _ if line + 1 == CHART_HEIGHT => grouped(most),
            0 => "0".to_owned(),
            _ => String::new(),
        };
        let bars: String = bars
            .iter()
            .map(|count| cell(*count, most, line, wide, screen.unicode))
            .collect();
        writeln!(
            out,
            "{label:>digits$} {} {}",
            if screen.unicode { "┤" } else { "|" },
            bars.trim_end()
        )?;
    }
    let (first, last) = (report.period.first.to_string(), report.period.last.to_string());
    let length = (bars.len() * wide).max(first.len() + last.len() + 1);
    match first == last {
        true => writeln!(out, "{:digits$}   {first}\n", "")?,
        false => writeln!(
            out,
            "{:digits$}   {first}{last:>rest$}\n",
            "",
            rest = length - first.len()
        )?,
    }
    Ok(())
}

fn mean(counts: impl ExactSizeIterator<Item = i128>) -> i128 {
    let days = counts.len().max(1) as i128;
    (counts.sum::<i128>() + days / 2) / days
}

/// What a bar shows in one line of the chart, counted from the bottom.
fn cell(count: i128, most: i128, line: usize, wide: usize, unicode: bool) -> String {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let steps = i128::try_from(CHART_HEIGHT * 8).unwrap_or(48);
    // What is there is seen, however little it is.
    let filled = (count * steps / most).max(i128::from(count > 0));
    let filled = usize::try_from(filled)
        .unwrap_or(0)
        .saturating_sub(line * 8)
        .min(8);
    let letter = match unicode {
        true => EIGHTHS[filled],
        false if filled >= 4 => '#',
        false if filled > 0 => '.',
        false => ' ',
    };
    let bar = String::from(letter).repeat(wide.div_ceil(2));
    format!("{bar:<wide$}")
}

pub(super) fn bar(count: i64, most: i64, width: usize, unicode: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = i128::from(count) * i128::try_from(width * 8).unwrap_or(0) / i128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    match unicode {
        true => {
            let eighths = eighths.max(usize::from(count > 0));
            format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
        }
        false => "#".repeat((eighths / 8).max(usize::from(count > 0))),
    }
}

/// The letters of the month's bar.
pub(super) struct Gauge {
    pub(super) full: char,
    pub(super) light: char,
    empty: char,
    pub(super) mark: char,
}

impl Gauge {
    pub(super) fn of(unicode: bool) -> Self {
        let [full, light, empty, mark] = if unicode {
            ['█', '▒', '░', '│']
        } else {
            ['#', '+', '.', '|']
        };
        Self {
            full,
            light,
            empty,
            mark,
        }
    }
}

/// What is used, what is projected, and where the allotment ends.
pub(super) fn gauge(
    used: i128,
    projected: i128,
    allotment: i128,
    whole: i128,
    width: usize,
    unicode: bool,
) -> String {
    let place = |count: i128| {
        let width = i128::try_from(width).unwrap_or(0);
        usize::try_from(count * width / whole)
            .unwrap_or(0)
            .min(width.try_into().unwrap_or(0))
    };
    let Gauge {
        full,
        light,
        empty,
        mark,
    } = Gauge::of(unicode);
    let mut line: Vec<char> = (0..width)
        .map(|at| match () {
            () if at < place(used) => full,
            () if at < place(projected) => light,
            () => empty,
        })
        .collect();
    if place(allotment) < line.len() {
        line[place(allotment)] = mark;
    }
    line.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_what_is_there_and_no_more() {
        assert_eq!(bar(0, 100, 4, true), "");
        assert_eq!(bar(1, 100_000, 4, true), "▏");
        assert_eq!(bar(50, 100, 4, true), "██");
        assert_eq!(bar(100, 100, 4, false), "####");
        assert_eq!(gauge(50, 80, 100, 100, 10, false), "#####+++..");
        assert_eq!(gauge(50, 200, 100, 200, 10, false), "##+++|++++");
    }
}
