//! The input of an export: rows, and the query that they belong to.

use usage_client::{Granularity, Interval, Metric, RowRef};

use crate::{output::WriteError, request::Request, result::OrganizationResult};

/// The query of the rows, which they do not contain.
pub(crate) struct Context {
    /// Unknown for an execution of another command.
    pub(crate) query: Option<Request>,
    pub(crate) granularity: Option<Granularity>,
    /// Whether each row has a profile.
    pub(crate) has_profiles: bool,
    /// Whether the rows may have a platform. Rows of usage jobs have one if they are grouped by it. `results` does not know
    /// how they are grouped.
    pub(crate) has_platforms: bool,
    /// Whether some rows may be left out, so that totals are only of the shown rows.
    pub(crate) is_part: bool,
}

impl Context {
    pub(crate) fn interval(&self) -> Option<Interval> {
        self.query.as_ref()?.interval.parse().ok()
    }
}

/// A row with the profile of its organization.
pub(crate) struct Row<'a> {
    pub(crate) profile: Option<&'a str>,
    pub(crate) row: &'a RowRef<'a>,
}

/// Writes rows in a format.
pub(crate) trait Export {
    fn row(&mut self, row: &Row<'_>) -> Result<(), WriteError>;

    /// Writes the end, after all rows.
    fn finish(&mut self, results: &[OrganizationResult]) -> Result<(), WriteError>;

    /// Notes for the user, after the end.
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
    fn each_metric_is_another_count() {
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
            "a metric has no count, or the count of another metric: see `count` in gc-usage/src/export/record.rs"
        );
    }
}
