//! Texts of a table broken over lines where a reader would break them, so that the table fits a screen.

use textwrap::{Options, WordSeparator, core::Word};

use super::table::Texts;

/// Spaces around each cell, and one between two of them.
const PADDING: usize = 3;
/// A column of texts is not made narrower than this.
const NARROWEST: usize = 8;

/// Breaks the texts of a table that is wider than the screen. Numbers and dates stay whole, though they may not fit.
pub(super) fn fit(texts: &mut Texts, screen: usize) {
    let widths: Vec<_> = (0..texts.columns.len()).map(|at| width(texts, at)).collect();
    let (wrapping, fixed): (Vec<_>, Vec<_>) = (0..widths.len()).partition(|at| texts.columns[*at].wraps);
    let taken: usize = fixed.iter().map(|at| widths[*at]).sum();
    let room = (screen + 1).saturating_sub(taken + PADDING * widths.len());
    let wanted: Vec<_> = wrapping.iter().map(|at| widths[*at]).collect();
    for (at, width) in wrapping.into_iter().zip(shared(&wanted, room)) {
        let cells = texts.lines.iter_mut().map(|line| &mut line[at]);
        for cell in cells.chain([&mut texts.total[at]]) {
            *cell = broken(cell, width);
        }
    }
}

fn width(texts: &Texts, at: usize) -> usize {
    let cells = texts
        .lines
        .iter()
        .chain([&texts.total])
        .map(|line| line[at].as_str());
    let cells = cells.chain([texts.columns[at].heading]);
    cells.map(textwrap::core::display_width).max().unwrap_or(0)
}

/// Shares the room: who wants less than an equal part leaves the rest to the others.
fn shared(wanted: &[usize], room: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..wanted.len()).collect();
    order.sort_by_key(|at| wanted[*at]);
    let mut widths = vec![0; wanted.len()];
    let mut left = room;
    for (place, at) in order.into_iter().enumerate() {
        let part = left / (wanted.len() - place);
        widths[at] = wanted[at].min(part.max(NARROWEST));
        left = left.saturating_sub(widths[at]);
    }
    widths
}

fn broken(text: &str, width: usize) -> String {
    let options = Options::new(width).word_separator(WordSeparator::Custom(|line| {
        Box::new(line.split_inclusive(['/', ' ']).map(Word::from))
    }));
    textwrap::wrap(text, options).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_broken_behind_slashes_and_spaces() {
        assert_eq!(broken("api/v2/users/{userId}", 12), "api/v2/\nusers/\n{userId}");
        assert_eq!(broken("Data Lake Loader", 10), "Data Lake\nLoader");
        assert_eq!(broken("conversations", 8), "conversa\ntions");
        assert_eq!(broken("", 8), "");
    }

    #[test]
    fn room_is_shared_fairly() {
        assert_eq!(shared(&[5, 50], 40), [5, 35]);
        assert_eq!(shared(&[50, 50, 10], 60), [25, 25, 10]);
        assert_eq!(shared(&[50, 50], 4), [NARROWEST; 2]);
        assert_eq!(shared(&[5, 6], 80), [5, 6]);
    }
}
