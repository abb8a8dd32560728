//! Properties of the sums, whatever the query.

use bytes::BytesMut;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::interval::Interval;
use crate::rows::write;
use crate::selection::Filter;

const EVERYTHING: [bool; Dimension::COUNT] = [true; Dimension::COUNT];
const NOTHING: [bool; Dimension::COUNT] = [false; Dimension::COUNT];

fn day(year: i32, ordinal: u32) -> NaiveDate {
    NaiveDate::from_yo_opt(year, ordinal).unwrap()
}

fn today() -> NaiveDate {
    day(2024, 100)
}

fn query(
    interval: Interval,
    dimensions: [bool; Dimension::COUNT],
    granularity: Option<Granularity>,
) -> Selection {
    Selection {
        interval,
        granularity,
        dimensions,
        metrics: [true; 6],
        filter: Filter::default(),
        order: Vec::new(),
    }
}

/// The same for a job, whose rows count the platform's own clients too.
fn job(selection: &Selection) -> Selection {
    let mut job = selection.clone();
    job.filter.platform_clients = true;
    job
}

fn rows(selection: &Selection) -> Vec<Value> {
    let table = Table::compute(selection, 7, today());
    let row = |position| {
        let mut text = BytesMut::new();
        write(&mut text, &table.row(position), table.metrics());
        serde_json::from_slice(&text).unwrap()
    };
    (0..table.len()).map(row).collect()
}

fn count(row: &Value, name: &str) -> u64 {
    row[name].as_u64().unwrap()
}

const NAMES: [&str; 6] = [
    "status200",
    "status300",
    "status400",
    "status500",
    "status429",
    "requests",
];

fn totals(rows: &[Value]) -> [u64; 6] {
    NAMES.map(|name| rows.iter().map(|row| count(row, name)).sum())
}

fn intervals() -> impl Strategy<Value = Interval> {
    (0_i64..2700, 0_i64..120).prop_map(|(start, length)| {
        let first = day(2017, 1) + chrono::Duration::days(start);
        Interval {
            first,
            last: first + chrono::Duration::days(length),
        }
    })
}

fn granularities() -> impl Strategy<Value = Option<Granularity>> {
    prop_oneof![
        Just(None),
        Just(Some(Granularity::Day)),
        Just(Some(Granularity::Week)),
        Just(Some(Granularity::Month)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sums_agree_across_groupings(
        interval in intervals(),
        left in any::<[bool; Dimension::COUNT]>(),
        right in any::<[bool; Dimension::COUNT]>(),
        by_left in granularities(),
        by_right in granularities(),
    ) {
        let left = rows(&query(interval, left, by_left));
        let right = rows(&query(interval, right, by_right));
        prop_assert_eq!(totals(&left), totals(&right));
        for row in left.iter().chain(&right) {
            let parts: u64 = NAMES[..4].iter().map(|name| count(row, name)).sum();
            prop_assert_eq!(count(row, "requests"), parts);
            prop_assert!(count(row, "status429") <= count(row, "status400"));
        }
    }

    #[test]
    fn a_job_counts_the_same_and_the_platform_s_own_clients(
        interval in intervals(),
        dimensions in any::<[bool; Dimension::COUNT]>(),
        other in any::<[bool; Dimension::COUNT]>(),
        granularity in granularities(),
    ) {
        let old = query(interval, dimensions, granularity);
        let whole = job(&query(interval, other, granularity));
        let mut platform = whole.clone();
        let organizations = ["purecloud", "purecloud-builtin"].map(str::to_owned);
        platform.filter.values[Dimension::Organization as usize] = organizations.to_vec();
        let [old, whole, platform] = [old, whole, platform].map(|selection| totals(&rows(&selection)));
        for number in 0..6 {
            prop_assert_eq!(old[number] + platform[number], whole[number]);
        }
        prop_assert!(whole[5] == 0 || platform[5] > 0);
    }

    #[test]
    fn the_parts_of_a_filter_add_up_to_the_whole(
        interval in intervals(),
        dimension in 0..Dimension::COUNT,
        granularity in granularities(),
    ) {
        let whole = job(&query(interval, EVERYTHING, granularity));
        let table = Table::compute(&whole, 7, today());
        let mut sums = [0; 6];
        for name in &table.names[dimension] {
            let mut part = whole.clone();
            part.filter.values[dimension] = vec![(*name).to_owned()];
            for (sum, count) in sums.iter_mut().zip(totals(&rows(&part))) {
                *sum += count;
            }
        }
        prop_assert_eq!(sums, totals(&rows(&whole)));
    }
}

#[test]
fn a_year_by_everything_and_day_has_unique_rows_in_no_order() {
    let year = Interval {
        first: day(2023, 1),
        last: day(2023, 365),
    };
    let started = std::time::Instant::now();
    let table = Table::compute(&query(year, EVERYTHING, Some(Granularity::Day)), 7, today());
    let took = started.elapsed();
    assert!(took.as_secs() < 5, "{took:?}");
    assert!(table.groups.len() > 10_000, "{}", table.groups.len());
    let dates: Vec<_> = table.groups.iter().map(|(key, _)| key.0).collect();
    assert!(!dates.is_sorted());
}

#[test]
fn today_and_what_lies_outside_the_history_have_no_rows() {
    let around = Interval {
        first: today() - chrono::Duration::days(2),
        last: today() + chrono::Duration::days(2),
    };
    let mut dates: Vec<String> = rows(&query(around, NOTHING, Some(Granularity::Day)))
        .iter()
        .map(|row| row["date"].as_str().unwrap().to_owned())
        .collect();
    dates.sort();
    assert_eq!(dates, ["2024-04-07T00:00:00Z", "2024-04-08T00:00:00Z"]);
    let before = Interval {
        first: day(2010, 1),
        last: day(2017, 365),
    };
    assert_eq!(rows(&query(before, EVERYTHING, None)), Vec::<Value>::new());
}

#[test]
fn buckets_are_named_after_their_first_day() {
    let interval = Interval {
        first: day(2024, 10),
        last: day(2024, 11),
    };
    let dates = |granularity| rows(&query(interval, NOTHING, Some(granularity)))[0]["date"].clone();
    assert_eq!(dates(Granularity::Week), "2024-01-08T00:00:00Z");
    assert_eq!(dates(Granularity::Month), "2024-01-01T00:00:00Z");
}

#[test]
fn the_data_lake_loader_is_the_one_that_is_limited() {
    let month = Interval {
        first: day(2024, 1),
        last: day(2024, 31),
    };
    let mut by_client = NOTHING;
    by_client[Dimension::ClientId as usize] = true;
    by_client[Dimension::ClientName as usize] = true;
    let rows = rows(&query(month, by_client, None));
    assert_eq!(rows.len(), 8);
    let most = rows.iter().max_by_key(|row| count(row, "status429")).unwrap();
    assert_eq!(most["clientName"], "Data Lake Loader");
    assert!(count(most, "status429") * 5 > count(most, "requests"));
}
