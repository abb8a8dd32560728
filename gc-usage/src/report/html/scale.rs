//! Scales of charts: the ticks of an axis, and the bars into which days are put together.

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::{
    calendar::Period,
    report::{counts::Counts, model::Day},
};

/// The most ticks above zero.
const MOST_TICKS: i128 = 4;
/// The most labels of days.
const MOST_LABELS: usize = 6;
/// The most days with a bar for each.
const MOST_DAYS: usize = 92;
/// The most days with a bar for each week; two years, one of them a leap year.
const MOST_DAYS_BY_WEEK: usize = 731;

/// What a bar shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
}

/// A bar: some days, and the sum of their counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub(super) first: NaiveDate,
    pub(super) days: i64,
    pub(super) counts: Counts,
}

impl Unit {
    pub(super) fn of(days: usize) -> Self {
        match () {
            () if days <= MOST_DAYS => Self::Day,
            () if days <= MOST_DAYS_BY_WEEK => Self::Week,
            () => Self::Month,
        }
    }

    fn is_same(self, one: NaiveDate, other: NaiveDate) -> bool {
        match self {
            Self::Day => one == other,
            Self::Week => one.iso_week() == other.iso_week(),
            Self::Month => (one.year(), one.month()) == (other.year(), other.month()),
        }
    }

    /// The days of a whole bar.
    fn whole(self, day: NaiveDate) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => i64::from(day.num_days_in_month()),
        }
    }
}

impl Bar {
    /// A mean of the days, since weeks at the edges may have fewer days.
    pub(super) fn a_day(&self, count: i64) -> i128 {
        let days = i128::from(self.days);
        (i128::from(count) + days / 2) / days
    }

    /// Its days, for people.
    pub(super) fn name(&self, unit: Unit) -> String {
        let whole = unit.whole(self.first);
        let name = match unit {
            Unit::Day => self.first.format("%a %-d %b").to_string(),
            Unit::Week => format!("Week of {}", self.first.format("%-d %b %Y")),
            Unit::Month => self.first.format("%B %Y").to_string(),
        };
        match self.days {
            days if days == whole => name,
            1 => format!("{name} (1 day)"),
            days => format!("{name} ({days} days)"),
        }
    }
}

/// Puts days together.
pub(super) fn bars(days: &[Day], unit: Unit) -> Vec<Bar> {
    let groups = days.chunk_by(|one, other| unit.is_same(one.date, other.date));
    let bars = groups.map(|group| {
        let counts = group.iter().map(|day| day.counts).collect::<Vec<_>>();
        Bar {
            first: group[0].date,
            days: i64::try_from(group.len()).unwrap_or(i64::MAX),
            counts: Counts::sum(&counts),
        }
    });
    bars.collect()
}

/// The highest value of an axis, and its ticks from zero: steps of 1, 2, 2.5 or 5.
pub(super) fn ticks(most: i128) -> (i128, Vec<i128>) {
    let most = most.max(1);
    let mut unit = 1;
    loop {
        for (numerator, denominator) in [(1, 1), (2, 1), (5, 2), (5, 1)] {
            let step = unit * numerator / denominator;
            let is_whole = step * denominator == unit * numerator;
            if is_whole && step * MOST_TICKS >= most {
                let last = most.div_euclid(step) * step;
                return (
                    most.max(last),
                    (0..=last / step).map(|tick| tick * step).collect(),
                );
            }
        }
        unit *= 10;
    }
}

/// The days with a label under the axis: Mondays, or the first days of months.
pub(super) fn labelled(period: Period) -> Vec<NaiveDate> {
    let candidates: Vec<_> = match period.days() {
        ..14 => period.each_day().collect(),
        14..=92 => {
            let mondays = period.each_day().filter(|day| day.weekday() == Weekday::Mon);
            mondays.collect()
        }
        _ => period.each_day().filter(|day| day.day() == 1).collect(),
    };
    let step = candidates.len().div_ceil(MOST_LABELS).max(1);
    candidates.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;

    #[test]
    fn ticks_are_round_few_and_below_the_highest_value() {
        for (most, ticks_of) in [
            (0, vec![0, 1]),
            (3, vec![0, 1, 2, 3]),
            (100, vec![0, 25, 50, 75, 100]),
            (90_000, vec![0, 25_000, 50_000, 75_000]),
            (2_100_000, vec![0, 1_000_000, 2_000_000]),
        ] {
            assert_eq!(ticks(most).1, ticks_of, "{most}");
        }
        for most in (1..5_000).map(|step| step * 37) {
            let ticks = ticks(most).1;
            assert!(
                (2..=5).contains(&ticks.len()) && ticks[ticks.len() - 1] <= most,
                "{most}: {ticks:?}"
            );
        }
    }

    #[test]
    fn weeks_and_months_at_the_edges_have_the_days_that_are_known() {
        let days = day("2024-03-02").iter_days().take(100).map(|date| Day {
            date,
            counts: Counts {
                requests: 70,
                ..Counts::default()
            },
        });
        let days: Vec<_> = days.collect();
        let weeks = bars(&days, Unit::of(days.len()));
        assert_eq!(weeks[0].name(Unit::Week), "Week of 2 Mar 2024 (2 days)");
        assert_eq!((weeks[0].days, weeks[0].counts.requests), (2, 140));
        assert!(weeks.iter().all(|week| week.a_day(week.counts.requests) == 70));
        assert_eq!(weeks[1].name(Unit::Week), "Week of 4 Mar 2024");
        assert_eq!(weeks.iter().map(|week| week.days).sum::<i64>(), 100);
        let months = bars(&days, Unit::Month);
        assert_eq!(months[0].name(Unit::Month), "March 2024 (30 days)");
        assert_eq!(months[1].name(Unit::Month), "April 2024");
    }
}
