//! What an export is made of: rows, and what they do not say themselves.

use std::io;

use usage_client::{ApiUsageQuery, Granularity, Interval, Metric, RowRef};

use crate::result::OrganizationResult;

/// What the rows are the answer to: they do not tell it themselves.
pub(crate) struct Context {
    /// Nothing of an execution that was submitted elsewhere.
    pub(crate) query: Option<ApiUsageQuery>,
    pub(crate) granularity: Option<Granularity>,
    /// Whether rows have a profile each.
    pub(crate) has_profiles: bool,
    /// Whether rows may be left out, so that totals are not all there is.
    pub(crate) is_part: bool,
}

impl Context {
    pub(crate) fn interval(&self) -> Option<Interval> {
        self.query.as_ref()?.interval.parse().ok()
    }
}

/// A row of one organization.
pub(crate) struct Row<'a> {
    pub(crate) profile: Option<&'a str>,
    pub(crate) row: &'a RowRef<'a>,
}

/// Writes rows as they come.
pub(crate) trait Export {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// Writes what follows the rows.
    fn finish(&mut self, results: &[OrganizationResult]) -> io::Result<()>;

    /// What to tell besides, once it is finished.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A count of a row.
pub(super) fn count(row: &RowRef<'_>, metric: Metric) -> Option<i64> {
    match metric {
        Metric::Requests => row.requests,
        Metric::Status200 => row.status200,
        Metric::Status300 => row.status300,
        Metric::Status400 => row.status400,
        Metric::Status429 => row.status429,
        Metric::Status500 => row.status500,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_is_a_count_of_its_own() {
        let mut counts = 1..;
        let row = RowRef::from_parts(
            [None; RowRef::TEXTS],
            std::array::from_fn(|_| counts.next()),
            None,
        );
        let found: std::collections::BTreeSet<_> =
            Metric::KNOWN.iter().map(|metric| count(&row, *metric)).collect();
        assert!(
            found.len() == Metric::KNOWN.len() && !found.contains(&None),
            "a metric has no count, or that of another one: look into `count` in gc-usage/src/export/record.rs"
        );
    }
}
