//! A page for people: headings, sentences, small tables and charts, one below the other.

use std::{path::Path, sync::Arc};

use rust_xlsxwriter::{Chart, Format, FormatAlign, FormatBorder, Worksheet};

use super::{kind::Kind, library::call, limits};
use crate::error::CliError;

/// The size of a chart in pixels, and how many rows it takes.
const WIDTH: u32 = 960;
const HEIGHT: u32 = 320;
const ROW: u32 = 20;
/// The number of the paper.
const A4: u8 = 9;

/// How a sentence looks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    Plain,
    Title,
    Heading,
    /// Bold in a colour.
    Bold(&'static str),
    Small,
}

/// A cell of a small table.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Empty,
    Text(String),
    Count(i128),
    Number(Kind, f64),
}

pub(crate) struct Page {
    worksheet: Worksheet,
    directory: Arc<Path>,
    row: u32,
    /// The rows before which a new page of paper begins.
    breaks: Vec<u32>,
}

impl Page {
    pub(super) fn new(
        mut worksheet: Worksheet,
        directory: Arc<Path>,
        widths: &[u16],
    ) -> Result<Self, CliError> {
        call(&directory, || {
            for (place, width) in (0..).zip(widths) {
                worksheet.set_column_width(place, *width)?;
            }
            worksheet.set_screen_gridlines(false);
            worksheet.set_paper_size(A4).set_print_fit_to_pages(1, 0);
            Ok(())
        })?;
        Ok(Self {
            worksheet,
            directory,
            row: 0,
            breaks: Vec::new(),
        })
    }

    /// Leaves a row empty.
    pub(crate) fn gap(&mut self) {
        self.row += 1;
    }

    /// Begins a new page of paper.
    pub(crate) fn break_page(&mut self) {
        self.breaks.push(self.row);
    }

    /// Writes a sentence.
    pub(crate) fn sentence(&mut self, text: &str, look: Look) -> Result<(), CliError> {
        let format = Format::new();
        let format = match look {
            Look::Plain => format,
            Look::Title => format.set_bold().set_font_size(16),
            Look::Heading => format.set_bold().set_font_size(13),
            Look::Bold(colour) => format.set_bold().set_font_size(13).set_font_color(colour),
            Look::Small => format.set_font_color("#57606a").set_font_size(9),
        };
        self.cell(0, &Value::Text(text.to_owned()), format)?;
        self.row += 1;
        Ok(())
    }

    /// Writes a table with headings.
    pub(crate) fn table(
        &mut self,
        headings: &[&str],
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<(), CliError> {
        let rows: Vec<_> = rows.into_iter().collect();
        let has_numbers = |column: usize| {
            let mut cells = rows.iter().filter_map(|cells| cells.get(column));
            cells.any(|value| matches!(value, Value::Count(_) | Value::Number(..)))
        };
        for (column, heading) in (0..).zip(headings) {
            let mut format = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
            if has_numbers(usize::from(column)) {
                format = format.set_align(FormatAlign::Right);
            }
            self.cell(column, &Value::Text((*heading).to_owned()), format)?;
        }
        self.row += 1;
        for cells in rows {
            for (column, value) in (0..).zip(&cells) {
                let format = match value {
                    Value::Empty | Value::Text(_) => Kind::Text,
                    Value::Count(_) => Kind::Count,
                    Value::Number(kind, _) => *kind,
                };
                self.cell(column, value, format.format())?;
            }
            self.row += 1;
        }
        Ok(())
    }

    /// Draws a chart.
    pub(crate) fn chart(&mut self, mut chart: Chart) -> Result<(), CliError> {
        chart.set_width(WIDTH).set_height(HEIGHT);
        call(&self.directory, || {
            self.worksheet.insert_chart(self.row, 0, &chart).map(drop)
        })?;
        self.row += HEIGHT.div_ceil(ROW) + 1;
        Ok(())
    }

    fn cell(&mut self, column: u16, value: &Value, format: Format) -> Result<(), CliError> {
        let (row, worksheet) = (self.row, &mut self.worksheet);
        let refused = |reason| CliError::local(format!("a workbook cannot contain {reason}"));
        match value {
            Value::Empty => Ok(()),
            Value::Text(text) => {
                limits::text(text).map_err(refused)?;
                call(&self.directory, || {
                    worksheet
                        .write_string_with_format(row, column, text, &format)
                        .map(drop)
                })
            }
            Value::Count(count) => {
                let number = limits::count(*count).map_err(refused)?;
                call(&self.directory, || {
                    worksheet
                        .write_number_with_format(row, column, number, &format)
                        .map(drop)
                })
            }
            Value::Number(_, number) => call(&self.directory, || {
                worksheet
                    .write_number_with_format(row, column, *number, &format)
                    .map(drop)
            }),
        }
    }

    pub(super) fn end(mut self) -> Result<Worksheet, CliError> {
        call(&self.directory, || {
            self.worksheet.set_page_breaks(&self.breaks).map(drop)
        })?;
        Ok(self.worksheet)
    }
}
