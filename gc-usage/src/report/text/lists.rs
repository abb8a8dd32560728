//! The lists of a page: clients, endpoints, and pairs that are being rate limited.

use std::io::{self, Write};

use textwrap::core::display_width;

use super::{
    super::{
        contributors::{Contributor, Contributors},
        counts::Counts,
        model::Report,
        sentences,
    },
    lines::{heading, sentence},
    list::List,
};
use crate::{
    labels::plain,
    screen::{Screen, Style},
    text::{grouped, padded, percent},
};

pub(super) fn endpoint(one: Contributor<'_>) -> String {
    plain("", one.id()).into_owned()
}

pub(super) fn contributors(
    out: &mut impl Write,
    title: &str,
    contributors: &Contributors,
    report: &Report,
    top: usize,
    screen: &Screen,
    label: fn(Contributor<'_>) -> String,
) -> io::Result<()> {
    let shown: Vec<_> = contributors.active().take(top).collect();
    if shown.is_empty() {
        heading(out, title, screen)?;
        writeln!(out, "none")?;
    } else {
        // Makes the cells of a column from the counts and the requests in the previous period.
        let column = |cell: &dyn Fn(&Counts, i64) -> String| {
            let cells = shown.iter().map(|one| cell(one.counts(), one.requests_before()));
            cells.collect()
        };
        let change = match report.is_compared_by_day() {
            true => "change per day",
            false => "change",
        };
        let list = List {
            title,
            names: shown.iter().map(|one| label(*one)).collect(),
            numbers: vec![
                ("Requests", column(&|counts, _| grouped(counts.requests))),
                (
                    "share",
                    column(&|counts, _| share(counts.requests, report.totals.requests)),
                ),
                (
                    change,
                    column(&|counts, before| report.change(counts.requests, before)),
                ),
                (
                    "errors",
                    column(&|counts, _| share(counts.errors(), counts.requests)),
                ),
            ],
            bars: shown.iter().map(|one| one.counts().requests).collect(),
        };
        list.write(out, screen)?;
        more(out, contributors.active().len(), top, screen)?;
    }
    for line in sentences::new_and_gone(report, contributors, top, label) {
        sentence(out, &line, screen)?;
    }
    writeln!(out)
}

pub(super) fn rate_limited(
    out: &mut impl Write,
    report: &Report,
    top: usize,
    screen: &Screen,
) -> io::Result<()> {
    const TITLE: &str = "Being rate limited";
    if report.pairs.rate_limited().len() == 0 {
        heading(out, TITLE, screen)?;
        return writeln!(out, "{}\n", screen.paint(Style::Good, "none"));
    }
    let shown: Vec<_> = report.pairs.rate_limited().take(top).collect();
    let names: Vec<_> = shown
        .iter()
        .map(|pair| (report.client(*pair).label(), endpoint(report.endpoint(*pair))))
        .collect();
    let clients = names.iter().map(|(client, _)| display_width(client)).max();
    let column = |cell: fn(i64, i64) -> String| {
        let cells = shown
            .iter()
            .map(|pair| cell(pair.counts.status429, pair.counts.requests));
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
            ("rate", column(share)),
        ],
        bars: Vec::new(),
    };
    let longest = list.names.iter().map(|name| display_width(name)).max();
    if screen
        .columns
        .is_some_and(|columns| Some(list.room(columns)) < longest)
    {
        // Not aligned, if they do not fit.
        list.names = names
            .into_iter()
            .map(|(client, endpoint)| format!("{client} {endpoint}"))
            .collect();
    }
    list.write(out, screen)?;
    more(out, report.pairs.rate_limited().len(), top, screen)?;
    writeln!(out)
}

/// A share, padded to the width of the longest.
fn share(part: i64, whole: i64) -> String {
    format!("{:>8}", percent(part, whole))
}

fn more(out: &mut impl Write, all: usize, top: usize, screen: &Screen) -> io::Result<()> {
    let dots = if screen.unicode { "…" } else { "..." };
    match all.checked_sub(top).filter(|more| *more > 0) {
        Some(more) => writeln!(out, "{dots} and {} more (--top)", grouped(more)),
        None => Ok(()),
    }
}
