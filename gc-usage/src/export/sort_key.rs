//! The keys that rows are sorted by.

use std::cmp::{Ordering, Reverse};

use usage_client::{Metric, RowRef};

use super::record::count;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SortKey {
    /// In descending order. All other keys are in ascending order.
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
