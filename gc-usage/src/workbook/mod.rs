//! Excel workbooks: texts are never formulas, and what a workbook cannot contain is an error.

mod kind;
mod library;
mod limits;
mod page;
mod sheet;

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use rust_xlsxwriter::{DocProperties, Worksheet};

use self::library::{call, save};
pub(crate) use self::{
    kind::Kind,
    page::{Look, Page, Value},
    sheet::{Column, Sheet},
};
use crate::{
    error::CliError,
    output::{Output, WriteError},
};

/// A third of the time of the default level. The file is a third larger.
const COMPRESSION: u8 = 2;

/// A workbook while it is made.
pub(crate) struct Workbook {
    inner: rust_xlsxwriter::Workbook,
    directory: Arc<Path>,
}

impl Workbook {
    /// A workbook whose temporary files are in this directory. It says that it was created at this time.
    pub(crate) fn new(directory: &Path, created: &DateTime<Utc>) -> Result<Self, CliError> {
        let inner = call(directory, || {
            let mut inner = rust_xlsxwriter::Workbook::new();
            inner.set_tempdir(directory)?;
            inner.set_zip_compression_level(COMPRESSION);
            inner.set_properties(&DocProperties::new().set_creation_datetime(created));
            Ok(inner)
        })?;
        Ok(Self {
            inner,
            directory: directory.into(),
        })
    }

    /// A sheet with any number of rows: those before the current one are in a temporary file. It is [added](Self::add) when
    /// all rows are written.
    pub(crate) fn long_sheet(&mut self, name: &str, columns: Vec<Column>) -> Result<Sheet, CliError> {
        let worksheet = call(&self.directory, || {
            let mut worksheet = self.inner.new_worksheet_with_constant_memory()?;
            worksheet.set_name(name)?;
            Ok(worksheet)
        })?;
        Sheet::new(worksheet, self.directory.clone(), columns)
    }

    /// A sheet with few rows, which charts can show in programs that do not read the cells of other sheets.
    pub(crate) fn short_sheet(&self, name: &str, columns: Vec<Column>) -> Result<Sheet, CliError> {
        Sheet::new(self.worksheet(name)?, self.directory.clone(), columns)
    }

    /// A page for people, without columns.
    pub(crate) fn page(&self, name: &str, widths: &[u16]) -> Result<Page, CliError> {
        Page::new(self.worksheet(name)?, self.directory.clone(), widths)
    }

    fn worksheet(&self, name: &str) -> Result<Worksheet, CliError> {
        call(&self.directory, || {
            let mut worksheet = Worksheet::new();
            worksheet.set_name(name)?;
            Ok(worksheet)
        })
    }

    pub(crate) fn add_page(&mut self, page: Page) -> Result<(), CliError> {
        self.inner.push_worksheet(page.end()?);
        Ok(())
    }

    pub(crate) fn add(&mut self, sheet: Sheet) -> Result<(), CliError> {
        self.inner.push_worksheet(sheet.end()?);
        Ok(())
    }

    /// Writes the file.
    pub(crate) fn save(mut self, out: &mut Output) -> Result<(), WriteError> {
        save(&mut self.inner, &self.directory, out)
    }
}

/// Refuses a terminal, which would show what is not text.
pub(crate) fn refuse_terminal(output: &Output) -> Result<(), CliError> {
    match output.is_terminal() {
        true => Err(CliError::local("a terminal cannot show a workbook")
            .with_hint("write it to a file: --output usage.xlsx")),
        false => Ok(()),
    }
}
