//! Totals of streamed rows. The memory they need grows with the number of groups only.

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
        rows::{DIMENSIONS, Group, LABEL_OF, LABELS, RowRef, Totals, place},
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
    dimensions: [Texts; DIMENSIONS],
    labels: [Texts; LABELS],
    groups: IndexMap<Key, Sums, RandomState>,
}

/// Different texts, each stored once. Groups have their numbers, from 1. 0 is no text.
#[derive(Clone, Debug, Default)]
struct Texts(IndexSet<Box<str>, RandomState>);

/// The key of a group.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
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
            dimensions: Default::default(),
            labels: Default::default(),
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
        let mut key = Key {
            date: None,
            dimensions: [0; DIMENSIONS],
        };
        if let (Some(granularity), Some(date)) = (&self.buckets, row.date) {
            key.date = Some(bucket(date.date_naive(), granularity).num_days_from_ce());
        }
        for (place, text) in row.dimensions().into_iter().enumerate() {
            if self.by[place] {
                key.dimensions[place] = self.dimensions[place].number(text)?;
            }
        }
        let sums = self.groups.entry(key).or_default();
        sums.add(row)?;
        for (place, label) in row.labels().into_iter().enumerate() {
            if self.by[LABEL_OF[place]] && sums.labels[place] == 0 {
                sums.labels[place] = self.labels[place].number(label)?;
            }
        }
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
        places.into_iter().map(move |(_, place)| self.group(place))
    }

    fn group(&self, place: usize) -> Group {
        let Some((key, sums)) = self.groups.get_index(place) else {
            return Group::default();
        };
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
        self.0.get_index(place).map(|text| text.to_string())
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
