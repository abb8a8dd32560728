//! A sheet with the lines of all organizations. If there are several, each line begins with the name of its organization.

use std::ops::RangeInclusive;

use crate::{
    error::CliError,
    report::{counts::Counts, model::Report},
    workbook::{Column, Kind, Sheet},
};

pub(super) const fn column(heading: &'static str, kind: Kind) -> Column {
    Column { heading, kind }
}

/// Requests by status, as written by [`by_status`].
pub(super) const BY_STATUS: [Column; 5] = [
    column("2xx", Kind::Count),
    column("3xx", Kind::Count),
    column("4xx", Kind::Count),
    column("429", Kind::Count),
    column("5xx", Kind::Count),
];

pub(super) struct Lines {
    pub(super) sheet: Sheet,
    has_several: bool,
}

/// Where the lines of an organization are.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) rows: RangeInclusive<u32>,
    /// The columns before those of the sheet.
    pub(super) before: u16,
}

impl Lines {
    pub(super) fn new(
        has_several: bool,
        columns: &[Column],
        sheet: impl FnOnce(Vec<Column>) -> Result<Sheet, CliError>,
    ) -> Result<Self, CliError> {
        let organization = has_several.then_some(column("Organization", Kind::Text));
        let columns = organization.into_iter().chain(columns.iter().copied());
        Ok(Self {
            sheet: sheet(columns.collect())?,
            has_several,
        })
    }

    /// Begins a line of a report.
    pub(super) fn begin(&mut self, report: &Report) -> Result<&mut Sheet, CliError> {
        self.sheet.begin_row()?;
        if self.has_several {
            self.sheet.text(report.profile.as_deref().unwrap_or_default())?;
        }
        Ok(&mut self.sheet)
    }

    /// The rows since this one was the last.
    pub(super) fn since(&self, last: u32) -> Rows {
        Rows {
            rows: last + 1..=self.sheet.row(),
            before: u16::from(self.has_several),
        }
    }

    pub(super) fn end(self) -> Sheet {
        self.sheet
    }
}

/// Writes the cells of [`BY_STATUS`].
pub(super) fn by_status(sheet: &mut Sheet, counts: &Counts) -> Result<(), CliError> {
    let counts = [
        counts.status200,
        counts.status300,
        counts.status400,
        counts.status429,
        counts.status500,
    ];
    counts.into_iter().try_for_each(|count| sheet.count(Some(count)))
}

/// A part of a whole. `None` if there is no whole.
#[allow(clippy::cast_precision_loss, reason = "a ratio does not need all digits")]
pub(super) fn share(part: impl Into<i128>, whole: impl Into<i128>) -> Option<f64> {
    let (part, whole) = (part.into(), whole.into());
    (whole != 0).then(|| part as f64 / whole as f64)
}
