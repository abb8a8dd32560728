//! The columns of CSV and of workbooks: the same ones in the same order for every query. Rows of jobs have one more.

use usage_client::{Metric, RowRef};

use super::record::Context;

/// The content of a column.
#[derive(Clone, Copy)]
pub(super) enum Cell {
    Date,
    Text(for<'r> fn(&RowRef<'r>) -> Option<&'r str>),
    /// Only in files of rows that may have one.
    Platform,
    Count(Metric),
}

/// The column of the organization's profile, which comes first. Only files of several organizations have it.
pub(super) const PROFILE: &str = "profile";

/// The columns of the query, which are the same in all rows.
pub(super) const QUERY_COLUMNS: [&str; 2] = ["interval", "granularity"];

/// The columns after them.
pub(super) const COLUMNS: [(&str, Cell); 14] = [
    ("date", Cell::Date),
    ("clientId", Cell::Text(|row| row.client_id)),
    ("clientName", Cell::Text(|row| row.client_name)),
    ("organizationId", Cell::Text(|row| row.organization_id)),
    ("userId", Cell::Text(|row| row.user_id)),
    ("templateUri", Cell::Text(|row| row.template_uri)),
    ("httpMethod", Cell::Text(|row| row.http_method)),
    ("platform", Cell::Platform),
    ("requests", Cell::Count(Metric::Requests)),
    ("status200", Cell::Count(Metric::Status200)),
    ("status300", Cell::Count(Metric::Status300)),
    ("status400", Cell::Count(Metric::Status400)),
    ("status429", Cell::Count(Metric::Status429)),
    ("status500", Cell::Count(Metric::Status500)),
];

/// The columns of files in this context, without those of the profile and the query.
pub(super) fn columns(has_platforms: bool) -> impl Iterator<Item = (&'static str, Cell)> {
    let is_there = move |cell: &Cell| has_platforms || !matches!(cell, Cell::Platform);
    COLUMNS.into_iter().filter(move |(_, cell)| is_there(cell))
}

/// The values of [`QUERY_COLUMNS`].
pub(super) fn query_values(context: &Context) -> [String; 2] {
    let interval = context.interval().map(|interval| interval.to_string());
    let granularity = context.granularity.map(|granularity| granularity.to_string());
    [interval, granularity].map(Option::unwrap_or_default)
}
