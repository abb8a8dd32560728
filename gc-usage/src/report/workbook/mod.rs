//! The report as an Excel workbook: a summary with charts, and all of its lists with real dates and numbers.

mod charts;
mod contributors;
mod days;
mod lines;
mod month;
mod pairs;
mod summary;
#[cfg(test)]
mod tests;

use self::{
    contributors::{client_columns, clients, endpoint_columns, endpoints},
    lines::Lines,
    pairs::{limited, limited_columns, row_columns, rows},
    summary::Summary,
};
use super::{
    about::About,
    model::{Entry, Report},
};
use crate::{
    calendar::{NamedDays, Period},
    error::CliError,
    output::{Output, WriteError},
    workbook::Workbook,
};

/// Writes the workbook of these organizations. `period` is the period of all of them.
pub(crate) fn workbook(
    out: &mut Output,
    entries: &[Entry],
    period: Period,
    about: &About,
) -> Result<(), WriteError> {
    let mut workbook = Workbook::new(&out.directory(), &about.created)?;
    let has_several = entries.len() > 1;
    let reports: Vec<_> = entries.iter().filter_map(Entry::report).collect();
    let (days, day_rows) = days::sheet(&workbook, has_several, &reports)?;
    let (month, month_rows) = month::sheet(&workbook, has_several, &reports)?;
    let mut summary = Summary::new(&workbook, period)?;
    summary.about(about)?;
    if has_several {
        summary.organizations(entries)?;
    }
    let mut rows = day_rows.into_iter().zip(month_rows);
    for entry in entries {
        match entry {
            Entry::Failed(failed) => summary.failed(failed)?,
            Entry::Report(report) => summary.report(report, rows.next())?,
        }
    }
    summary.notes(&reports, about)?;
    workbook.add_page(summary.end())?;
    workbook.add(days.end())?;
    if reports.iter().any(|report| report.month.is_some()) {
        workbook.add(month.end())?;
    }
    lists(&mut workbook, has_several, &reports)?;
    workbook.save(out)
}

/// The lists, which may have a million rows.
fn lists(workbook: &mut Workbook, has_several: bool, reports: &[&Report]) -> Result<(), CliError> {
    type Write = fn(&mut Lines, &Report) -> Result<(), CliError>;
    let sheets = [
        ("Clients", client_columns(), clients as Write),
        ("Endpoints", endpoint_columns(), endpoints),
        ("Rate limited", limited_columns(), limited),
        ("Rows", row_columns(), rows),
    ];
    for (name, columns, write) in sheets {
        let mut lines = Lines::new(has_several, &columns, |columns| {
            workbook.long_sheet(name, columns)
        })?;
        reports.iter().try_for_each(|report| write(&mut lines, report))?;
        workbook.add(lines.end())?;
    }
    Ok(())
}

/// Writes the workbook of a period that has no data yet.
pub(crate) fn workbook_without_data(
    out: &mut Output,
    profiles: &[Option<&str>],
    days: &NamedDays,
    about: &About,
) -> Result<(), WriteError> {
    let mut workbook = Workbook::new(&out.directory(), &about.created)?;
    let mut summary = Summary::new(&workbook, days.named)?;
    summary.about(about)?;
    summary.no_data(profiles, days)?;
    summary.notes(&[], about)?;
    workbook.add_page(summary.end())?;
    workbook.save(out)
}
