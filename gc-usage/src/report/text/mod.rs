//! The report for a terminal.

use std::io::{self, Write};

use textwrap::core::display_width;

use super::{
    chart::{Gauge, bar, chart, gauge},
    contributors::{Contributor, Contributors},
    counts::Counts,
    model::Report,
    sentences,
};
use crate::{
    labels::plain,
    screen::{Screen, Style},
    text::{WIDEST, broken, escape_control, grouped, padded, percent, widest_part},
};

/// Room that a column of names gets before it is broken within its words.
const NARROWEST_NAME: usize = 16;
/// The indent of the further lines of a name.
const INDENT: &str = "  ";
const WIDEST_BAR: usize = 24;
const NARROWEST_BAR: usize = 6;

pub(crate) fn text(out: &mut impl Write, report: &Report, top: usize, screen: &Screen) -> io::Result<()> {
    let period = &report.period;
    let whose = match &report.profile {
        Some(name) => format!(" of {}", escape_control(name)),
        None => String::new(),
    };
    let title = format!("API usage{whose}, {} to {}", period.first, period.last);
    heading(out, &title, screen)?;
    sentence(out, &sentences::period(report), screen)?;
    writeln!(out)?;
    totals(out, report, screen)?;
    chart(out, report, screen)?;
    contributors(
        out,
        "Clients",
        &report.clients,
        report,
        top,
        screen,
        |contributor| contributor.label(),
    )?;
    contributors(out, "Endpoints", &report.endpoints, report, top, screen, endpoint)?;
    rate_limited(out, report, top, screen)?;
    month(out, report, screen)
}

fn endpoint(contributor: Contributor<'_>) -> String {
    plain("", contributor.id()).into_owned()
}

fn heading(out: &mut impl Write, text: &str, screen: &Screen) -> io::Result<()> {
    let lines = screen.columns.map(|columns| broken(text, columns, ""));
    for line in lines.unwrap_or_else(|| vec![text.to_owned()]) {
        writeln!(out, "{}", screen.paint(Style::Heading, &line))?;
    }
    Ok(())
}

fn sentence(out: &mut impl Write, text: &str, screen: &Screen) -> io::Result<()> {
    match screen.columns {
        Some(columns) => writeln!(out, "{}", broken(text, columns, "").join("\n")),
        None => writeln!(out, "{text}"),
    }
}

