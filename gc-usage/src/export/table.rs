//! A table for people that fits the terminal. It breaks texts after slashes and spaces, then leaves out counts. If it still
//! does not fit, each row is written on several lines.

use std::io::{self, Write as _};

use textwrap::core::display_width;
use usage_client::Metric;

use super::{
    columns::{Column, Columns},
    records,
    sheet::{Look, Sample},
    sort_key::SortKey,
};
use crate::{
    output::Output,
    screen::Screen,
    text::{WIDEST, broken, padded, widest_part},
};

/// Spaces around each cell, and one between two cells.
const PADDING: usize = 3;
/// How many more digits and separators the counts of later rows may have.
const SLACK: usize = 4;
/// The counts that are left out if the table is too wide, in this order, each with the width that texts keep before.
const LEFT_OUT: [(Metric, usize); 5] = [
    (Metric::Status300, READABLE),
    (Metric::Status200, READABLE),
    (Metric::Status500, READABLE),
    (Metric::Status400, 0),
    (Metric::Status429, 0),
];
/// The width in which an endpoint is easy to read.
const READABLE: usize = 28;

pub(super) struct Table {
    screen: Screen,
    /// The key that rows are sorted by. Its column is never left out.
    sorted_by: Option<SortKey>,
    layout: Layout,
    left_out: Vec<&'static str>,
    has_metrics: bool,
}

enum Layout {
    /// One line for each row, with columns of these widths.
    Lines(Vec<usize>),
    /// Several lines of this width for each row.
    Records(usize),
}

/// The full and the smallest width of a column.
#[derive(Clone, Copy)]
struct Width {
    whole: usize,
    least: usize,
}

impl Table {
    pub(super) fn new(screen: Screen, keys: &[SortKey]) -> Self {
        Self {
            screen,
            sorted_by: keys.first().copied(),
            layout: Layout::Lines(Vec::new()),
            left_out: Vec::new(),
            has_metrics: false,
        }
    }

    fn rule(&self, out: &mut Output, characters: [char; 2]) -> io::Result<()> {
        let Layout::Lines(widths) = &self.layout else {
            return Ok(());
        };
        let character = characters[usize::from(!self.screen.unicode)];
        writeln!(
            out,
            "{}",
            String::from(character).repeat(wide(widths.iter().copied()))
        )
    }
}

/// The width of a table with columns of these widths.
fn wide(widths: impl ExactSizeIterator<Item = usize>) -> usize {
    let padding = (PADDING * widths.len()).saturating_sub(1);
    widths.sum::<usize>() + padding
}

impl Look for Table {
    fn fit(&mut self, columns: &mut Columns, sample: &Sample<'_>) {
        self.has_metrics = sample.has_metrics;
        let mut widths = widths(columns, sample);
        let Some(screen) = self.screen.columns else {
            self.layout = Layout::Lines(widths.iter().map(|width| width.whole).collect());
            return;
        };
        let all = columns.shown.clone();
        let fits = |widths: &[Width], room: usize| {
            wide(widths.iter().map(|width| width.least.max(width.whole.min(room)))) <= screen
        };
        for (metric, room) in LEFT_OUT {
            let has_others = columns.shown.iter().filter(|column| column.is_count()).count() > 1;
            let is_needed = !has_others || self.sorted_by == Some(SortKey::Count(metric));
            let mut shown = columns.shown.iter();
            let place = shown.position(|column| column.metric() == Some(metric));
            if let Some(at) = place.filter(|_| !is_needed && !fits(&widths, room)) {
                columns.shown.remove(at);
                widths.remove(at);
            }
        }
        if !fits(&widths, 0) {
            // On several lines, there is room for all counts.
            columns.shown = all;
            self.left_out.clear();
            self.layout = Layout::Records(screen);
            return;
        }
        let is_left_out =
            |column: &&Column| columns.shown.iter().all(|shown| shown.heading != column.heading);
        self.left_out = all
            .iter()
            .filter(is_left_out)
            .map(|column| column.heading)
            .collect();
        self.layout = Layout::Lines(shared(&widths, screen));
    }

    fn head(&mut self, out: &mut Output, columns: &Columns) -> io::Result<()> {
        if matches!(self.layout, Layout::Records(_)) {
            return Ok(());
        }
        self.rule(out, ['─', '-'])?;
        let headings: Vec<_> = columns
            .shown
            .iter()
            .map(|column| column.heading.to_owned())
            .collect();
        self.line(out, columns, &headings)?;
        self.rule(out, ['═', '='])
    }

    fn line(&mut self, out: &mut Output, columns: &Columns, cells: &[String]) -> io::Result<()> {
        match &self.layout {
            Layout::Lines(widths) => lines(out, &columns.shown, widths, cells, self.screen.columns.is_some()),
            Layout::Records(width) => records::write(out, columns, cells, *width),
        }
    }

