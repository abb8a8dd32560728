//! What rows are sorted by.

use std::cmp::{Ordering, Reverse};

use usage_client::{Metric, RowRef};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SortKey {
    /// From the largest down; the others from the smallest up.
    Count(Metric),
    Date,
    /// By name, then id.
    Client,
    Method,
    TemplateUri,
}

impl SortKey {
    pub(super) fn compare(self, one: &RowRef<'_>, other: &RowRef<'_>) -> Ordering {
        match self {
            Self::Count(metric) => Reverse(count(one, metric)).cmp(&Reverse(count(other, metric))),
            Self::Date => one.date.cmp(&other.date),
            Self::Client => (one.client_name, one.client_id).cmp(&(other.client_name, other.client_id)),
            Self::Method => one.http_method.cmp(&other.http_method),
            Self::TemplateUri => one.template_uri.cmp(&other.template_uri),
        }
    }
}

fn count(row: &RowRef<'_>, metric: Metric) -> Option<i64> {
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
            "a metric has no count, or that of another one: look into `count` in gc-usage/src/export/sort_key.rs"
        );
    }
}
