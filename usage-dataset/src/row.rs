//! The day and the counts of a row as they are stored: none is absent.

use chrono::{NaiveDate, NaiveTime};
use usage_client::RowRef;

use crate::error::{Error, ErrorKind, Result};

/// Counts in the order of [`RowRef::counts`].
pub(crate) type Counts = [i64; RowRef::COUNTS];

/// The longest id that an error quotes.
const LONGEST_ID: usize = 256;
/// The places of the metrics. All requests have a status, and those with 429 are some of those with 4xx.
const STATUSES: [usize; 4] = [0, 1, STATUS_400, 3];
const STATUS_400: usize = 2;
const STATUS_429: usize = 4;
const REQUESTS: usize = 5;

/// The day of a row.
pub(crate) fn day(row: &RowRef<'_>) -> Result<NaiveDate> {
    match row.date {
        Some(date) if date.time() == NaiveTime::MIN => Ok(date.date_naive()),
        _ => Err(not_a_day(row)),
    }
}

/// The error for a row whose date is no day that can be stored.
pub(crate) fn not_a_day(row: &RowRef<'_>) -> Error {
    let what = match row.date {
        None => "without a date".to_owned(),
        Some(date) => format!(
            "with the date {}, which is not the start of a day in UTC between 1970 and 2149",
            date.format("%Y-%m-%dT%H:%M:%S%.fZ"),
        ),
    };
    let client = client(row.client_id);
    Error::new(
        ErrorKind::Rows,
        format!("the service sent a row for the client {client} {what}. Fetch the rows by day"),
    )
}

/// The counts of a row. An absent one is 0 where the others say so, and an error where they do not: it could be any number.
pub(crate) fn counts(row: &RowRef<'_>, day: NaiveDate) -> Result<Counts> {
    let given = row.counts();
    let counts = given.map(Option::unwrap_or_default);
    if given.iter().all(Option::is_some) {
        return Ok(counts);
    }
    let statuses: i128 = STATUSES.iter().map(|place| i128::from(counts[*place])).sum();
    let is_zero = |place: &usize| match *place {
        REQUESTS => false,
        STATUS_429 => counts[STATUS_400] == 0,
        _ => statuses == i128::from(counts[REQUESTS]),
    };
    // The requests first: without them, no status can be checked.
    let absent = [REQUESTS, 0, 1, STATUS_400, 3, STATUS_429]
        .into_iter()
        .filter(|place| given[*place].is_none());
    match absent.into_iter().find(|place| !is_zero(place)) {
        None => Ok(counts),
        Some(place) => Err(Error::new(
            ErrorKind::Rows,
            format!(
                "the service sent a row of {day} for the client {} without `{}`, and its other counts do not say that it is 0. \
                 Fetch the day again with all metrics",
                client(row.client_id),
                RowRef::KEYS[RowRef::TEXTS + place],
            ),
        )),
    }
}

/// A client in an error.
pub(crate) fn client(id: Option<&str>) -> &str {
    match id {
        None | Some("") => "(none)",
        Some(id) if id.len() > LONGEST_ID => "(a very long id)",
        Some(id) => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(counts_of_row: [Option<i64>; RowRef::COUNTS]) -> Result<Counts> {
        let mut row = RowRef::from_parts([None; RowRef::TEXTS], counts_of_row, None);
        row.client_id = Some("c1");
        counts(&row, NaiveDate::from_ymd_opt(2026, 11, 24).unwrap())
    }

    #[test]
    fn given_counts_stay_as_they_are_even_if_they_do_not_add_up() {
        assert_eq!(of([1, 2, 3, 4, 9, 7].map(Some)).unwrap(), [1, 2, 3, 4, 9, 7]);
    }

    #[test]
    fn an_absent_status_is_0_where_the_given_ones_add_up() {
        assert_eq!(
            of([Some(5), None, None, None, None, Some(5)]).unwrap(),
            [5, 0, 0, 0, 0, 5]
        );
        assert_eq!(of([None, None, None, None, None, Some(0)]).unwrap(), [0; 6]);
        assert_eq!(
            of([Some(5), None, Some(2), None, Some(0), Some(7)]).unwrap(),
            [5, 0, 2, 0, 0, 7]
        );
    }

    #[test]
    fn an_absent_count_that_could_be_any_number_is_an_error_with_its_day_client_and_metric() {
        for (counts, metric) in [
            ([Some(5), None, Some(0), Some(0), Some(0), Some(6)], "status300"),
            ([Some(5), None, None, None, None, None], "requests"),
            ([Some(5), Some(0), Some(2), Some(0), None, Some(7)], "status429"),
            (
                [Some(i64::MAX), Some(i64::MAX), None, Some(0), Some(0), Some(-2)],
                "status400",
            ),
        ] {
            let error = of(counts).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Rows);
            for part in ["2026-11-24", "c1", metric] {
                assert!(error.to_string().contains(part), "{error} has no {part}");
            }
        }
    }
}
