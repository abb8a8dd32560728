//! Whatever order rows come in, each day's file has all of its rows, sorted.

use chrono::NaiveDate;
use proptest::{collection::vec, option, prelude::*, sample::select};
use usage_client::{RowBatch, RowRef};

use super::rows::{Sent, Stored, day, fetched, file, read_rows, sent, sorted};
use crate::{ErrorKind, Expected, RowSorter, Sums, sort::Limits};

/// Limits at which a few rows need several runs, and more strings than the dictionary has room for.
fn limits() -> impl Strategy<Value = Limits> {
    (
        1..20usize,
        7..15usize,
        1..100usize,
        2..5usize,
        1..600usize,
        1..100usize,
    )
        .prop_map(
            |(rows, texts, texts_bytes, merged, read_bytes, counts_bytes)| Limits {
                rows,
                counts_bytes,
                texts,
                texts_bytes,
                merged,
                read_bytes,
            },
        )
}

/// Few strings, so that rows are often alike, and now and then a long one or one that no other row has.
fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        8 => option::of(select(vec!["", "a", "ab", "b", "B", "Zürich 日本", "a\0", "\u{10ffff}"]).prop_map(str::to_owned)),
        1 => "[a-c]{1,3}".prop_map(Some),
        1 => (1..2000usize).prop_map(|length| Some("long ".repeat(length))),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Sent>> {
    let count = || prop_oneof![0..3i64, 0..1_000_000i64];
    let row = (
        1..4u64,
        [(); RowRef::TEXTS].map(|()| text()),
        [(); RowRef::COUNTS].map(|()| count()),
    );
    vec(row, 0..80).prop_map(|rows| {
        rows.into_iter()
            .map(|(number, texts, counts)| Sent {
                day: day(number),
                texts,
                counts,
            })
            .collect()
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_day_gives_back_its_rows_sorted(rows in rows(), batch in 1..50usize, limits in limits()) {
        let mut sorted = sorted(&rows, batch, limits).unwrap();
        let mut expected = Expected::default();
        expected.add(&rows.iter().map(Sent::row).collect::<RowBatch>()).unwrap();
        for number in 1..4 {
            let mut file = Vec::new();
            let info = sorted.write_day(day(number), &fetched(), &mut file).unwrap();
            let (read_info, read) = runtime().block_on(read_rows(file));
            let mut stored: Vec<_> = rows.iter().map(|row| Stored::from(row.row())).collect();
            stored.retain(|row| row.day == day(number));
            stored.sort();
            prop_assert_eq!(&read, &stored);
            prop_assert_eq!(&read_info, &info);
            prop_assert_eq!(info.rows, stored.len() as u64);
            let mut sums = Sums::default();
            prop_assert!(stored.iter().all(|row| sums.add(row.counts)));
            prop_assert_eq!(info.sums, sums);
            expected.compare(day(number), sorted.by_client()).unwrap();
        }
        sorted.finish().unwrap();
    }

    #[test]
    fn a_file_does_not_depend_on_the_order_of_rows(rows in rows(), limits in limits()) {
        let of_one_day = |rows: &[Sent]| rows.iter().filter(|row| row.day == day(1)).cloned().collect::<Vec<_>>();
        let rows = of_one_day(&rows);
        let mut reversed = rows.clone();
        reversed.reverse();
        let mut other = Vec::new();
        sorted(&reversed, 7, limits).unwrap().write_day(day(1), &fetched(), &mut other).unwrap();
        prop_assert_eq!(file(&rows).1.len(), other.len());
        if !rows.is_empty() {
            prop_assert!(file(&rows).1 == other);
        }
    }
}

#[test]
fn rows_that_each_have_their_own_user_are_all_kept() {
    const ROWS: u64 = 140_000;
    let mut sorter = RowSorter::new(std::env::temp_dir());
    let users: Vec<_> = (0..ROWS)
        .map(|number| format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    for users in users.chunks(1000) {
        let row = sent(1, "c", 1);
        let rows = users.iter().map(|user| {
            let mut row = row.row();
            row.user_id = Some(user);
            row
        });
        sorter.add(&rows.collect()).unwrap();
    }
    let mut file = Vec::new();
    let info = sorter
        .finish()
        .unwrap()
        .write_day(day(1), &fetched(), &mut file)
        .unwrap();
    assert_eq!(info.rows, ROWS);
    let (_, rows) = runtime().block_on(read_rows(file));
    assert_eq!(rows.len() as u64, ROWS);
    assert!(rows.is_sorted_by(|before, row| before < row));
}

#[test]
fn a_day_without_rows_is_a_file_without_rows() {
    let (info, file) = file(&[]);
    assert_eq!(
        (info.rows, info.sums, info.organization_id.clone()),
        (0, Sums::default(), None)
    );
    assert_eq!(runtime().block_on(read_rows(file)), (info, Vec::new()));
}

#[test]
fn the_organization_of_a_day_is_that_of_all_its_rows() {
    let of = |organizations: &[Option<&str>]| {
        let rows: Vec<_> = organizations
            .iter()
            .enumerate()
            .map(|(number, organization)| {
                let mut row = sent(1, &format!("c{number}"), 1);
                row.texts[2] = organization.map(str::to_owned);
                row
            })
            .collect();
        file(&rows).0.organization_id
    };
    assert_eq!(of(&[Some("o"), Some("o")]).as_deref(), Some("o"));
    assert_eq!(of(&[Some("o"), Some("p")]), None);
    assert_eq!(of(&[Some("o"), None]), None);
    assert_eq!(of(&[None, None]), None);
}

#[test]
fn rows_of_a_day_that_was_not_asked_for_are_an_error_that_names_it() {
    let rows = [sent(2, "a", 1), sent(5, "a", 1)];
    let mut early = sorted(&rows, 1, Limits::default()).unwrap();
    let error = early.write_day(day(3), &fetched(), Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rows);
    assert!(error.to_string().contains("2026-11-02"), "{error}");

    let mut late = sorted(&rows, 1, Limits::default()).unwrap();
    late.write_day(day(2), &fetched(), Vec::new()).unwrap();
    let error = late.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rows);
    assert!(error.to_string().contains("2026-11-05"), "{error}");
}

#[test]
fn days_that_do_not_ascend_are_an_error() {
    let mut sorted = sorted(&[sent(2, "a", 1)], 1, Limits::default()).unwrap();
    sorted.write_day(day(2), &fetched(), Vec::new()).unwrap();
    for number in [1, 2] {
        let error = sorted.write_day(day(number), &fetched(), Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rows, "{error}");
    }
}

#[test]
fn rows_that_cannot_be_stored_are_errors_that_say_why() {
    let row = sent(1, "c1", 1);
    let long = "x".repeat(16 * 1024 + 1);
    let at = |text: &str| {
        let mut row = row.row();
        row.date = text.parse().ok();
        row
    };
    let mut nameless = row.row();
    nameless.client_name = Some(&long);
    let mut uncounted = row.row();
    (uncounted.status300, uncounted.requests) = (None, None);
    for (row, part) in [
        (at("never"), "without a date"),
        (at("2026-11-24T05:00:00Z"), "2026-11-24T05:00:00Z"),
        (at("1969-12-31T00:00:00Z"), "1969-12-31"),
        (at("2149-06-07T00:00:00Z"), "2149-06-07"),
        (nameless, "client_name"),
        (uncounted, "requests"),
    ] {
        let mut sorter = RowSorter::new(std::env::temp_dir());
        let error = sorter.add(&RowBatch::from_iter([row])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rows);
        for part in ["c1", part] {
            assert!(error.to_string().contains(part), "{error} has no {part}");
        }
    }
}

#[test]
fn the_first_and_the_last_day_that_fit_are_stored() {
    for text in ["1970-01-01", "2149-06-06"] {
        let day: NaiveDate = text.parse().unwrap();
        let (info, file) = file(&[Sent {
            day,
            ..sent(1, "a", 1)
        }]);
        assert_eq!(info.day, day);
        assert_eq!(runtime().block_on(read_rows(file)).1[0].day, day);
    }
}

#[test]
fn sums_of_more_than_64_bits_are_an_error() {
    let rows = [sent(1, "a", i64::MAX), sent(1, "b", 1)];
    let error = sorted(&rows, 1, Limits::default())
        .unwrap()
        .write_day(day(1), &fetched(), Vec::new());
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rows);
    assert!(error.to_string().contains("2026-11-01"), "{error}");
}