    fn end(&mut self, out: &mut Output, columns: &Columns, total: Option<&[String]>) -> io::Result<()> {
        match (&self.layout, total) {
            (Layout::Records(width), Some(total)) => return records::total(out, columns, total, *width),
            (_, Some(total)) => self.line(out, columns, total)?,
            (_, None) => {}
        }
        self.rule(out, ['─', '-'])
    }

    fn width(&self) -> Option<usize> {
        self.screen.columns
    }

    fn note(&self) -> Option<String> {
        let columns = self.screen.columns.filter(|_| !self.left_out.is_empty())?;
        let way = match self.has_metrics {
            true => "choose counts with --metrics",
            false => "use a wider terminal or --format csv to see them",
        };
        Some(format!(
            "left out to fit {columns} columns: {}; {way}",
            self.left_out.join(", ")
        ))
    }
}

/// The widths of the columns for all rows.
fn widths(columns: &Columns, sample: &Sample<'_>) -> Vec<Width> {
    let mut widths = columns
        .shown
        .iter()
        .map(|column| Width {
            whole: display_width(column.heading),
            least: widest_part(column.heading),
        })
        .collect::<Vec<_>>();
    let mut add = |cells: &[String]| {
        for (width, cell) in widths.iter_mut().zip(cells) {
            width.whole = width.whole.max(display_width(cell));
            width.least = width.least.max(widest_part(cell));
        }
    };
    for (profile, row) in sample.rows.iter() {
        add(&columns.cells(profile, &row));
    }
    add(&(sample.total)(columns));
    for (width, column) in widths.iter_mut().zip(&columns.shown) {
        if column.is_count() && sample.goes_on {
            width.whole += SLACK;
        }
        width.whole = width.whole.min(WIDEST);
        width.least = match column.wraps() {
            true => width.least.min(WIDEST),
            false => width.whole,
        };
    }
    widths
}

/// Divides the width of the screen among the columns. A column that needs less than an equal share leaves the rest to the
/// others.
fn shared(widths: &[Width], screen: usize) -> Vec<usize> {
    let least = wide(widths.iter().map(|width| width.least));
    let mut left = screen.saturating_sub(least);
    let mut order: Vec<_> = (0..widths.len()).collect();
    order.sort_by_key(|at| widths[*at].whole);
    let mut shares = vec![0; widths.len()];
    // Each column gets at most an equal share of the remaining width, but not less than its smallest width.
    let mut room = left + widths.iter().map(|width| width.least).sum::<usize>();
    for (place, at) in order.into_iter().enumerate() {
        let Width { whole, least } = widths[at];
        let part = room / (widths.len() - place);
        let share = whole.min(part.max(least)).min(least + left);
        left -= share - least;
        room -= share;
        shares[at] = share;
    }
    shares
}

/// Writes a row. It has as many lines as its longest cell.
fn lines(
    out: &mut Output,
    columns: &[Column],
    widths: &[usize],
    cells: &[String],
    is_broken: bool,
) -> io::Result<()> {
    let cells: Vec<Vec<String>> = cells
        .iter()
        .zip(columns.iter().zip(widths))
        .map(|(cell, (column, width))| match is_broken && column.wraps() {
            true => broken(cell, *width, ""),
            false => vec![cell.clone()],
        })
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..height {
        let texts = cells.iter().zip(columns.iter().zip(widths));
        let texts = texts.map(|(lines, (column, width))| {
            let text = lines.get(at).map(String::as_str).unwrap_or_default();
            match column.is_count() {
                true => format!(" {text:>width$} "),
                false => format!(" {} ", padded(text, *width)),
            }
        });
        writeln!(out, "{}", texts.collect::<Vec<_>>().join(" "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_is_divided_equally_and_no_column_gets_less_than_it_needs() {
        let of = |widths: &[(usize, usize)], screen: usize| {
            let widths = widths.iter().map(|(whole, least)| Width {
                whole: *whole,
                least: *least,
            });
            shared(&widths.collect::<Vec<_>>(), screen)
        };
        let two = PADDING * 2 - 1;
        assert_eq!(of(&[(5, 5), (50, 10)], 40 + two), [5, 35]);
        assert_eq!(
            of(&[(50, 10), (50, 10), (10, 4)], 60 + two + PADDING),
            [25, 25, 10]
        );
        assert_eq!(of(&[(50, 30), (50, 10)], 42 + two), [30, 12]);
        assert_eq!(of(&[(10, 4), (50, 30)], 35 + two), [5, 30]);
        assert_eq!(of(&[(5, 5), (6, 6)], 80), [5, 6]);
    }
}
