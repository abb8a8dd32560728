//! The report as Markdown, for a ticket or a wiki.

use std::io::{self, Write};

use super::{
    contributors::{Contributor, Contributors},
    model::{Failed, Report},
    sentences,
    verdict::{State, facts, verdict},
};
use crate::{
    labels::plain,
    markdown::{escape_markdown, head, line},
    text::{grouped, percent},
};

pub(crate) fn markdown(out: &mut impl Write, report: &Report, top: usize) -> io::Result<()> {
    let whose = match &report.profile {
        Some(name) => format!(" of {}", escape_markdown(name)),
        None => String::new(),
    };
    let period = &report.period;
    writeln!(
        out,
        "# API usage{whose}, {} to {}\n\n{}.\n",
        period.first,
        period.last,
        sentences::period(report)
    )?;
    let verdict = verdict(report);
    if verdict.state != State::NoAllotment {
        writeln!(out, "**{}**\n", verdict.headline)?;
    }
    let facts = facts(report);
    for fact in &facts {
        writeln!(out, "- {}", escape_markdown(fact))?;
    }
    if !facts.is_empty() {
        writeln!(out)?;
    }
    totals(out, report)?;
    contributors(out, "Clients", &report.clients, report, top, |one| one.label())?;
    contributors(out, "Endpoints", &report.endpoints, report, top, |one| {
        plain("", one.id()).into_owned()
    })?;
    rate_limited(out, report, top)?;
    month(out, report)
}

/// What is there instead of the report of an organization that failed.
pub(crate) fn failed_as_markdown(out: &mut impl Write, failed: &Failed) -> io::Result<()> {
    let whose = escape_markdown(failed.profile.as_deref().unwrap_or_default());
    let error = escape_markdown(&failed.line());
    writeln!(out, "# API usage of {whose}\n\nNo data: {error}")
}

/// The heading of a column of changes.
fn change_heading(report: &Report) -> &'static str {
    match report.is_compared_by_day() {
        true => "Change per day",
        false => "Change",
    }
}

fn totals(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let (now, before) = (&report.totals, &report.totals_before);
    let columns = [
        ("Requests", false),
        ("Count", true),
        ("Share", true),
        (change_heading(report), true),
    ];
    write!(out, "{}", head(columns.into_iter()))?;
    for (name, now_count, before_count) in [
        ("all", now.requests, before.requests),
        ("2xx", now.status200, before.status200),
        ("3xx", now.status300, before.status300),
        ("4xx", now.status400, before.status400),
        ("429, part of 4xx", now.status429, before.status429),
        ("5xx", now.status500, before.status500),
    ] {
        let cells = [
            name.to_owned(),
            grouped(now_count),
            percent(now_count, now.requests),
            report.change(now_count, before_count),
        ];
        write!(out, "{}", line(cells))?;
    }
    writeln!(out)
}

fn contributors(
    out: &mut impl Write,
    heading: &str,
    contributors: &Contributors,
    report: &Report,
    top: usize,
    label: fn(Contributor<'_>) -> String,
) -> io::Result<()> {
    writeln!(out, "## {heading}\n")?;
    let columns = [
        (heading.trim_end_matches('s'), false),
        ("Requests", true),
        ("Share", true),
        (change_heading(report), true),
        ("Errors", true),
        ("429", true),
    ];
    write!(out, "{}", head(columns.into_iter()))?;
    for one in contributors.active().take(top) {
        let counts = one.counts();
        let cells = [
            label(one),
            grouped(counts.requests),
            percent(counts.requests, report.totals.requests),
            report.change(counts.requests, one.requests_before()),
            percent(counts.errors(), counts.requests),
            grouped(counts.status429),
        ];
        write!(out, "{}", line(cells))?;
    }
    writeln!(out)?;
    more(out, contributors.active().len(), top)?;
    let new_and_gone = sentences::new_and_gone(report, contributors, top, |one| escape_markdown(&label(one)));
    for sentence in &new_and_gone {
        writeln!(out, "- {sentence}")?;
    }
    match new_and_gone.is_empty() {
        true => Ok(()),
        false => writeln!(out),
    }
}

fn rate_limited(out: &mut impl Write, report: &Report, top: usize) -> io::Result<()> {
    writeln!(out, "## Rate limiting\n")?;
    if report.pairs.rate_limited().len() == 0 {
        return writeln!(out, "No request was rate limited.\n");
    }
    let columns = [
        ("Client", false),
        ("Endpoint", false),
        ("429", true),
        ("Share of requests", true),
    ];
    write!(out, "{}", head(columns.into_iter()))?;
    for pair in report.pairs.rate_limited().take(top) {
        let cells = [
            report.client(pair).label(),
            plain("", report.endpoint(pair).id()).into_owned(),
            grouped(pair.counts.status429),
            percent(pair.counts.status429, pair.counts.requests),
        ];
        write!(out, "{}", line(cells))?;
    }
    writeln!(out)?;
    more(out, report.pairs.rate_limited().len(), top)
}

fn more(out: &mut impl Write, all: usize, top: usize) -> io::Result<()> {
    match all > top {
        true => writeln!(out, "The first {top} of {}.\n", grouped(all)),
        false => Ok(()),
    }
}

fn month(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Some(month) = &report.month else {
        return writeln!(out, "{}", sentences::NO_MONTH);
    };
    writeln!(out, "## {}\n", month.month.format("%B %Y"))?;
    for sentence in sentences::month(report, month, true) {
        writeln!(out, "- {sentence}")?;
    }
    Ok(())
}
