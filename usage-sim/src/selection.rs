//! What a query selects of the history, whichever operation it was sent to.

use chrono::NaiveDate;

use crate::interval::Interval;

/// Width of the date buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Granularity {
    Day,
    Week,
    Month,
}

/// What requests are grouped and filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    ClientId,
    ClientName,
    Organization,
    User,
    Template,
    Method,
    Platform,
}

impl Dimension {
    pub(crate) const COUNT: usize = 7;
    /// In the order of their numbers.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::ClientId,
        Self::ClientName,
        Self::Organization,
        Self::User,
        Self::Template,
        Self::Method,
        Self::Platform,
    ];
}

/// What rows can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortField {
    Date,
    Dimension(Dimension),
    /// The position of a count in the history's order.
    Count(usize),
}

/// One sort key. Later keys decide between rows that are equal in the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SortKey {
    pub(crate) field: SortField,
    pub(crate) descending: bool,
}

/// Which requests are counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// Whether the platform's own OAuth clients are counted.
    pub(crate) platform_clients: bool,
    /// The allowed values of each dimension. An empty list allows every value.
    pub(crate) values: [Vec<String>; Dimension::COUNT],
}

impl Filter {
    /// Whether requests with these values are counted.
    pub(crate) fn allows(&self, value: impl Fn(Dimension) -> &'static str) -> bool {
        Dimension::ALL.into_iter().all(|dimension| {
            let allowed = &self.values[dimension as usize];
            allowed.is_empty() || allowed.iter().any(|allowed| allowed == value(dimension))
        })
    }
}

/// A query that the service would accept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selection {
    pub(crate) interval: Interval,
    pub(crate) granularity: Option<Granularity>,
    /// Whether rows are grouped by each dimension.
    pub(crate) dimensions: [bool; Dimension::COUNT],
    /// Whether rows have each count, in the history's order.
    pub(crate) metrics: [bool; 6],
    pub(crate) filter: Filter,
    /// Empty for no order.
    pub(crate) order: Vec<SortKey>,
}

/// The longest period whose days are listed.
const MOST_DAYS: i64 = 365;

impl Selection {
    /// The days that a query by day covers, until yesterday. None for another query, or one of more than a year.
    pub(crate) fn days(&self, today: NaiveDate) -> Vec<NaiveDate> {
        let Interval { first, last } = self.interval;
        let is_listed = self.granularity == Some(Granularity::Day) && (last - first).num_days() < MOST_DAYS;
        let days = first
            .iter_days()
            .take_while(|day| is_listed && *day <= last && *day < today);
        days.collect()
    }
}
