//! The sheets of pairs of client and endpoint: those that are being rate limited, and all of them.

use super::lines::{BY_STATUS, Lines, by_status, column, share};
use crate::{
    error::CliError,
    report::{model::Report, pairs::Pair},
    workbook::{Column, Kind, Sheet},
};

const NAMES: [Column; 3] = [
    column("Client", Kind::Text),
    column("Client id", Kind::Text),
    column("Endpoint", Kind::Text),
];

pub(super) fn limited_columns() -> Vec<Column> {
    let others = [
        column("429", Kind::Count),
        column("Requests", Kind::Count),
        column("429 share", Kind::Share),
        column("First day", Kind::Day),
        column("Last day", Kind::Day),
    ];
    NAMES.into_iter().chain(others).collect()
}

pub(super) fn row_columns() -> Vec<Column> {
    let requests = column("Requests", Kind::Count);
    NAMES.into_iter().chain([requests]).chain(BY_STATUS).collect()
}

pub(super) fn limited(lines: &mut Lines, report: &Report) -> Result<(), CliError> {
    for pair in report.pairs.rate_limited() {
        let sheet = lines.begin(report)?;
        names(sheet, report, pair)?;
        let counts = &pair.counts;
        sheet.count(Some(counts.status429))?;
        sheet.count(Some(counts.requests))?;
        sheet.ratio(share(counts.status429, counts.requests))?;
        sheet.day(pair.limited.map(|(first, _)| first))?;
        sheet.day(pair.limited.map(|(_, last)| last))?;
    }
    Ok(())
}

pub(super) fn rows(lines: &mut Lines, report: &Report) -> Result<(), CliError> {
    for pair in report.pairs.all() {
        let sheet = lines.begin(report)?;
        names(sheet, report, pair)?;
        sheet.count(Some(pair.counts.requests))?;
        by_status(sheet, &pair.counts)?;
    }
    Ok(())
}

fn names(sheet: &mut Sheet, report: &Report, pair: Pair) -> Result<(), CliError> {
    let client = report.client(pair);
    sheet.text(client.name())?;
    sheet.text(client.id())?;
    sheet.text(report.endpoint(pair).id())
}
