//! The sheet of days: the requests of each day by status.

use super::lines::{Lines, Rows, by_status, column};
use crate::{
    error::CliError,
    report::model::Report,
    workbook::{Column, Kind, Workbook},
};

pub(super) const NAME: &str = "Days";

const COLUMNS: [Column; 8] = [
    column("Day", Kind::Day),
    column("Requests", Kind::Count),
    column("2xx", Kind::Count),
    column("3xx", Kind::Count),
    column("4xx", Kind::Count),
    column("429", Kind::Count),
    column("5xx", Kind::Count),
    // A stack needs parts that do not overlap.
    column("4xx without 429", Kind::Count),
];

/// The places of the columns that a chart shows.
pub(super) const DAY: u16 = 0;
pub(super) const STATUS_200: u16 = 2;
pub(super) const STATUS_300: u16 = 3;
pub(super) const STATUS_429: u16 = 5;
pub(super) const STATUS_500: u16 = 6;
pub(super) const OTHER_400: u16 = 7;

/// The sheet, and the rows of each report.
pub(super) fn sheet(
    workbook: &Workbook,
    has_several: bool,
    reports: &[&Report],
) -> Result<(Lines, Vec<Rows>), CliError> {
    let mut lines = Lines::new(has_several, &COLUMNS, |columns| {
        workbook.short_sheet(NAME, columns)
    })?;
    let mut rows = Vec::new();
    for report in reports {
        let last = lines.sheet.row();
        for day in &report.days {
            let sheet = lines.begin(report)?;
            sheet.day(Some(day.date))?;
            sheet.count(Some(day.counts.requests))?;
            by_status(sheet, &day.counts)?;
            sheet.count(Some(day.counts.other_400()))?;
        }
        rows.push(lines.since(last));
    }
    Ok((lines, rows))
}
