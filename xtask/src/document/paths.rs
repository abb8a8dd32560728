//! Paths, which are written into URLs and into the patterns of mocks.

use anyhow::{Result, bail};

use super::place::Place;

/// Checks that a path can be written into a URL and into a pattern without changes.
pub(super) fn check(path: &str, place: &Place) -> Result<()> {
    place.ensure(path.starts_with('/'), "a path must begin with `/`")?;
    let mut rest = path;
    while let Some((constant, behind)) = rest.split_once('{') {
        check_constant(constant, place)?;
        let Some((name, behind)) = behind.split_once('}') else {
            bail!(place.error("has `{` without `}`"));
        };
        place.ensure(
            !name.is_empty() && !name.contains(['{', '/']),
            format_args!("`{{{name}}}` is not the name of a parameter"),
        )?;
        place.ensure(
            !behind.starts_with('{'),
            "has two parameters with nothing in between: where one ends could not be told",
        )?;
        rest = behind;
    }
    check_constant(rest, place)
}

fn check_constant(constant: &str, place: &Place) -> Result<()> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/-_.~:@".contains(letter);
    if let Some(letter) = constant.chars().find(|letter| !is_plain(*letter)) {
        bail!(place.error(format!(
            "has `{letter}`; letters, digits, `-`, `_`, `.`, `~`, `:` and `@` are supported"
        )));
    }
    place.ensure(!constant.contains("//"), "has `//`, an empty part")?;
    Ok(())
}

/// A part of a path that passed the check.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Part<'a> {
    Constant(&'a str),
    Parameter(&'a str),
}

/// The parts of a path, in their order.
pub(crate) fn parts(path: &str) -> Vec<Part<'_>> {
    // Between `{` and `}` is a name, and everything else is constant.
    let parts = path.split(['{', '}']).enumerate();
    let part = |(index, part)| match index % 2 {
        0 => Part::Constant(part),
        _ => Part::Parameter(part),
    };
    parts.map(part).collect()
}

/// The names of a path's parameters.
pub(super) fn template_names(path: &str) -> impl Iterator<Item = &str> {
    parts(path).into_iter().filter_map(|part| match part {
        Part::Parameter(name) => Some(name),
        Part::Constant(_) => None,
    })
}
