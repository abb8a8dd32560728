//! UTC days, months and periods.

use std::time::SystemTime;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use usage_client::{Interval, RowRef};

use crate::text::counted;

/// Today in UTC. Each command reads the clock only once.
pub(crate) fn today() -> NaiveDate {
    now().date_naive()
}

/// The time, for what is stored with rows.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from(SystemTime::now())
}

/// The time at which a file says that it was made: now, or what `SOURCE_DATE_EPOCH` says, so that the same data gives the same
/// bytes.
pub(crate) fn time_of_files() -> Result<DateTime<Utc>, String> {
    const VARIABLE: &str = "SOURCE_DATE_EPOCH";
    let Some(text) = std::env::var_os(VARIABLE) else {
        return Ok(now());
    };
    let seconds = text.to_str().and_then(|text| text.trim().parse().ok());
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.ok_or_else(|| format!("{VARIABLE}: expected seconds since 1970, such as 1711929600"))
}

/// The first day of a day's month.
pub(crate) fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The last day of a day's month.
pub(crate) fn last_of_month(day: NaiveDate) -> NaiveDate {
    first_of_month(day)
        .checked_add_months(Months::new(1))
        .map_or(NaiveDate::MAX, |next| next - Days::new(1))
}

/// The day of a row. It is an error if its year has more or fewer than four digits in ISO 8601.
pub(crate) fn day_of(row: &RowRef<'_>) -> Result<Option<NaiveDate>, String> {
    match row.date.map(|date| date.date_naive()) {
        Some(day) if !(1..=9999).contains(&day.year()) => Err(format!(
            "the service sent a row for {day}, which is outside the years 0001 to 9999"
        )),
        day => Ok(day),
    }
}

/// A range of days, both ends included.
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

    /// The period before it with the same number of days; the previous month, if this is a whole month.
    pub(crate) fn before(&self) -> Self {
        let last = self.first - Days::new(1);
        let is_month = self.first.day() == 1 && self.last == last_of_month(self.first);
        let first = match is_month {
            true => first_of_month(last),
            false => self.first - Days::new(u64::try_from(self.days()).unwrap_or(0)),
        };
        Self { first, last }
    }

    pub(crate) fn days(&self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// Its days, in order.
    pub(crate) fn each_day(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// Its length, for people.
    pub(crate) fn length(&self) -> String {
        counted(self.days(), "UTC day")
    }

    pub(crate) fn contains(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
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

/// The days that a command line names, and which of them have data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NamedDays {
    /// As named; the last day may be in the future.
    pub(crate) named: Period,
    /// The days until yesterday; `None` if the first day is today.
    pub(crate) interval: Option<Interval>,
    /// The last day that has data.
    yesterday: NaiveDate,
    /// A note for the user about these days.
    pub(crate) note: Option<String>,
}

impl NamedDays {
    /// `None` if all days are in the future.
    pub(crate) fn new(
        first: NaiveDate,
        last: NaiveDate,
        today: NaiveDate,
    ) -> usage_client::Result<Option<Self>> {
        if first > today {
            return Ok(None);
        }
        let yesterday = today - Days::new(1);
        let interval = (first <= yesterday).then(|| Interval::new(first, last.min(yesterday)));
        Ok(Some(Self {
            named: Period { first, last },
            interval: interval.transpose()?,
            yesterday,
            note: None,
        }))
    }

    /// The interval of the query: the days that have data, or else the days that were named.
    pub(crate) fn queried(&self) -> String {
        let Period { first, last } = self.named;
        self.interval
            .map_or_else(|| format!("{first}/{last}"), |interval| interval.to_string())
    }

    /// Adds a note, if some of the days have data and others are in the future.
    pub(crate) fn noting_days_ahead(mut self) -> Self {
        let (yesterday, last) = (self.yesterday, self.named.last);
        if self.interval.is_some() && last > yesterday {
            self.note = Some(format!(
                "there is no data after {yesterday} yet; the days until {last} are left out"
            ));
        }
        self
    }

    /// The message if none of the days has data.
    pub(crate) fn no_data(&self) -> String {
        let Period { first, last } = self.named;
        let days = match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        };
        format!(
            "there is no data for {days} yet; data arrives a day later, and the last day with data is {} (UTC)",
            self.yesterday
        )
    }
}

/// Days as ranges, for people: `2026-10-01 to 2026-10-04, 2026-11-02`. At most `most` ranges.
#[cfg(feature = "sync")]
pub(crate) fn ranges(days: &[NaiveDate], most: usize) -> String {
    let mut ranges: Vec<Period> = Vec::new();
    for day in days {
        match ranges.last_mut() {
            Some(range) if range.last + Days::new(1) == *day => range.last = *day,
            _ => ranges.push(Period {
                first: *day,
                last: *day,
            }),
        }
    }
    let left_out = ranges.len().saturating_sub(most);
    let shown = ranges
        .iter()
        .take(most)
        .map(|range| match range.first == range.last {
            true => range.first.to_string(),
            false => format!("{} to {}", range.first, range.last),
        });
    let shown: Vec<_> = shown.collect();
    match left_out {
        0 => shown.join(", "),
        _ => format!("{} and {left_out} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;

    #[test]
    fn a_month_is_compared_with_the_previous_month_and_other_periods_with_as_many_days() {
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

    #[test]
    fn a_year_without_four_digits_is_refused() {
        for (date, is_valid) in [
            ("0001-01-01T00:00:00Z", true),
            ("9999-12-31T00:00:00Z", true),
            ("0000-12-31T00:00:00Z", false),
            ("+10000-01-01T00:00:00Z", false),
        ] {
            let mut row = RowRef::default();
            row.date = Some(date.parse().unwrap());
            assert_eq!(day_of(&row).is_ok(), is_valid, "{date}");
        }
    }
}
