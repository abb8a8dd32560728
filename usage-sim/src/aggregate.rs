//! The rows of a query: sums over the history.

use std::collections::HashMap;

use bytes::BytesMut;
use chrono::{Datelike, NaiveDate};

use crate::catalog::{CLIENTS, ORGANIZATION};
use crate::history::{self, Counts, Line};
use crate::ids::mix_all;
use crate::interval::monday;
use crate::query::{Granularity, Query};
use crate::rows::{self, Row};

/// What a row is grouped by. `None` stands for a dimension that is not grouped by, or for no granularity.
type Key = (Option<NaiveDate>, [Option<u16>; 4]);

/// The rows of one response, in the order of the response.
pub(crate) struct Table {
    groups: Vec<(Key, Counts)>,
    users: Vec<&'static str>,
    templates: Vec<&'static str>,
    methods: Vec<&'static str>,
    organization: &'static str,
}

impl Table {
    pub(crate) fn compute(query: &Query, seed: u64, today: NaiveDate) -> Self {
        let mut table = Self {
            groups: Vec::new(),
            users: Vec::new(),
            templates: Vec::new(),
            methods: Vec::new(),
            organization: if query.dimensions[1] { ORGANIZATION } else { "" },
        };
        let lines: Vec<_> = history::lines()
            .into_iter()
            .map(|line| (table.labels(query, &line), line))
            .collect();
        let mut sums: HashMap<Key, Counts> = HashMap::new();
        for day in history::days(query.interval, today) {
            let bucket = query.granularity.map(|granularity| bucket(day, granularity));
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
        table
    }

    /// The position of the line in each dimension that is grouped by.
    fn labels(&mut self, query: &Query, line: &Line) -> [Option<u16>; 4] {
        let client = &CLIENTS[line.client];
        let call = &client.calls[line.call];
        let [by_client, _, by_user, by_template, by_method] = query.dimensions;
        [
            by_client.then_some(line.client as u16),
            by_user.then(|| place(&mut self.users, client.users[line.user])),
            by_template.then(|| place(&mut self.templates, call.0)),
            by_method.then(|| place(&mut self.methods, call.1)),
        ]
    }

    /// A function that appends one row at each call, until there are no more rows. `reversed` begins with the last one.
    pub(crate) fn into_rows(
        mut self,
        metrics: [bool; 6],
        reversed: bool,
    ) -> impl FnMut(&mut BytesMut) -> bool + Send {
        if reversed {
            self.groups.reverse();
        }
        let mut next = 0;
        move |text| {
            let Some((key, counts)) = self.groups.get(next) else {
                return false;
            };
            next += 1;
            rows::write(text, &self.row(key, counts), metrics);
            true
        }
    }

    fn row(&self, (date, [client, user, template, method]): &Key, counts: &Counts) -> Row<'_> {
        let client = client.map(|place| &CLIENTS[usize::from(place)]);
        let named =
            |names: &[&'static str], place: Option<u16>| place.map_or("", |place| names[usize::from(place)]);
        Row {
            client_id: client.map_or("", |client| client.id),
            client_name: client.map_or("", |client| client.name),
            organization_id: self.organization,
            user_id: named(&self.users, *user),
            template_uri: named(&self.templates, *template),
            http_method: named(&self.methods, *method),
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

fn shuffled(seed: u64, (date, labels): &Key) -> u64 {
    let [client, user, template, method] = labels.map(|label| label.map_or(0, |place| u64::from(place) + 1));
    let date = date.map_or(0, |date| u64::from(date.num_days_from_ce().unsigned_abs()));
    mix_all(&[seed, date, client << 48 | user << 32 | template << 16 | method])
}

#[cfg(test)]
mod tests;
