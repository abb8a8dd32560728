//! The report for a terminal.

mod chart;
mod lines;
mod list;
mod lists;
mod month;

use std::io::{self, Write};

pub(crate) use self::list::List;
use self::{
    chart::chart,
    lines::{heading, sentence, styled},
    lists::{contributors, endpoint, rate_limited},
    month::month,
};
use super::{
    counts::Counts,
    model::{Failed, Report},
    sentences,
    verdict::{Level, State, facts, verdict},
};
use crate::{
    screen::{Screen, Style},
    text::{escape_control, grouped, percent},
};

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
    summary(out, report, screen)?;
    totals(out, report, screen)?;
    chart(out, report, screen)?;
    let clients = &report.clients;
    contributors(out, "Clients", clients, report, top, screen, |client| {
        client.label()
    })?;
    contributors(out, "Endpoints", &report.endpoints, report, top, screen, endpoint)?;
    rate_limited(out, report, top, screen)?;
    month(out, report, screen)
}

/// What is there instead of the report of an organization that failed.
pub(crate) fn failed_as_text(out: &mut impl Write, failed: &Failed, screen: &Screen) -> io::Result<()> {
    let whose = escape_control(failed.profile.as_deref().unwrap_or_default());
    heading(out, &format!("API usage of {whose}"), screen)?;
    let error = format!("No data: {}", escape_control(&failed.line()));
    styled(out, &error, Style::Bad, screen)
}

/// Whether something is wrong, and who uses most. Without an allotment, the headline would only repeat the totals.
fn summary(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let verdict = verdict(report);
    let style = match verdict.state.level() {
        Level::Neutral => Style::Heading,
        Level::Good => Style::Good,
        Level::Doubtful | Level::Warning => Style::Warning,
        Level::Bad => Style::Bad,
    };
    if verdict.state != State::NoAllotment {
        styled(out, &verdict.headline, style, screen)?;
    }
    for fact in facts(report) {
        sentence(out, &fact, screen)?;
    }
    writeln!(out)
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
