//! A list of names with numbers and bars.

use std::io::{self, Write};

use textwrap::core::display_width;

use super::lines::heading;
use crate::{
    screen::Screen,
    text::{WIDEST, broken, padded, widest_part},
};

/// The smallest width of a column of names, before its words are broken.
const NARROWEST_NAME: usize = 16;
/// The indent of the second and later lines of a name.
const INDENT: &str = "  ";
const WIDEST_BAR: usize = 24;
const NARROWEST_BAR: usize = 6;

/// A column of numbers: its heading and its cells, from the top.
pub(crate) type Numbers = (&'static str, Vec<String>);

/// A list of names with numbers after them, and bars if there is room. Columns are left out from the right, until no word
/// of a name must be broken.
pub(crate) struct List<'a> {
    pub(crate) title: &'a str,
    pub(crate) names: Vec<String>,
    pub(crate) numbers: Vec<Numbers>,
    /// The lengths of the bars; empty if there are none.
    pub(crate) bars: Vec<i64>,
}

impl List<'_> {
    pub(crate) fn write(mut self, out: &mut impl Write, screen: &Screen) -> io::Result<()> {
        let all = self.names.iter().map(String::as_str).chain([self.title]);
        let longest = all.clone().map(display_width).max().unwrap_or(0).min(WIDEST);
        let indent = display_width(INDENT);
        let needed = all.map(widest_part).max().unwrap_or(0) + indent;
        let needed = needed.min(longest).max(longest.min(NARROWEST_NAME));
        while self.numbers.len() > 1 && self.room(screen.width()) < needed {
            self.numbers.pop();
        }
        // A pipe or a file has no limit.
        let room = match screen.columns {
            Some(columns) => self.room(columns).max(1),
            None => self.room(screen.width()).max(longest),
        };
        let width = longest.min(room);
        let bar_width = room.saturating_sub(width + 2).min(WIDEST_BAR);
        let has_bars = bar_width >= NARROWEST_BAR && !self.bars.is_empty();
        let head = self.numbers.iter().zip(self.widths());
        let head: String = head
            .map(|((heading, _), width)| format!(" {heading:>width$}"))
            .collect();
        heading(out, &format!("{}{head}", padded(self.title, width)), screen)?;
        let most = self.bars.first().copied().unwrap_or(0);
        for (at, name) in self.names.iter().enumerate() {
            let numbers = self.numbers.iter().zip(self.widths());
            let numbers: String = numbers
                .map(|((_, cells), width)| format!(" {:>width$}", cells[at]))
                .collect();
            let bar = match has_bars {
                true => bar(self.bars[at], most, bar_width, screen.unicode),
                false => String::new(),
            };
            let mut lines = broken(name, width, INDENT).into_iter();
            let first = padded(&lines.next().unwrap_or_default(), width);
            writeln!(out, "{}", format!("{first}{numbers}  {bar}").trim_end())?;
            for line in lines {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    fn widths(&self) -> impl Iterator<Item = usize> {
        let widest =
            |(heading, cells): &Numbers| cells.iter().map(String::len).max().max(Some(heading.len()));
        self.numbers
            .iter()
            .map(move |numbers| widest(numbers).unwrap_or(0))
    }

    /// The width that the numbers leave for names.
    pub(super) fn room(&self, columns: usize) -> usize {
        columns.saturating_sub(self.widths().map(|width| width + 1).sum())
    }
}

fn bar(count: i64, most: i64, width: usize, unicode: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = i128::from(count) * i128::try_from(width * 8).unwrap_or(0) / i128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    match unicode {
        true => {
            let eighths = eighths.max(usize::from(count > 0));
            format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
        }
        false => "#".repeat((eighths / 8).max(usize::from(count > 0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_and_never_empty_for_a_count() {
        assert_eq!(bar(0, 100, 4, true), "");
        assert_eq!(bar(1, 100_000, 4, true), "▏");
        assert_eq!(bar(50, 100, 4, true), "██");
        assert_eq!(bar(100, 100, 4, false), "####");
    }
}
