//! The part of a page about the month: its bar and sentences.

use std::io::{self, Write};

use super::{
    super::{model::Report, sentences},
    lines::{heading, sentence},
};
use crate::screen::{Screen, Style};

const WIDEST: usize = 60;

pub(super) fn month(out: &mut impl Write, report: &Report, screen: &Screen) -> io::Result<()> {
    let Some(month) = &report.month else {
        return sentence(out, sentences::NO_MONTH, screen);
    };
    heading(out, &month.month.format("%B %Y").to_string(), screen)?;
    if let Some(allotment) = month.allotted().map(i128::from) {
        let style = match () {
            () if month.requests > allotment => Style::Bad,
            () if month.projected > allotment => Style::Warning,
            () => Style::Good,
        };
        let width = screen.width().saturating_sub(2).min(WIDEST);
        let bar = bar(
            [month.requests, month.projected, allotment],
            width,
            screen.unicode,
        );
        writeln!(out, "{}", screen.paint(style, &bar))?;
        let [used, projected, _, included] = characters(screen.unicode);
        writeln!(out, "{used} used  {projected} projected  {included} included")?;
    }
    for line in sentences::month(report, month, screen.unicode) {
        sentence(out, &line, screen)?;
    }
    Ok(())
}

/// The characters for used, projected and remaining requests, and for the end of the allotment.
fn characters(unicode: bool) -> [char; 4] {
    match unicode {
        true => ['█', '▒', '░', '│'],
        false => ['#', '+', '.', '|'],
    }
}

/// The bar of used and projected requests, with the end of the allotment.
fn bar([used, projected, allotment]: [i128; 3], width: usize, unicode: bool) -> String {
    let whole = allotment.max(projected).max(1);
    let place = |count: i128| {
        usize::try_from(count * width as i128 / whole)
            .unwrap_or(0)
            .min(width)
    };
    let [full, light, empty, mark] = characters(unicode);
    let character = |at: usize| match () {
        () if at == place(allotment) => mark,
        () if at < place(used) => full,
        () if at < place(projected) => light,
        () => empty,
    };
    (0..width).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_used_projected_and_included_requests() {
        assert_eq!(bar([50, 80, 100], 10, false), "#####+++..");
        assert_eq!(bar([50, 200, 100], 10, false), "##+++|++++");
    }
}
