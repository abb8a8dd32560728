//! Writes headings and sentences in lines that fit the screen.

use std::io::{self, Write};

use crate::{
    screen::{Screen, Style},
    text::broken,
};

pub(super) fn heading(out: &mut impl Write, text: &str, screen: &Screen) -> io::Result<()> {
    styled(out, text, Style::Heading, screen)
}

pub(super) fn styled(out: &mut impl Write, text: &str, style: Style, screen: &Screen) -> io::Result<()> {
    let lines = fitting(text, screen);
    lines
        .iter()
        .try_for_each(|line| writeln!(out, "{}", screen.paint(style, line)))
}

pub(super) fn sentence(out: &mut impl Write, text: &str, screen: &Screen) -> io::Result<()> {
    writeln!(out, "{}", fitting(text, screen).join("\n"))
}

fn fitting(text: &str, screen: &Screen) -> Vec<String> {
    match screen.columns {
        Some(columns) => broken(text, columns, ""),
        None => vec![text.to_owned()],
    }
}
