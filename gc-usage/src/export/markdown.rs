//! A Markdown table, for a ticket or a wiki.

use std::io::{self, Write as _};

use super::{
    Context, Row,
    table::{Column, Rows, Texts},
};
use crate::{ask::Answered, output::Output, text};

pub(crate) struct Export<'o> {
    out: &'o mut Output,
    rows: Rows,
}

impl<'o> Export<'o> {
    pub(super) fn new(context: Context, out: &'o mut Output) -> Self {
        let rows = Rows::new(context);
        Self { out, rows }
    }
}

impl super::Export for Export<'_> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.rows.add(row);
        Ok(())
    }

    fn finish(&mut self, _answers: &[Answered]) -> io::Result<()> {
        if let Some(Texts {
            columns,
            lines,
            total,
        }) = self.rows.table()
        {
            let headings: Vec<_> = columns.iter().map(heading).collect();
            write!(
                self.out,
                "{}",
                text::markdown_table(&headings, lines.into_iter().chain([total]))
            )?;
            writeln!(self.out)?;
        }
        writeln!(self.out, "{}", self.rows.summary())
    }
}

fn heading(column: &Column) -> (&str, bool) {
    (column.heading, column.is_count)
}
