//! Totals of streamed rows. The memory they need grows with the number of groups only.

use chrono::{DateTime, Datelike as _, Days, NaiveTime, Utc};
use indexmap::{Equivalent, IndexMap};

use super::batch::RowBatch;
use crate::{
    error::{Error, Result, kind::Kind},
    generated::{
        rows::{DIMENSIONS, Group, KEYS, LABEL_OF, LABELS, RowRef, Totals, place},
        types::{Granularity, GroupBy},
    },
};

/// Sums up rows by any set of dimensions, and by date bucket.
///
/// ```no_run
/// # async fn example(execution: usage_client::Execution) -> usage_client::Result<()> {
/// use usage_client::{Aggregation, Granularity, GroupBy};
///
/// let mut by_client = Aggregation::by([GroupBy::OAuthClientId]).with_buckets(Granularity::Month);
/// let mut batches = execution.row_batches();
/// while let Some(batch) = batches.next().await {
///     by_client.add_batch(&batch?)?;
/// }
/// for group in by_client.into_groups() {
///     println!("{:?} {:?} {:?}", group.date, group.client_name, group.totals.requests);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Aggregation {
    /// Whether each dimension is part of the key.
    by: [bool; DIMENSIONS],
    buckets: Option<Granularity>,
    groups: IndexMap<Key, Sums, foldhash::fast::RandomState>,
}

/// The key of a group.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Key {
    texts: [Option<Box<str>>; DIMENSIONS],
    date: Option<DateTime<Utc>>,
}

/// A [`Key`] that borrows from a row.
#[derive(Hash)]
struct KeyRef<'a> {
    texts: [Option<&'a str>; DIMENSIONS],
    date: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    labels: [Option<Box<str>>; LABELS],
    totals: Totals,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        let same = |(ours, theirs): (&Option<&str>, &Option<Box<str>>)| *ours == theirs.as_deref();
        self.date == key.date && self.texts.iter().zip(&key.texts).all(same)
    }
}

impl From<&KeyRef<'_>> for Key {
    fn from(key: &KeyRef<'_>) -> Self {
        Self {
            texts: key.texts.map(|text| text.map(Box::from)),
            date: key.date,
        }
    }
}

impl Aggregation {
    /// Groups by these dimensions. Without any, everything is one group.
    pub fn by(dimensions: impl IntoIterator<Item = GroupBy>) -> Self {
        let mut by = [false; DIMENSIONS];
        for dimension in dimensions {
            by[place(&dimension)] = true;
        }
        Self {
            by,
            buckets: None,
            groups: IndexMap::default(),
        }
    }

    /// Also groups by date, in buckets. Buckets narrower than the query's granularity change nothing: a query by
    /// month has no days. Here a week begins on Monday. Rows of a query by week keep the service's first day if they
    /// are grouped by `Day`.
    #[must_use]
    pub fn with_buckets(mut self, granularity: Granularity) -> Self {
        self.buckets = Some(granularity);
        self
    }

    /// Adds one row: a [`RowRef`], or a reference to an [`ApiUsageRow`](crate::ApiUsageRow).
    ///
    /// # Errors
    ///
    /// [`is_decode`](Error::is_decode): a sum exceeds 64 bits. The row is not added.
    pub fn add<'a>(&mut self, row: impl Into<RowRef<'a>>) -> Result<()> {
        self.add_row(&row.into())
    }

    fn add_row(&mut self, row: &RowRef<'_>) -> Result<()> {
        let mut key = KeyRef {
            texts: [None; DIMENSIONS],
            date: None,
        };
        for (place, text) in row.dimensions().into_iter().enumerate() {
            key.texts[place] = text.filter(|_| self.by[place]);
        }
        if let (Some(granularity), Some(date)) = (&self.buckets, row.date) {
            key.date = Some(bucket(date, granularity));
        }
        let mut labels = row.labels();
        for (label, of) in labels.iter_mut().zip(LABEL_OF) {
            *label = label.filter(|_| self.by[of]);
        }
        if let Some(sums) = self.groups.get_mut(&key) {
            return sums.add(row, labels);
        }
        let mut sums = Sums::default();
        sums.add(row, labels)?;
        self.groups.insert(Key::from(&key), sums);
        Ok(())
    }

    /// Adds all rows of a batch.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Self::add).
    pub fn add_batch(&mut self, batch: &RowBatch) -> Result<()> {
        batch.iter().try_for_each(|row| self.add_row(&row))
    }

    /// How many groups there are so far.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether no row was added.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The groups, sorted by date and then by dimensions.
    pub fn into_groups(mut self) -> impl ExactSizeIterator<Item = Group> {
        self.groups
            .sort_unstable_by(|one, _, other, _| (one.date, &one.texts).cmp(&(other.date, &other.texts)));
        self.groups.into_iter().map(group)
    }
}

impl Sums {
    fn add(&mut self, row: &RowRef<'_>, labels: [Option<&str>; LABELS]) -> Result<()> {
        self.totals.add(row)?;
        for (kept, label) in self.labels.iter_mut().zip(labels) {
            if kept.is_none() {
                *kept = label.map(Box::from);
            }
        }
        Ok(())
    }
}

impl Totals {
    fn add(&mut self, row: &RowRef<'_>) -> Result<()> {
        let mut sums = *self;
        sums.rows += 1;
        let names = &KEYS[RowRef::TEXTS..];
        for ((sum, count), name) in sums.sums().into_iter().zip(row.counts()).zip(names) {
            if let Some(count) = count {
                let total = sum.unwrap_or(0).checked_add(count);
                *sum = Some(total.ok_or_else(|| too_large(name))?);
            }
        }
        *self = sums;
        Ok(())
    }
}

fn too_large(metric: &str) -> Error {
    Error::new(Kind::Decode, format!("the sum of `{metric}` is beyond 64 bits"))
}

fn group((key, sums): (Key, Sums)) -> Group {
    let owned = |text: Option<Box<str>>| text.map(String::from);
    Group::new(
        key.texts.map(owned),
        sums.labels.map(owned),
        key.date,
        sums.totals,
    )
}

/// The first day of the bucket that contains a date.
fn bucket(date: DateTime<Utc>, granularity: &Granularity) -> DateTime<Utc> {
    let day = date.date_naive();
    let first = match granularity {
        Granularity::Day => Some(day),
        Granularity::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())),
        Granularity::Month => day.with_day(1),
    };
    // Only a week that begins before the first year of the calendar has no first day.
    first.unwrap_or(day).and_time(NaiveTime::MIN).and_utc()
}
