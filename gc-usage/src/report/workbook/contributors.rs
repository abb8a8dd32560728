//! The sheets of clients and of endpoints, those that are gone at the end.

use super::lines::{BY_STATUS, Lines, by_status, column, share};
use crate::{
    error::CliError,
    report::{contributors::Contributor, model::Report},
    workbook::{Column, Kind, Sheet},
};

pub(super) fn client_columns() -> Vec<Column> {
    columns(&["Client", "Client id"])
}

pub(super) fn endpoint_columns() -> Vec<Column> {
    columns(&["Endpoint"])
}

fn columns(names: &[&'static str]) -> Vec<Column> {
    let names = names.iter().map(|name| column(name, Kind::Text));
    let counts = [
        column("Requests", Kind::Count),
        column("Share", Kind::Share),
        column("Before", Kind::Count),
        column("Change a day", Kind::Difference),
        column("Change", Kind::Change),
        column("Failed", Kind::Count),
        column("Failed share", Kind::Share),
        column("429 share", Kind::Share),
    ];
    names.chain(counts).chain(BY_STATUS).collect()
}

pub(super) fn clients(lines: &mut Lines, report: &Report) -> Result<(), CliError> {
    for one in report.clients.active().chain(report.clients.gone()) {
        let sheet = lines.begin(report)?;
        sheet.text(one.name())?;
        sheet.text(one.id())?;
        counts(sheet, report, one)?;
    }
    Ok(())
}

pub(super) fn endpoints(lines: &mut Lines, report: &Report) -> Result<(), CliError> {
    for one in report.endpoints.active().chain(report.endpoints.gone()) {
        let sheet = lines.begin(report)?;
        sheet.text(one.id())?;
        counts(sheet, report, one)?;
    }
    Ok(())
}

fn counts(sheet: &mut Sheet, report: &Report, one: Contributor<'_>) -> Result<(), CliError> {
    let (counts, before) = (one.counts(), one.requests_before());
    let requests = counts.requests;
    sheet.count(Some(requests))?;
    sheet.ratio(share(requests, report.totals.requests))?;
    sheet.count(Some(before))?;
    sheet.count(Some(report.change_a_day(requests, before)))?;
    sheet.ratio(report.change_ratio(requests, before))?;
    sheet.count(Some(counts.errors()))?;
    sheet.ratio(share(counts.errors(), requests))?;
    sheet.ratio(share(counts.status429, requests))?;
    by_status(sheet, counts)
}
