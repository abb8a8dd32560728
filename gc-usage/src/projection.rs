//! The usage of a month, and its projection to the end of the month.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use serde::Serialize;

use crate::{
    allotment::Allotment,
    calendar::{first_of_month, last_of_month},
};

/// Requests by day. Days without rows have 0.
pub(crate) type DailyRequests = BTreeMap<NaiveDate, i128>;

/// The usage of a month.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MonthUsage {
    /// First day of the month.
    pub(crate) month: NaiveDate,
    /// The last day that is counted.
    pub(crate) until: NaiveDate,
    pub(crate) days_left: u32,
    pub(crate) requests: i128,
    /// The expected requests at the end of the month; the actual requests if it is over.
    pub(crate) projected: i128,
    /// The range that includes the result in four of five such months. `None` if too few days are known.
    pub(crate) range: Option<(i128, i128)>,
    #[serde(serialize_with = "requests_of")]
    pub(crate) allotment: Option<Allotment>,
    /// The days until `until`.
    #[serde(skip)]
    pub(crate) days: Vec<MonthDay>,
    /// The days after it.
    #[serde(skip)]
    pub(crate) projection: Vec<ProjectedDay>,
}

/// A day of the month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct MonthDay {
    pub(crate) date: NaiveDate,
    pub(crate) requests: i128,
}

/// A day that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct ProjectedDay {
    pub(crate) date: NaiveDate,
    /// The expected requests from the beginning of the month until this day.
    pub(crate) projected: i128,
    pub(crate) range: Option<(i128, i128)>,
}

fn requests_of<S: serde::Serializer>(allotment: &Option<Allotment>, to: S) -> Result<S::Ok, S::Error> {
    allotment
        .as_ref()
        .map(|allotment| allotment.requests)
        .serialize(to)
}

/// With fewer days, the variance of days is unknown.
const FEWEST_FOR_RANGE: usize = 14;
/// How many days the projection uses: four of each weekday, so that earlier changes do not matter.
pub(crate) const HISTORY: u64 = 28;
/// Student's t: how many standard errors around a mean include four of five outcomes, for 7 degrees of freedom (14 days
/// minus 7 means) to 21 (28 days).
const FOUR_OF_FIVE: [f64; 15] = [
    1.414924, 1.396815, 1.383029, 1.372184, 1.363430, 1.356217, 1.350171, 1.345030, 1.340606, 1.336757,
    1.333379, 1.330391, 1.327728, 1.325341, 1.323188,
];

impl MonthUsage {
    /// The month of `until`, from the requests of each day until then. `days` may begin earlier.
    pub(crate) fn new(days: &DailyRequests, until: NaiveDate, allotment: Option<Allotment>) -> Self {
        let month = first_of_month(until);
        let last = last_of_month(month);
        let until_now = days.range(month..=until).map(|(date, requests)| MonthDay {
            date: *date,
            requests: *requests,
        });
        let until_now: Vec<_> = until_now.collect();
        let used = until_now.iter().map(|day| day.requests).sum();
        let left: Vec<_> = until.iter_days().skip(1).take_while(|day| *day <= last).collect();
        let (projected, range) = project(days, until, used, &left);
        let projection = left.iter().enumerate().map(|(place, date)| {
            let (projected, range) = project(days, until, used, &left[..=place]);
            ProjectedDay {
                date: *date,
                projected,
                range,
            }
        });
        Self {
            month,
            until,
            days_left: u32::try_from(left.len()).unwrap_or(u32::MAX),
            requests: used,
            projected,
            range,
            allotment,
            projection: projection.collect(),
            days: until_now,
        }
    }

    /// The requests from the beginning of the month until each day.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (NaiveDate, i128)> {
        self.days.iter().scan(0, |sum, day| {
            *sum += day.requests;
            Some((day.date, *sum))
        })
    }

    /// The day on which the requests exceed a number. It may be a projected one.
    pub(crate) fn exceeds_on(&self, requests: i128) -> Option<NaiveDate> {
        let projected = self.projection.iter().map(|day| (day.date, day.projected));
        let mut all = self.sums().chain(projected);
        all.find(|(_, sum)| *sum > requests).map(|(date, _)| date)
    }

    pub(crate) fn allotted(&self) -> Option<u64> {
        Some(self.allotment.as_ref()?.requests)
    }

    /// Projected requests beyond the allotment at the end of the month.
    pub(crate) fn overage(&self) -> Option<i128> {
        let allotment = i128::from(self.allotted()?);
        Some((self.projected - allotment).max(0))
    }
}

