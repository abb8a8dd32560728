//! Excel workbooks: texts are never formulas, and what a workbook cannot contain is an error.

mod library;
mod limits;
mod sheet;

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use rust_xlsxwriter::DocProperties;

use self::library::{call, save};
pub(crate) use self::sheet::{Column, Kind, Sheet};
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
    /// A workbook whose temporary files are in this directory.
    pub(crate) fn new(directory: &Path) -> Result<Self, CliError> {
        let inner = call(directory, || {
            let mut inner = rust_xlsxwriter::Workbook::new();
            inner.set_tempdir(directory)?;
            inner.set_zip_compression_level(COMPRESSION);
            // The same rows make the same file.
            let properties = DocProperties::new().set_creation_datetime(&DateTime::<Utc>::UNIX_EPOCH);
            inner.set_properties(&properties);
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

    pub(crate) fn add(&mut self, sheet: Sheet) -> Result<(), CliError> {
        self.inner.push_worksheet(sheet.end()?);
        Ok(())
    }

    /// Writes the file.
    pub(crate) fn save(mut self, out: &mut Output) -> Result<(), WriteError> {
        save(&mut self.inner, &self.directory, out)
    }
}
