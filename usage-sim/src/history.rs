//! The synthetic history: how often each call was made on each day. It depends only on the seed.

use chrono::{Datelike, NaiveDate};

use crate::catalog::{CLIENTS, Client};
use crate::ids::mix_all;
use crate::interval::Interval;
use crate::selection::{Dimension, Filter};

/// Counts in the order of the rows' keys: 200, 300, 400, 500, 429 (a part of 400) and requests (the first
/// four).
pub(crate) type Counts = [u64; 6];

/// One call by one user of one client.
pub(crate) struct Line {
    pub(crate) client: usize,
    pub(crate) user: usize,
    pub(crate) call: usize,
}

/// The first day with data.
fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2018, 1, 1).expect("this is a day")
}

/// The days of an interval that have data. The current day has none.
pub(crate) fn days(interval: Interval, today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let first = interval.first.max(first_day());
    first
        .iter_days()
        .take_while(move |day| *day <= interval.last && *day < today)
}

impl Line {
    /// Its value of a dimension.
    pub(crate) fn value(&self, dimension: Dimension) -> &'static str {
        let client = &CLIENTS[self.client];
        let call = &client.calls[self.call];
        match dimension {
            Dimension::ClientId => client.id,
            Dimension::ClientName => client.name,
            Dimension::Organization => client.organization(),
            Dimension::User => client.users[self.user],
            Dimension::Template => call.0,
            Dimension::Method => call.1,
            Dimension::Platform => client.platform,
        }
    }
}

/// The lines that pass a filter.
pub(crate) fn lines(filter: &Filter) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, client) in CLIENTS.iter().enumerate() {
        if client.is_of_platform() && !filter.platform_clients {
            continue;
        }
        for user in 0..client.users.len() {
            lines.extend((0..client.calls.len()).map(|call| Line {
                client: number,
                user,
                call,
            }));
        }
    }
    lines.retain(|line: &Line| filter.allows(|dimension| line.value(dimension)));
    lines
}

/// The counts of one line on one day.
pub(crate) fn counts(seed: u64, day: NaiveDate, line: &Line) -> Counts {
    let client = &CLIENTS[line.client];
    let number = u64::from(day.num_days_from_ce().unsigned_abs());
    let hash = mix_all(&[
        seed,
        number,
        line.client as u64,
        (line.user << 8 | line.call) as u64,
    ]);
    let noise = 600 + hash % 801;
    split(client, requests(client, day, line, noise, hash), noise, hash)
}

/// The requests depend on the weekday, grow each year by about a fifth of the first year, and vary at random.
fn requests(client: &Client, day: NaiveDate, line: &Line, noise: u64, hash: u64) -> u64 {
    let percent = if day.weekday().num_days_from_monday() >= 5 {
        client.weekend
    } else {
        100
    };
    let age = (day - first_day()).num_days().max(0) as u64;
    let scaled = client.daily * client.calls[line.call].2 * percent * (10_000 + 6 * age) / 10_000 * noise;
    portion(
        scaled,
        1,
        1000 * 100 * 1000 * client.users.len() as u64,
        hash.rotate_left(17),
    )
}

/// Divides requests by their status. A day with more requests than usual has more rate-limited requests.
fn split(client: &Client, requests: u64, noise: u64, hash: u64) -> Counts {
    let error_rates = &client.error_rates;
    let mut left = requests;
    let mut take = |per_mille: u64, turn: u32| {
        let part = portion(requests, per_mille, 1000, hash.rotate_left(turn)).min(left);
        left -= part;
        part
    };
    let limited = take(error_rates.limited * noise / 1000, 29);
    let refused = take(error_rates.refused, 37);
    let failed = take(error_rates.failed, 43);
    let redirected = take(error_rates.redirected, 53);
    [left, redirected, limited + refused, failed, limited, requests]
}

/// `value * share / whole`, rounded up or down at random, so that small shares of small values do not vanish.
fn portion(value: u64, share: u64, whole: u64, chance: u64) -> u64 {
    (value * share + chance % whole) / whole
}
