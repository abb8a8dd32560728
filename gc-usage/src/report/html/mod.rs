//! The report as one HTML page: complete without its script, readable without its style sheet, and without any request.

mod cell;
mod changes;
mod clients;
mod days;
mod detail;
mod endpoints;
mod limited;
mod month;
mod month_tables;
mod names;
mod notes;
mod number;
mod organizations;
mod page;
mod plot;
mod policy;
mod scale;
mod stack;
mod status;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod view;

use std::io::{self, Write};

use super::{about::About, model::Entry, palette};
use crate::calendar::{NamedDays, Period};

/// Writes the page of these organizations. `days` is the period of all of them.
pub(crate) fn html(out: &mut impl Write, entries: &[Entry], period: Period, about: &About) -> io::Result<()> {
    page::write(out, entries, period, about)
}

/// Writes the page of a period that has no data yet.
pub(crate) fn html_without_data(
    out: &mut impl Write,
    profiles: &[Option<&str>],
    days: &NamedDays,
    about: &About,
) -> io::Result<()> {
    page::write_without_data(out, profiles, days, about)
}
