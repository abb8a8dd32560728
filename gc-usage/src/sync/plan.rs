//! Which days of an organization are fetched, and in which pieces.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use crate::calendar::{Period, last_of_month};

/// How many days a data set holds if the user does not say since when.
const DEFAULT_DAYS: u64 = 90;

/// The days to fetch. They are in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Plan {
    /// The days that the data set must hold. Nothing if there are none yet.
    pub(super) wanted: Option<Period>,
    /// Days without an object.
    pub(super) missing: Vec<NaiveDate>,
    /// Stored days that are fetched again.
    pub(super) again: Vec<NaiveDate>,
}

impl Plan {
    /// The plan of an organization with these `stored` days, on the day after `yesterday`. The last `refresh` days are
    /// fetched again.
    pub(super) fn new(
        stored: &BTreeSet<NaiveDate>,
        since: Option<NaiveDate>,
        refresh: u32,
        yesterday: NaiveDate,
    ) -> Self {
        let first = since
            .or_else(|| stored.first().copied())
            .unwrap_or_else(|| yesterday - Days::new(DEFAULT_DAYS - 1));
        let mut plan = Self {
            wanted: (first <= yesterday).then_some(Period {
                first,
                last: yesterday,
            }),
            missing: Vec::new(),
            again: Vec::new(),
        };
        let days = plan.wanted.map(|wanted| wanted.each_day());
        for day in days.into_iter().flatten() {
            match stored.contains(&day) {
                false => plan.missing.push(day),
                true if (yesterday - day).num_days() < refresh.into() => plan.again.push(day),
                true => {}
            }
        }
        plan
    }

    /// The periods to ask for. None has days of two months, or a day that is not fetched.
    pub(super) fn pieces(&self) -> Vec<Period> {
        let days: BTreeSet<_> = self.missing.iter().chain(&self.again).copied().collect();
        let mut pieces: Vec<Period> = Vec::new();
        for day in days {
            match pieces.last_mut() {
                Some(piece)
                    if piece.last + Days::new(1) == day && last_of_month(piece.last) != piece.last =>
                {
                    piece.last = day;
                }
                _ => pieces.push(Period {
                    first: day,
                    last: day,
                }),
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::btree_set, prelude::*};

    use super::*;
    use crate::{calendar::ranges, testing::day};

    fn texts(pieces: &[Period]) -> Vec<String> {
        pieces
            .iter()
            .map(|piece| format!("{}/{}", piece.first, piece.last))
            .collect()
    }

    #[test]
    fn the_first_run_fetches_ninety_days_and_later_runs_the_new_and_the_last_ones() {
        let yesterday = day("2026-11-25");
        let first = Plan::new(&BTreeSet::new(), None, 2, yesterday);
        assert_eq!(first.missing.len(), 90);
        assert_eq!(
            texts(&first.pieces()),
            [
                "2026-08-28/2026-08-31",
                "2026-09-01/2026-09-30",
                "2026-10-01/2026-10-31",
                "2026-11-01/2026-11-25"
            ]
        );
        let stored: BTreeSet<_> = first.missing.iter().copied().collect();
        let next = Plan::new(&stored, None, 2, day("2026-11-26"));
        assert_eq!(texts(&next.pieces()), ["2026-11-25/2026-11-26"]);
        assert_eq!((next.missing.len(), next.again.len()), (1, 1));
        let none = Plan::new(&stored, None, 0, yesterday);
        assert_eq!(texts(&none.pieces()), [""; 0]);
    }

    #[test]
    fn days_that_were_deleted_and_earlier_days_are_missing() {
        let stored = ["2026-11-01", "2026-11-02", "2026-11-04"].map(day).into();
        let plan = Plan::new(&stored, Some(day("2026-10-30")), 1, day("2026-11-05"));
        assert_eq!(
            ranges(&plan.missing, 9),
            "2026-10-30 to 2026-10-31, 2026-11-03, 2026-11-05"
        );
        assert_eq!(ranges(&plan.missing, 1), "2026-10-30 to 2026-10-31 and 2 more");
        let later = Plan::new(&stored, Some(day("2026-11-06")), 1, day("2026-11-05"));
        assert_eq!((later.wanted, later.pieces()), (None, Vec::new()));
    }

    proptest! {
        #[test]
        fn pieces_have_the_days_of_the_plan_once_and_no_other(
            stored in btree_set(0_u64..200, 0..100),
            since in proptest::option::of(0_u64..220),
            refresh in 0_u32..5,
        ) {
            let at = |offset: u64| day("2026-01-01") + Days::new(offset);
            let stored: BTreeSet<_> = stored.into_iter().map(at).collect();
            let yesterday = at(200);
            let plan = Plan::new(&stored, since.map(at), refresh, yesterday);
            let mut planned: Vec<_> = plan.missing.iter().chain(&plan.again).copied().collect();
            planned.sort_unstable();
            let pieces = plan.pieces();
            let fetched: Vec<_> = pieces.iter().flat_map(Period::each_day).collect();
            prop_assert_eq!(&fetched, &planned);
            for piece in &pieces {
                prop_assert_eq!(last_of_month(piece.first), last_of_month(piece.last));
            }
            // After the run, nothing is missing.
            let held: BTreeSet<_> = stored.iter().copied().chain(fetched).collect();
            prop_assert!(Plan::new(&held, since.map(at), refresh, yesterday).missing.is_empty());
        }
    }
}
