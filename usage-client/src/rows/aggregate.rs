//! Totals of streamed rows. The memory they need grows with the number of groups only.

use std::hash::{Hash, Hasher};

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};
use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};

use super::{
    batch::RowBatch,
    packed::{COUNTS, Counted},
};
use crate::{
    error::{Error, Result, kind::Kind},
    generated::{
        rows::{DIMENSIONS, Dimension, Group, LABEL_OF, LABELS, RowRef, Totals},
        types::Granularity,
    },
};

/// Sums up rows by any set of dimensions, and by date bucket. The default has no dimensions: everything is one group.
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
#[derive(Clone, Debug, Default)]
pub struct Aggregation {
    /// Whether each dimension is part of the key.
    by: [bool; DIMENSIONS],
    buckets: Option<Granularity>,
    dimensions: [Texts; DIMENSIONS],
    labels: [Texts; LABELS],
    groups: IndexMap<Key, Sums, RandomState>,
}

/// Different texts, each stored once. Groups have their numbers, from 1. 0 is no text.
#[derive(Clone, Debug, Default)]
struct Texts(IndexSet<Box<str>, RandomState>);

/// How many rows are added, and groups returned, in one go. Finding a group waits for memory, and waiting for many at
/// once takes little longer than waiting for one.
const CHUNK: usize = 32;

/// The key of a group.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
struct Key {
    /// Days since the first day of the calendar. Nothing sorts first.
    date: Option<i32>,
    dimensions: [u32; DIMENSIONS],
}

/// The sums of a group, packed.
#[derive(Clone, Debug, Default)]
struct Sums {
    rows: u64,
    counts: [i64; COUNTS],
    /// A bit for each count that is not null.
    counted: Counted,
    labels: [u32; LABELS],
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_i32(self.date.unwrap_or(i32::MIN));
        self.dimensions.iter().for_each(|number| state.write_u32(*number));
    }
}

impl Aggregation {
    /// Groups by these dimensions, each a [`Dimension`] or a [`GroupBy`](crate::GroupBy). Without any, everything is one
    /// group.
    pub fn by(dimensions: impl IntoIterator<Item = impl Into<Dimension>>) -> Self {
        let mut aggregation = Self::default();
        for dimension in dimensions {
            aggregation.by[dimension.into().place()] = true;
        }
        aggregation
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
        self.add_chunk(&[row.into()])
    }

    /// Adds all rows of a batch.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Self::add). The rows before were added.
    pub fn add_batch(&mut self, batch: &RowBatch) -> Result<()> {
        let mut rows = batch.iter();
        let mut chunk = Vec::with_capacity(CHUNK);
        while rows.len() > 0 {
            chunk.clear();
            chunk.extend(rows.by_ref().take(CHUNK));
            self.add_chunk(&chunk)?;
        }
        Ok(())
    }

