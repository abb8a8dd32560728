//! A Markdown table, for a ticket or a wiki.

use std::io::{self, Write as _};

use super::{columns::Columns, sheet::Look};
use crate::{
    markdown::{head, line},
    output::Output,
};

pub(super) struct Markdown;

impl Look for Markdown {
    fn head(&mut self, out: &mut Output, columns: &Columns) -> io::Result<()> {
        let columns = columns.shown.iter();
        let head = head(columns.map(|column| (column.heading, column.is_count())));
        write!(out, "{head}")
    }

    fn line(&mut self, out: &mut Output, _columns: &Columns, cells: &[String]) -> io::Result<()> {
        write!(out, "{}", line(cells))
    }

    fn end(&mut self, out: &mut Output, columns: &Columns, total: Option<&[String]>) -> io::Result<()> {
        if let Some(total) = total {
            self.line(out, columns, total)?;
        }
        writeln!(out)
    }
}
