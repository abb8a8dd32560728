//! The days of a report, those that they are compared with, and those that must be asked for.

use chrono::{Datelike as _, Days, NaiveDate};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use usage_client::Interval;

use crate::{args::last_of_month, exit::Failure, month, text::counted};

/// Days, both ends included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Period {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

impl Period {
    pub(crate) fn of(interval: &Interval) -> Self {
        Self {
            first: interval.first_day(),
            last: interval.last_day(),
        }
    }

    /// The same number of days before it; of whole months, the months before.
    pub(crate) fn before(&self) -> Self {
        let last = self.first - Days::new(1);
        let is_month = self.first.day() == 1 && self.last == last_of_month(self.first);
        let first = match is_month {
            true => month_of(last),
            false => self.first - Days::new(u64::try_from(self.days()).unwrap_or(0)),
        };
        Self { first, last }
    }

    pub(crate) fn days(&self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// How long it is, for people.
    pub(crate) fn length(&self) -> String {
        counted(self.days(), "UTC day")
    }

    pub(super) fn contains(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// What to ask for: this, all there is of the month that it ends in with enough days to project from, and, if that
    /// is compared, the period before.
    pub(crate) fn asked(&self, compared: bool, yesterday: NaiveDate) -> Result<Interval, Failure> {
        let month = month_of(self.last);
        let last = last_of_month(month).min(yesterday).max(self.last);
        let mut first = self.first.min(month).min(last - Days::new(month::HISTORY - 1));
        if compared {
            first = first.min(self.before().first);
        }
        Ok(Interval::new(first, last)?)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut period = to.serialize_struct("Period", 3)?;
        period.serialize_field("first", &self.first)?;
        period.serialize_field("last", &self.last)?;
        period.serialize_field("days", &self.days())?;
        period.end()
    }
}

pub(super) fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_compared_with_the_month_before_and_other_days_with_as_many() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        for (now, before) in [
            (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
            (("2026-03-01", "2026-03-30"), ("2026-01-30", "2026-02-28")),
            (("2026-03-10", "2026-03-10"), ("2026-03-09", "2026-03-09")),
            (("2024-02-01", "2024-02-29"), ("2024-01-01", "2024-01-31")),
        ] {
            let period = Period {
                first: day(now.0),
                last: day(now.1),
            };
            let before_it = period.before();
            assert_eq!((before_it.first, before_it.last), (day(before.0), day(before.1)));
        }
    }
}