fn totals(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let (now, before) = (&report.totals, &report.totals_before);
    type Line = (&'static str, fn(&Counts) -> i64, Option<Style>);
    let lines: [Line; 6] = [
        ("Requests", |counts| counts.requests, None),
        ("  2xx", |counts| counts.status200, None),
        ("  3xx", |counts| counts.status300, None),
        ("  4xx", |counts| counts.status400, Some(Style::Warning)),
        ("    429", |counts| counts.status429, Some(Style::Bad)),
        ("  5xx", |counts| counts.status500, Some(Style::Bad)),
    ];
    let width = grouped(now.requests).len();
    let line = |(name, count, _): &Line, has_share: bool| {
        let share = match has_share {
            true => format!(" {:>8}", percent(count(now), now.requests)),
            false => String::new(),
        };
        let change = report.change(count(now), count(before));
        format!("{name:<9} {:>width$}{share}  {change}", grouped(count(now)))
    };
    let widest = lines.iter().map(|of| line(of, true).len()).max();
    let has_share = screen.columns.is_none() || widest <= screen.columns;
    for of in &lines {
        let line = line(of, has_share);
        let line = match of.2.filter(|_| of.1(now) > 0) {
            Some(style) => screen.paint(style, &line),
            None => line,
        };
        writeln!(out, "{line}")?;
    }
    writeln!(out)
}

/// A column of numbers: its heading and its cells, from the top.
type Numbers = (&'static str, Vec<String>);

/// A list of names with numbers behind them, and bars where there is room. Columns are left out from the last on, until
/// no word of a name must be broken.
struct List<'a> {
    title: &'a str,
    names: Vec<String>,
    numbers: Vec<Numbers>,
    /// Empty if there are none.
    bars: Vec<i64>,
}

impl List<'_> {
    fn write(mut self, out: &mut impl Write, screen: &Screen) -> io::Result<()> {
        let all = self.names.iter().map(String::as_str).chain([self.title]);
        let longest = all.clone().map(display_width).max().unwrap_or(0).min(WIDEST);
        let indent = display_width(INDENT);
        let needed = all.map(widest_part).max().unwrap_or(0) + indent;
        let needed = needed.min(longest).max(longest.min(NARROWEST_NAME));
        while self.numbers.len() > 1 && self.room(screen.width()) < needed {
            self.numbers.pop();
        }
        // In a pipe or a file there is no edge to keep to.
        let room = match screen.columns {
            Some(columns) => self.room(columns).max(1),
            None => self.room(screen.width()).max(longest),
        };
        let width = longest.min(room);
        let bar_width = room.saturating_sub(width + 2).min(WIDEST_BAR);
        let has_bars = bar_width >= NARROWEST_BAR && !self.bars.is_empty();
        let head = self.numbers.iter().zip(self.widths());
        let head: String = head
            .map(|((heading, _), width)| format!(" {heading:>width$}"))
            .collect();
        heading(out, &format!("{}{head}", padded(self.title, width)), screen)?;
        let most = self.bars.first().copied().unwrap_or(0);
        for (at, name) in self.names.iter().enumerate() {
            let numbers = self.numbers.iter().zip(self.widths());
            let numbers: String = numbers
                .map(|((_, cells), width)| format!(" {:>width$}", cells[at]))
                .collect();
            let bar = match has_bars {
                true => bar(self.bars[at], most, bar_width, screen.unicode),
                false => String::new(),
            };
            let mut lines = broken(name, width, INDENT).into_iter();
            let first = padded(&lines.next().unwrap_or_default(), width);
            writeln!(out, "{}", format!("{first}{numbers}  {bar}").trim_end())?;
            for line in lines {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    fn widths(&self) -> impl Iterator<Item = usize> {
        let widest =
            |(heading, cells): &Numbers| cells.iter().map(String::len).max().max(Some(heading.len()));
        self.numbers
            .iter()
            .map(move |numbers| widest(numbers).unwrap_or(0))
    }

    /// What the numbers leave for names.
    fn room(&self, columns: usize) -> usize {
        columns.saturating_sub(self.widths().map(|width| width + 1).sum())
    }
}

fn contributors(
    out: &mut impl Write,
    what: &str,
    contributors: &Contributors,
    report: &Report,
    top: usize,
    screen: &Screen,
    label: fn(Contributor<'_>) -> String,
) -> io::Result<()> {
    let shown: Vec<_> = contributors.active().take(top).collect();
    if shown.is_empty() {
        heading(out, what, screen)?;
        writeln!(out, "none")?;
    } else {
        let column = |cell: &dyn Fn(&Contributor<'_>) -> String| shown.iter().map(cell).collect();
        let change = match report.is_compared_by_day() {
            true => "change a day",
            false => "change",
        };
        let wide = |text: String| format!("{text:>8}");
        let list = List {
            title: what,
            names: column(&|contributor| label(*contributor)),
            numbers: vec![
                (
                    "Requests",
                    column(&|contributor| grouped(contributor.counts().requests)),
                ),
                (
                    "share",
                    column(&|contributor| {
                        wide(percent(contributor.counts().requests, report.totals.requests))
                    }),
                ),
                (
                    change,
                    column(&|contributor| {
                        report.change(contributor.counts().requests, contributor.requests_before())
                    }),
                ),
                (
                    "errors",
                    column(&|contributor| {
                        wide(percent(
                            contributor.counts().errors(),
                            contributor.counts().requests,
                        ))
                    }),
                ),
            ],
            bars: shown
                .iter()
                .map(|contributor| contributor.counts().requests)
                .collect(),
        };
        list.write(out, screen)?;
        more(out, contributors.active().len(), top, screen)?;
    }
    for line in sentences::new_and_gone(report, contributors, top, label) {
        sentence(out, &line, screen)?;
    }
    writeln!(out)
}

fn rate_limited(out: &mut impl Write, report: &Report, top: usize, screen: &Screen) -> io::Result<()> {
    const TITLE: &str = "Being rate limited";
    if report.rate_limited.is_empty() {
        heading(out, TITLE, screen)?;
        return writeln!(out, "{}\n", screen.paint(Style::Good, "nobody"));
    }
    let shown = &report.rate_limited[..report.rate_limited.len().min(top)];
    let names: Vec<_> = shown
        .iter()
        .map(|pair| (report.client(pair).label(), endpoint(report.endpoint(pair))))
        .collect();
    let clients = names.iter().map(|(client, _)| display_width(client)).max();
    let column = |cell: fn(i64, i64) -> String| {
        let cells = shown.iter().map(|pair| cell(pair.status429, pair.requests));
        cells.collect()
    };
    let mut list = List {
        title: TITLE,
        names: names
            .iter()
            .map(|(client, endpoint)| format!("{} {endpoint}", padded(client, clients.unwrap_or(0))))
            .collect(),
        numbers: vec![
            ("429", column(|limited, _| grouped(limited))),
            (
                "rate",
                column(|limited, requests| format!("{:>8}", percent(limited, requests))),
            ),
        ],
        bars: Vec::new(),
    };
    let longest = list.names.iter().map(|name| display_width(name)).max();
    if screen
        .columns
        .is_some_and(|columns| Some(list.room(columns)) < longest)
    {
        // Endpoints below each other, where they do not fit behind clients.
        list.names = names
            .into_iter()
            .map(|(client, endpoint)| format!("{client} {endpoint}"))
            .collect();
    }
    list.write(out, screen)?;
    more(out, report.rate_limited.len(), top, screen)?;
    writeln!(out)
}

fn month(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let month = &report.month;
    heading(out, &month.month.format("%B %Y").to_string(), screen)?;
    if let Some(allotment) = month.allotted() {
        let projected = month.projected;
        let allotment = i128::from(allotment);
        let whole = allotment.max(projected).max(1);
        let width = screen.width().saturating_sub(2).min(60);
        let style = match () {
            () if month.requests > allotment => Style::Bad,
            () if projected > allotment => Style::Warning,
            () => Style::Good,
        };
        let line = gauge(month.requests, projected, allotment, whole, width, screen.unicode);
        writeln!(out, "{}", screen.paint(style, &line))?;
        let Gauge {
            full, light, mark, ..
        } = Gauge::of(screen.unicode);
        writeln!(out, "{full} used  {light} projected  {mark} included")?;
    }
    for line in sentences::month(report, screen.unicode) {
        sentence(out, &line, screen)?;
    }
    Ok(())
}

fn more(out: &mut impl Write, all: usize, top: usize, screen: &Screen) -> io::Result<()> {
    let dots = if screen.unicode { "…" } else { "..." };
    match all.checked_sub(top).filter(|more| *more > 0) {
        Some(more) => writeln!(out, "{dots} and {} more (--top)", grouped(more)),
        None => Ok(()),
    }
}
