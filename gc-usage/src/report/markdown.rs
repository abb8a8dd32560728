//! The report as Markdown, for a ticket or a wiki.

use std::io::{self, Write};

use super::{Report, Share, change};
use crate::text::{grouped, markdown_table, percent};

pub(crate) fn markdown(out: &mut impl Write, report: &Report, top: usize) -> io::Result<()> {
    let Report {
        period,
        before,
        totals,
        totals_before,
        ..
    } = report;
    let whose = report
        .profile
        .as_deref()
        .map(|name| format!(" of {name}"))
        .unwrap_or_default();
    writeln!(
        out,
        "# API usage{whose}, {} to {}\n\n{} UTC days, compared with {} to {}.\n",
        period.first,
        period.last,
        period.days(),
        before.first,
        before.last
    )?;
    let line = |name: &str, now: i128, before: i128| {
        vec![
            name.to_owned(),
            grouped(now),
            percent(now, totals.requests),
            change(now, before),
        ]
    };
    let lines = [
        line("all", totals.requests, totals_before.requests),
        line("2xx", totals.status200, totals_before.status200),
        line("3xx", totals.status300, totals_before.status300),
        line("4xx", totals.status400, totals_before.status400),
        line("429, part of 4xx", totals.status429, totals_before.status429),
        line("5xx", totals.status500, totals_before.status500),
    ];
    let columns = [
        ("Requests", false),
        ("Count", true),
        ("Share", true),
        ("Change", true),
    ];
    writeln!(out, "{}", markdown_table(&columns, lines))?;

    for (heading, column, shares) in [
        ("Clients", "Client", &report.clients),
        ("Endpoints", "Endpoint", &report.endpoints),
    ] {
        writeln!(out, "## {heading}\n")?;
        let columns = [
            (column, false),
            ("Requests", true),
            ("Share", true),
            ("Change", true),
            ("Errors", true),
            ("429", true),
        ];
        let lines = shares
            .iter()
            .take(top)
            .map(|share| share_line(share, totals.requests));
        writeln!(out, "{}", markdown_table(&columns, lines))?;
        if shares.len() > top {
            writeln!(out, "The first {top} of {}.\n", grouped(shares.len()))?;
        }
    }

    writeln!(out, "## Rate limiting\n")?;
    if report.rate_limited.is_empty() {
        writeln!(out, "No request was rate limited.\n")?;
    } else {
        let columns = [
            ("Client", false),
            ("Endpoint", false),
            ("429", true),
            ("Of its requests", true),
        ];
        let lines = report.rate_limited.iter().take(top).map(|pair| {
            let share = percent(pair.status429, pair.requests);
            vec![
                pair.client.clone(),
                pair.endpoint.clone(),
                grouped(pair.status429),
                share,
            ]
        });
        writeln!(out, "{}", markdown_table(&columns, lines))?;
        if report.rate_limited.len() > top {
            writeln!(
                out,
                "The first {top} of {}.\n",
                grouped(report.rate_limited.len())
            )?;
        }
    }

    writeln!(out, "## {}\n", report.month.month.format("%B %Y"))?;
    for sentence in super::text::month_sentences(report) {
        writeln!(out, "- {sentence}")?;
    }
    Ok(())
}

fn share_line(share: &Share, all: i128) -> Vec<String> {
    let counts = &share.counts;
    vec![
        share.name.clone(),
        grouped(counts.requests),
        percent(counts.requests, all),
        change(counts.requests, share.requests_before),
        percent(counts.errors(), counts.requests),
        grouped(counts.status429),
    ]
}