    /// Adds a few rows, each step for all of them.
    fn add_chunk(&mut self, rows: &[RowRef<'_>]) -> Result<()> {
        let mut keys = [Key::default(); CHUNK];
        for (key, row) in keys.iter_mut().zip(rows) {
            *key = self.key(row)?;
        }
        let mut places = [0; CHUNK];
        for (place, key) in places.iter_mut().zip(&keys[..rows.len()]) {
            *place = match self.groups.get_index_of(key) {
                Some(place) => place,
                None => self.groups.insert_full(*key, Sums::default()).0,
            };
        }
        for (row, place) in rows.iter().zip(places) {
            if let Err(error) = self.groups[place].add(row) {
                // The groups of the rows after this one.
                while self.groups.last().is_some_and(|(_, sums)| sums.rows == 0) {
                    self.groups.pop();
                }
                return Err(error);
            }
            let labels = &mut self.groups[place].labels;
            for (place, label) in row.labels().into_iter().enumerate() {
                if labels[place] == 0 && self.by[LABEL_OF[place]] {
                    labels[place] = self.labels[place].number(label)?;
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, row: &RowRef<'_>) -> Result<Key> {
        let mut key = Key::default();
        if let (Some(granularity), Some(date)) = (&self.buckets, row.date) {
            key.date = Some(bucket(date.date_naive(), granularity).num_days_from_ce());
        }
        for (place, text) in row.dimensions().into_iter().enumerate() {
            if self.by[place] {
                key.dimensions[place] = self.dimensions[place].number(text)?;
            }
        }
        Ok(key)
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
    pub fn into_groups(self) -> impl ExactSizeIterator<Item = Group> {
        let ranks = self.dimensions.each_ref().map(Texts::ranks);
        let places = self.groups.keys().enumerate().map(|(place, key)| {
            let mut key = *key;
            for (number, ranks) in key.dimensions.iter_mut().zip(&ranks) {
                *number = ranks[*number as usize];
            }
            (key, place)
        });
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        Groups {
            places: places.into_iter(),
            next: Vec::with_capacity(CHUNK),
            aggregation: self,
        }
    }

    fn group(&self, key: &Key, sums: &Sums) -> Group {
        let numbered = |(texts, number): (&Texts, u32)| texts.get(number);
        let mut dimensions = self.dimensions.iter().zip(key.dimensions).map(numbered);
        let mut labels = self.labels.iter().zip(sums.labels).map(numbered);
        let day = key.date.and_then(NaiveDate::from_num_days_from_ce_opt);
        Group::new(
            std::array::from_fn(|_| dimensions.next().flatten()),
            std::array::from_fn(|_| labels.next().flatten()),
            day.map(|day| day.and_time(NaiveTime::MIN).and_utc()),
            sums.totals(),
        )
    }
}

/// The groups in their order.
struct Groups {
    aggregation: Aggregation,
    /// The places of the groups, each after the key that it is sorted by.
    places: std::vec::IntoIter<(Key, usize)>,
    /// The next groups, the first one last.
    next: Vec<(Key, Sums)>,
}

impl Iterator for Groups {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        if self.next.is_empty() {
            let places = self.places.by_ref().take(CHUNK);
            let groups = &self.aggregation.groups;
            let next = places.filter_map(|(_, place)| groups.get_index(place));
            self.next.extend(next.map(|(key, sums)| (*key, sums.clone())));
            self.next.reverse();
        }
        let (key, sums) = self.next.pop()?;
        Some(self.aggregation.group(&key, &sums))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.places.len() + self.next.len();
        (length, Some(length))
    }
}

impl ExactSizeIterator for Groups {}

impl Texts {
    /// The number of a text, which is stored if it is new.
    fn number(&mut self, text: Option<&str>) -> Result<u32> {
        let Some(text) = text else {
            return Ok(0);
        };
        let place = match self.0.get_index_of(text) {
            Some(place) => place,
            None => self.0.insert_full(text.into()).0,
        };
        let number = u32::try_from(place + 1);
        number.map_err(|_| {
            Error::new(
                Kind::TooLarge,
                "the rows have more different texts than 32 bits can count",
            )
        })
    }

    fn get(&self, number: u32) -> Option<String> {
        let place = (number as usize).checked_sub(1)?;
        self.0.get_index(place).map(|text| String::from(&**text))
    }

    /// For each number, its place in the order of the texts.
    fn ranks(&self) -> Vec<u32> {
        let mut numbers: Vec<_> = std::iter::once(None)
            .chain(self.0.iter().map(Some))
            .zip(0_usize..)
            .collect();
        numbers.sort_unstable();
        let mut ranks = vec![0; numbers.len()];
        for (rank, (_, number)) in (0..).zip(numbers) {
            ranks[number] = rank;
        }
        ranks
    }
}

impl Sums {
    /// Adds a row, or nothing of it if a sum is too large.
    fn add(&mut self, row: &RowRef<'_>) -> Result<()> {
        let (mut counts, mut counted) = (self.counts, self.counted);
        for (place, count) in row.counts().into_iter().enumerate() {
            if let Some(count) = count {
                let sum = counts[place].checked_add(count);
                counts[place] = sum.ok_or_else(|| too_large(RowRef::KEYS[RowRef::TEXTS + place]))?;
                counted |= 1 << place;
            }
        }
        (self.counts, self.counted) = (counts, counted);
        self.rows += 1;
        Ok(())
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals {
            rows: self.rows,
            ..Totals::default()
        };
        for (place, sum) in totals.sums().into_iter().enumerate() {
            *sum = (self.counted & 1 << place != 0).then_some(self.counts[place]);
        }
        totals
    }
}

fn too_large(metric: &str) -> Error {
    Error::new(Kind::Decode, format!("the sum of `{metric}` is beyond 64 bits"))
}

/// The first day of the bucket that contains a day.
fn bucket(day: NaiveDate, granularity: &Granularity) -> NaiveDate {
    let first = match granularity {
        Granularity::Day => Some(day),
        Granularity::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())),
        Granularity::Month => day.with_day(1),
    };
    // Only a week that begins before the first year of the calendar has no first day.
    first.unwrap_or(day)
}
