//! The sheet of the month: its requests added up day by day, and their projection to the end of the month.

use super::lines::{Lines, Rows, column};
use crate::{
    error::CliError,
    projection::MonthUsage,
    report::model::Report,
    workbook::{Column, Kind, Workbook},
};

pub(super) const NAME: &str = "Month";

const COLUMNS: [Column; 7] = [
    column("Day", Kind::Day),
    column("Requests", Kind::Count),
    column("Added up", Kind::Count),
    column("Projected", Kind::Count),
    column("Low", Kind::Count),
    column("High", Kind::Count),
    column("Allotment", Kind::Count),
];

/// The places of the columns that a chart shows.
pub(super) const DAY: u16 = 0;
pub(super) const ADDED_UP: u16 = 2;
pub(super) const PROJECTED: u16 = 3;
pub(super) const LOW: u16 = 4;
pub(super) const HIGH: u16 = 5;
pub(super) const ALLOTMENT: u16 = 6;

/// The sheet, and the rows of each report. Reports without a month have none.
pub(super) fn sheet(
    workbook: &Workbook,
    has_several: bool,
    reports: &[&Report],
) -> Result<(Lines, Vec<Option<Rows>>), CliError> {
    let mut lines = Lines::new(has_several, &COLUMNS, |columns| {
        workbook.short_sheet(NAME, columns)
    })?;
    let mut rows = Vec::new();
    for report in reports {
        let last = lines.sheet.row();
        if let Some(month) = &report.month {
            days(&mut lines, report, month)?;
        }
        rows.push(report.month.as_ref().map(|_| lines.since(last)));
    }
    Ok((lines, rows))
}

fn days(lines: &mut Lines, report: &Report, month: &MonthUsage) -> Result<(), CliError> {
    let allotment = month.allotted().map(i128::from);
    for (day, (_, sum)) in month.days.iter().zip(month.sums()) {
        let sheet = lines.begin(report)?;
        sheet.day(Some(day.date))?;
        sheet.count(Some(day.requests))?;
        sheet.count(Some(sum))?;
        // The lines of the chart meet on the last day that is known.
        let meets = (day.date == month.until && month.days_left > 0).then_some(sum);
        sheet.count(meets)?;
        let with_range = meets.filter(|_| month.range.is_some());
        sheet.count(with_range)?;
        sheet.count(with_range)?;
        sheet.count(allotment)?;
    }
    for day in &month.projection {
        let sheet = lines.begin(report)?;
        sheet.day(Some(day.date))?;
        sheet.count(None::<i128>)?;
        sheet.count(None::<i128>)?;
        sheet.count(Some(day.projected))?;
        sheet.count(day.range.map(|(low, _)| low))?;
        sheet.count(day.range.map(|(_, high)| high))?;
        sheet.count(allotment)?;
    }
    Ok(())
}
