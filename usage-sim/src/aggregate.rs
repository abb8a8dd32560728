//! The rows of a query: sums over the history.

use std::cmp::Ordering;
use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use crate::history::{self, Counts, Line};
use crate::ids::mix_all;
use crate::interval::monday;
use crate::row::Row;
use crate::selection::{Dimension, Granularity, Selection, SortField, SortKey};

/// The position of a row's value in each dimension. `None` stands for a dimension that is not grouped by.
type Labels = [Option<u16>; Dimension::COUNT];

/// What a row is grouped by. Without a granularity, there is no date.
type Key = (Option<NaiveDate>, Labels);

/// The rows of one query, in the order of the response.
pub(crate) struct Table {
    groups: Vec<(Key, Counts)>,
    /// The values of each dimension.
    names: [Vec<&'static str>; Dimension::COUNT],
    metrics: [bool; 6],
}

impl Table {
    pub(crate) fn compute(selection: &Selection, seed: u64, today: NaiveDate) -> Self {
        let mut table = Self {
            groups: Vec::new(),
            names: Default::default(),
            metrics: selection.metrics,
        };
        let lines: Vec<_> = history::lines(&selection.filter)
            .into_iter()
            .map(|line| (table.labels(selection, &line), line))
            .collect();
        let mut sums: HashMap<Key, Counts> = HashMap::new();
        for day in history::days(selection.interval, today) {
            let bucket = selection.granularity.map(|granularity| bucket(day, granularity));
            for (labels, line) in &lines {
                let counts = history::counts(seed, day, line);
                if counts[5] > 0 {
                    let sum = sums.entry((bucket, *labels)).or_default();
                    sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                }
            }
        }
        table.groups = sums.into_iter().collect();
        // The rows of the service have no order, and a client must not rely on one.
        table.groups.sort_by_cached_key(|(key, _)| shuffled(seed, key));
        table.sort(&selection.order);
        table
    }

    fn labels(&mut self, selection: &Selection, line: &Line) -> Labels {
        let mut labels = [None; Dimension::COUNT];
        for dimension in Dimension::ALL {
            let number = dimension as usize;
            if selection.dimensions[number] {
                labels[number] = Some(place(&mut self.names[number], line.value(dimension)));
            }
        }
        labels
    }

    fn sort(&mut self, order: &[SortKey]) {
        let Self { groups, names, .. } = self;
        let name = |labels: &Labels, dimension: Dimension| {
            let number = dimension as usize;
            labels[number].map(|place| names[number][usize::from(place)])
        };
        let compared = |((date, labels), counts): &(Key, Counts), other: &(Key, Counts), field| match field {
            SortField::Date => date.cmp(&other.0.0),
            SortField::Dimension(dimension) => name(labels, dimension).cmp(&name(&other.0.1, dimension)),
            SortField::Count(number) => counts[number].cmp(&other.1[number]),
        };
        groups.sort_by(|one, other| {
            order.iter().fold(Ordering::Equal, |result, key| {
                result.then_with(|| {
                    let ordering = compared(one, other, key.field);
                    if key.descending {
                        ordering.reverse()
                    } else {
                        ordering
                    }
                })
            })
        });
    }

    pub(crate) fn len(&self) -> u64 {
        self.groups.len() as u64
    }

    pub(crate) fn metrics(&self) -> [bool; 6] {
        self.metrics
    }

    /// The row at this position, which must be below [`len`](Self::len).
    pub(crate) fn row(&self, position: u64) -> Row<'_> {
        let ((date, labels), counts) = &self.groups[position as usize];
        let name = |dimension: Dimension| {
            let number = dimension as usize;
            labels[number].map(|place| self.names[number][usize::from(place)])
        };
        Row {
            client_id: name(Dimension::ClientId),
            client_name: name(Dimension::ClientName),
            organization_id: name(Dimension::Organization),
            user_id: name(Dimension::User),
            template_uri: name(Dimension::Template),
            http_method: name(Dimension::Method),
            platform: name(Dimension::Platform),
            counts: *counts,
            date: *date,
        }
    }
}

/// The first day of the bucket that contains a day. It may be outside of the interval.
fn bucket(day: NaiveDate, granularity: Granularity) -> NaiveDate {
    match granularity {
        Granularity::Day => day,
        // It is not known on which weekday a week of the service begins. Monday, as in ISO 8601, is a choice.
        Granularity::Week => monday(day),
        Granularity::Month => day.with_day(1).expect("every month has a first day"),
    }
}

fn place(names: &mut Vec<&'static str>, name: &'static str) -> u16 {
    let place = names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    });
    place as u16
}

/// A number that puts rows in no order. It differs for keys of one table.
fn shuffled(seed: u64, (date, labels): &Key) -> u64 {
    let label = |dimension: Dimension| labels[dimension as usize].map_or(0, |place| u64::from(place) + 1);
    let client = match label(Dimension::ClientId) {
        0 => label(Dimension::ClientName),
        id => id,
    };
    let [user, template, method] = [Dimension::User, Dimension::Template, Dimension::Method].map(label);
    let [organization, platform] = [Dimension::Organization, Dimension::Platform].map(label);
    let date = date.map_or(0, |date| u64::from(date.num_days_from_ce().unsigned_abs()));
    mix_all(&[
        seed,
        platform << 48 | organization.saturating_sub(1) << 32 | date,
        client << 48 | user << 32 | template << 16 | method,
    ])
}

#[cfg(test)]
mod tests;
