//! Pairs of client and endpoint: who calls what.

use std::cmp::Reverse;

use chrono::NaiveDate;
use indexmap::IndexMap;
use usage_client::RowRef;

use super::{
    contributors::Contributors,
    counts::{Counts, add},
};
use crate::error::CliError;

/// The bytes that a pair takes.
const PAIR: usize = 96;

/// Pairs by the indexes of their client and endpoint. There may be a million of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    all: IndexMap<(u32, u32), Sums, foldhash::fast::RandomState>,
    /// Places of the pairs that are being rate limited, most 429 first.
    rate_limited: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    counts: Counts,
    limited: Option<(NaiveDate, NaiveDate)>,
    limited_before: i64,
}

/// A client and an endpoint, by their indexes in the report's lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(super) client: u32,
    pub(super) endpoint: u32,
    pub(super) counts: Counts,
    /// The first and the last day of the period with rate-limited requests.
    pub(super) limited: Option<(NaiveDate, NaiveDate)>,
    /// Rate-limited requests in the previous period.
    pub(super) limited_before: i64,
}

impl Pairs {
    pub(super) fn add(
        &mut self,
        client: u32,
        endpoint: u32,
        day: NaiveDate,
        row: &RowRef<'_>,
    ) -> Result<(), CliError> {
        let sums = self.all.entry((client, endpoint)).or_default();
        if row.status429.is_some_and(|count| count > 0) {
            let (first, last) = sums.limited.unwrap_or((day, day));
            sums.limited = Some((first.min(day), last.max(day)));
        }
        sums.counts.add(row)
    }

    /// Adds a row of the previous period. Of that, only rate limiting counts.
    pub(super) fn add_before(
        &mut self,
        client: u32,
        endpoint: u32,
        row: &RowRef<'_>,
    ) -> Result<(), CliError> {
        match row.status429 {
            None | Some(0) => Ok(()),
            count => {
                let sums = self.all.entry((client, endpoint)).or_default();
                add(&mut sums.limited_before, "status429", count)
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.all.len() * PAIR
    }

    /// Ranks them, after all rows are added.
    pub(super) fn finish(&mut self, clients: &Contributors, endpoints: &Contributors) {
        let key = |(client, endpoint): (u32, u32)| (clients.at(client).key(), endpoints.at(endpoint).key());
        self.all.sort_unstable_by(|one, sums, other, sums_of_other| {
            let ranks = (sums_of_other.counts.requests.cmp(&sums.counts.requests))
                .then(sums_of_other.counts.status429.cmp(&sums.counts.status429));
            ranks.then_with(|| key(*one).cmp(&key(*other)))
        });
        let limited = (0..).zip(self.all.values());
        let limited = limited.filter_map(|(place, sums)| (sums.counts.status429 > 0).then_some(place));
        let mut limited: Vec<_> = limited.collect();
        limited.sort_unstable_by_key(|place| {
            let pair = self.at(*place);
            (Reverse(pair.counts.status429), key((pair.client, pair.endpoint)))
        });
        self.rate_limited = limited;
    }

    /// Those with requests in the period, most requests first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Pair> {
        let pairs = self.all.iter().map(|(key, sums)| pair(*key, sums));
        pairs.filter(|pair| pair.counts != Counts::default())
    }

    /// Those that are being rate limited, most 429 first.
    pub(crate) fn rate_limited(&self) -> impl ExactSizeIterator<Item = Pair> {
        self.rate_limited.iter().map(|place| self.at(*place))
    }

    fn at(&self, place: u32) -> Pair {
        let (key, sums) = self.all.get_index(place as usize).expect("a place of this list");
        pair(*key, sums)
    }
}

fn pair((client, endpoint): (u32, u32), sums: &Sums) -> Pair {
    Pair {
        client,
        endpoint,
        counts: sums.counts,
        limited: sums.limited,
        limited_before: sums.limited_before,
    }
}
