//! The synthetic history: how often each call was made on each day, as a function of the seed alone.

use chrono::{Datelike, NaiveDate};

use crate::catalog::{CLIENTS, Client};
use crate::ids::mix_all;
use crate::interval::Interval;

/// Counts in the order of the rows' keys: 200, 300, 400, 500, 429 (a part of 400) and requests (the first
/// four).
pub(crate) type Counts = [u64; 6];

/// One user of one client, and one call they make.
pub(crate) struct Line {
    pub(crate) client: usize,
    pub(crate) user: usize,
    pub(crate) call: usize,
}

/// The first day that has data, as far back as the service's went.
fn beginning() -> NaiveDate {
    NaiveDate::from_ymd_opt(2018, 1, 1).expect("is a day")
}

/// The days of an interval that have data. Data is a day old: today has none.
pub(crate) fn days(interval: Interval, today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let first = interval.first.max(beginning());
    first
        .iter_days()
        .take_while(move |day| *day <= interval.last && *day < today)
}

/// Every line there is.
pub(crate) fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, client) in CLIENTS.iter().enumerate() {
        for user in 0..client.users.len() {
            lines.extend((0..client.calls.len()).map(|call| Line {
                client: number,
                user,
                call,
            }));
        }
    }
    lines
}

/// What one line did on one day.
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

/// Volume: by weekday, growing by a fifth of the first year's each year or so, and noisy.
fn requests(client: &Client, day: NaiveDate, line: &Line, noise: u64, hash: u64) -> u64 {
    let percent = if day.weekday().num_days_from_monday() >= 5 {
        client.weekend
    } else {
        100
    };
    let age = (day - beginning()).num_days().max(0) as u64;
    let scaled = client.daily * client.calls[line.call].2 * percent * (10_000 + 6 * age) / 10_000 * noise;
    portion(
        scaled,
        1,
        1000 * 100 * 1000 * client.users.len() as u64,
        hash.rotate_left(17),
    )
}

/// Divides requests by how they ended. A day with more requests than usual is limited more.
fn split(client: &Client, requests: u64, noise: u64, hash: u64) -> Counts {
    let troubles = &client.troubles;
    let mut left = requests;
    let mut take = |per_mille: u64, turn: u32| {
        let part = portion(requests, per_mille, 1000, hash.rotate_left(turn)).min(left);
        left -= part;
        part
    };
    let limited = take(troubles.limited * noise / 1000, 29);
    let refused = take(troubles.refused, 37);
    let failed = take(troubles.failed, 43);
    let redirected = take(troubles.redirected, 53);
    [left, redirected, limited + refused, failed, limited, requests]
}

/// `value * share / whole`, rounded up or down by chance, so that small shares of small values do not vanish.
fn portion(value: u64, share: u64, whole: u64, chance: u64) -> u64 {
    (value * share + chance % whole) / whole
}
