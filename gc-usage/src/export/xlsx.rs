//! Excel workbooks, with the columns of CSV on the sheet Rows.

use chrono::DateTime;

use super::{
    fields::{Cell, PROFILE, QUERY_COLUMNS, columns, query_values},
    record::{self, Context, Row, count},
};
use crate::{
    error::CliError,
    output::{Output, WriteError},
    result::OrganizationResult,
    workbook::{Column, Kind, Sheet, Workbook},
};

const SHEET: &str = "Rows";

pub(crate) struct Export<'o> {
    out: &'o mut Output,
    has_profiles: bool,
    /// The values that are the same in all rows.
    query: [String; 2],
    cells: Vec<(&'static str, Cell)>,
    /// Set when the sheet has begun.
    begun: Option<(Workbook, Sheet)>,
}

impl<'o> Export<'o> {
    pub(super) fn new(context: &Context, out: &'o mut Output) -> Self {
        Self {
            out,
            has_profiles: context.has_profiles,
            query: query_values(context),
            cells: columns(context.has_platforms).collect(),
            begun: None,
        }
    }

    fn begin(&self) -> Result<(Workbook, Sheet), CliError> {
        let text = |heading| Column {
            heading,
            kind: Kind::Text,
        };
        let first = self
            .has_profiles
            .then_some(PROFILE)
            .into_iter()
            .chain(QUERY_COLUMNS);
        let others = self.cells.iter().map(|(heading, cell)| Column {
            heading,
            kind: match cell {
                Cell::Date => Kind::Day,
                Cell::Text(_) | Cell::Platform => Kind::Text,
                Cell::Count(_) => Kind::Count,
            },
        });
        // The same rows make the same file.
        let created = DateTime::UNIX_EPOCH;
        let mut workbook = Workbook::new(&self.out.directory(), &created)?;
        let sheet = workbook.long_sheet(SHEET, first.map(text).chain(others).collect())?;
        Ok((workbook, sheet))
    }
}

impl record::Export for Export<'_> {
    fn row(&mut self, Row { profile, row }: &Row<'_>) -> Result<(), WriteError> {
        if self.begun.is_none() {
            self.begun = Some(self.begin()?);
        }
        let Some((_, sheet)) = &mut self.begun else {
            return Ok(());
        };
        sheet.begin_row()?;
        if self.has_profiles {
            sheet.text(profile.unwrap_or_default())?;
        }
        self.query.iter().try_for_each(|value| sheet.text(value))?;
        for (_, cell) in &self.cells {
            match cell {
                Cell::Date => sheet.day(row.date.map(|date| date.date_naive())),
                Cell::Text(get) => sheet.text(get(row).unwrap_or_default()),
                Cell::Platform => sheet.text(row.platform.unwrap_or_default()),
                Cell::Count(metric) => sheet.count(count(row, *metric)),
            }?;
        }
        Ok(())
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> Result<(), WriteError> {
        let (mut workbook, sheet) = match self.begun.take() {
            Some(begun) => begun,
            None => self.begin()?,
        };
        workbook.add(sheet)?;
        workbook.save(self.out)
    }
}
