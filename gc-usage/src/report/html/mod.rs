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

use chrono::{DateTime, Utc};

use super::{model::Entry, palette};
use crate::calendar::{NamedDays, Period};

/// What a page says about itself.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// Whether the data is made up.
    pub(crate) is_demo: bool,
    pub(crate) created: DateTime<Utc>,
    /// The command that made the page, without what may be secret.
    pub(crate) command: String,
    /// How many rows of each table are shown first.
    pub(crate) top: usize,
}

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