/// Expects each remaining day to be like the same weekdays before. Their variance gives the range.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "an estimate does not need all digits"
)]
fn project(
    days: &DailyRequests,
    until: NaiveDate,
    used: i128,
    left: &[NaiveDate],
) -> (i128, Option<(i128, i128)>) {
    if left.is_empty() {
        return (used, Some((used, used)));
    }
    let since = until - Days::new(HISTORY - 1);
    let history: Vec<_> = days
        .range(since..=until)
        .map(|(day, count)| (day.weekday(), *count as f64))
        .collect();
    if history.is_empty() {
        return (used, None);
    }
    let known = |weekday: Weekday| history.iter().filter(move |(day, _)| *day == weekday);
    let mean = |sum: f64, days: usize| sum / days as f64;
    let overall = mean(history.iter().map(|(_, count)| count).sum(), history.len());
    let expected = |weekday: Weekday| match known(weekday).count() {
        0 => overall,
        days => mean(known(weekday).map(|(_, count)| count).sum(), days),
    };
    let to_come: f64 = left.iter().map(|day| expected(day.weekday())).sum();
    let projected = used + to_come.round() as i128;
    if history.len() < FEWEST_FOR_RANGE {
        return (projected, None);
    }
    // Each of the seven means takes one degree of freedom.
    let freedom = history.len() - 7;
    let squares: f64 = history
        .iter()
        .map(|(weekday, count)| (count - expected(*weekday)).powi(2))
        .sum();
    // The variance of each remaining day, and the error of its weekday's mean, which all days of that weekday share.
    let weekdays = until.iter_days().take(7).map(|day| day.weekday());
    let days: f64 = weekdays
        .map(|weekday| {
            let ahead = left.iter().filter(|day| day.weekday() == weekday).count() as f64;
            ahead + ahead * ahead / known(weekday).count().max(1) as f64
        })
        .sum();
    let deviation = (squares / freedom as f64 * days).sqrt();
    let width = (FOUR_OF_FIVE[history.len() - FEWEST_FOR_RANGE] * deviation).round() as i128;
    (
        projected,
        Some(((projected - width).max(used), projected + width)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;

    fn days(first: &str, last: &str, count: impl Fn(NaiveDate) -> i128) -> DailyRequests {
        let days = day(first).iter_days().take_while(|other| *other <= day(last));
        days.map(|day| (day, count(day))).collect()
    }

    #[test]
    fn a_month_that_is_over_is_not_projected() {
        let all = days("2026-10-01", "2026-10-31", |_| 100);
        let month = MonthUsage::new(&all, day("2026-10-31"), Some(3_000.into()));
        assert_eq!(
            (month.requests, month.projected, month.range),
            (3_100, 3_100, Some((3_100, 3_100)))
        );
        assert_eq!((month.days_left, month.overage()), (0, Some(100)));
    }

    #[test]
    fn remaining_weekends_are_projected_like_weekends() {
        let working = |day: NaiveDate| {
            if day.weekday().number_from_monday() > 5 {
                10
            } else {
                100
            }
        };
        let all = days("2026-09-15", "2026-11-15", working);
        let month = MonthUsage::new(&all, day("2026-11-15"), None);
        // 21 working days and 9 others, without any noise.
        assert_eq!(
            (month.projected, month.range),
            (21 * 100 + 9 * 10, Some((2_190, 2_190)))
        );
        assert_eq!(month.overage(), None);
    }

    #[test]
    fn the_range_grows_with_noise_and_needs_enough_days() {
        let noisy = |day: NaiveDate| if day.day().is_multiple_of(2) { 50 } else { 150 };
        let all = days("2026-10-01", "2026-11-10", noisy);
        let month = MonthUsage::new(&all, day("2026-11-10"), None);
        let ((low, high), projected) = (month.range.unwrap(), month.projected);
        assert!(
            low < projected && projected < high && low > month.requests,
            "{month:?}"
        );
        let few = days("2026-11-01", "2026-11-10", noisy);
        let month = MonthUsage::new(&few, day("2026-11-10"), None);
        assert_eq!((month.range, month.requests), (None, 1_000));
        assert!(month.projected > 2_000);
    }

    #[test]
    fn the_range_includes_four_of_five_outcomes() {
        let mut random = fastrand::Rng::with_seed(7);
        // Normal distribution by the Box-Muller transform.
        let mut noise =
            || (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos();
        // From 14 days with one day left, to four weeks with nearly the whole month left.
        for (known, until) in [
            (14, "2026-11-29"),
            (14, "2026-11-14"),
            (28, "2026-11-29"),
            (28, "2026-11-03"),
        ] {
            let until = day(until);
            let first = until - Days::new(known - 1);
            let end = day("2026-11-30");
            let (mut held, tries) = (0, 2_000);
            for _ in 0..tries {
                let mut all = DailyRequests::new();
                for day in first
                    .min(day("2026-11-01"))
                    .iter_days()
                    .take_while(|day| *day <= end)
                {
                    let level = f64::from(day.weekday().number_from_monday()) * 10_000.0;
                    all.insert(day, (level + 1_000.0 * noise()).round() as i128);
                }
                let outcome: i128 = all.range(day("2026-11-01")..).map(|(_, count)| count).sum();
                let known = all
                    .range(first..=until)
                    .map(|(day, count)| (*day, *count))
                    .collect();
                let used: i128 = all.range(day("2026-11-01")..=until).map(|(_, count)| count).sum();
                let ahead: Vec<_> = until
                    .iter_days()
                    .skip(1)
                    .take_while(|day| day.month() == 11)
                    .collect();
                let (low, high) = project(&known, until, used, &ahead).1.unwrap();
                held += usize::from((low..=high).contains(&outcome));
            }
            let share = held as f64 / f64::from(tries);
            assert!(
                (0.775..=0.825).contains(&share),
                "{known} days until {until}: {share}"
            );
        }
    }
}
