//! Writes each cell of a row on its own line, if a table would be wider than the terminal.

use std::io::{self, Write as _};

use textwrap::core::display_width;

use super::columns::Columns;
use crate::{
    output::Output,
    text::{broken, padded, widest_part},
};

/// Spaces between a heading and its cell.
const GAP: usize = 2;

pub(super) fn write(out: &mut Output, columns: &Columns, cells: &[String], width: usize) -> io::Result<()> {
    let headings = columns.shown.iter().map(|column| display_width(column.heading));
    let heading_width = headings.max().unwrap_or(0) + GAP;
    for (column, cell) in columns.shown.iter().zip(cells) {
        let room = width.saturating_sub(heading_width).max(1);
        // A cell that does not fit next to its heading is written on the next lines.
        let (head, room, indent) = match widest_part(cell) > room {
            true => {
                writeln!(out, "{}", column.heading)?;
                (String::new(), width.saturating_sub(GAP).max(1), GAP)
            }
            false => (padded(column.heading, heading_width), room, heading_width),
        };
        let spaces = format!("{:indent$}", "");
        for (at, line) in broken(cell, room, "").iter().enumerate() {
            let head = if at == 0 && !head.is_empty() {
                &head
            } else {
                &spaces
            };
            writeln!(out, "{}", format!("{head}{line}").trim_end())?;
        }
    }
    writeln!(out)
}

/// Writes the totals, after all rows.
pub(super) fn total(out: &mut Output, columns: &Columns, cells: &[String], width: usize) -> io::Result<()> {
    let title = columns
        .shown
        .iter()
        .zip(cells)
        .find(|(column, _)| !column.is_count());
    writeln!(out, "{}", title.map_or("Total", |(_, cell)| cell))?;
    let counts = columns
        .shown
        .iter()
        .zip(cells)
        .filter(|(column, _)| column.is_count());
    let (columns, cells): (Vec<_>, Vec<_>) = counts.map(|(column, cell)| (*column, cell.clone())).unzip();
    let columns = Columns::of(columns);
    write(out, &columns, &cells, width)
}
