//! The days of a query.

use std::{fmt, str::FromStr, time::SystemTime};

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;

/// Whole UTC days to count, both ends included. An interval that exists is valid: its days exist, they are in order,
/// and data of at least the first of them can exist, since it begins before today.
///
/// The service's data is a day old: **today is never included**, however late the interval ends.
///
/// It is written as the service reads it, with serde too, and read from two days, months or times with a slash between
/// them. A year begins with its first day and ends with its last: `2019/2020-06-30`.
///
/// ```
/// use usage_client::Interval;
///
/// let february: Interval = "2020-02-01/2020-02-28".parse()?;
/// assert_eq!(february.to_string(), "2020-02-01/2020-02-28");
/// assert_eq!(Interval::month(2024, 2)?.to_string(), "2024-02-01/2024-02-29");
/// # Ok::<(), usage_client::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Interval {
    start: Point,
    end: Point,
}

/// One end of an interval, in the precision that it was written with, so that the service reads what the caller wrote.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Point {
    /// `2021-01`: as a start its first day, as an end its last.
    Month(NaiveDate),
    /// `2021-01-31`.
    Day(NaiveDate),
    /// `2021-01-31T00:00:00`, with or without milliseconds, a `Z` or both.
    Time {
        at: NaiveDateTime,
        millis: bool,
        zulu: bool,
    },
}

impl Interval {
    /// The days from `start` to `end`, both included.
    ///
    /// # Errors
    ///
    /// The end is before the start, or the interval begins today or later.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, Error> {
        Self {
            start: Point::Day(start),
            end: Point::Day(end),
        }
        .checked(today())
    }

    /// The last `days` days, ending yesterday: today is never included. For a number that a program writes down;
    /// [`try_last_days`](Self::try_last_days) takes one that a user gives.
    ///
    /// # Panics
    ///
    /// If `days` is 0 or reaches back before the year 1, as no interval is meant by either.
    pub fn last_days(days: u32) -> Self {
        Self::try_last_days(days).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The last `days` days, ending yesterday: today is never included.
    ///
    /// ```
    /// use usage_client::Interval;
    ///
    /// assert!(Interval::try_last_days(30).is_ok());
    /// assert!(Interval::try_last_days(0).unwrap_err().is_invalid_request());
    /// ```
    ///
    /// # Errors
    ///
    /// `days` is 0 or reaches back before the year 1.
    pub fn try_last_days(days: u32) -> Result<Self, Error> {
        Self::days_until(days, today() - Days::new(1))
    }

    fn days_until(days: u32, last: NaiveDate) -> Result<Self, Error> {
        let wrong = |reason| Error::invalid_request(format!("interval of the last {days} days: {reason}"));
        let before = days
            .checked_sub(1)
            .ok_or_else(|| wrong("it has at least one day"))?;
        let start = last.checked_sub_days(Days::new(before.into()));
        let start = start
            .filter(|start| start.year() > 0)
            .ok_or_else(|| wrong("the calendar does not reach back that far"))?;
        Ok(Self {
            start: Point::Day(start),
            end: Point::Day(last),
        })
    }

    /// One calendar month. Of the month under way, the days until yesterday have data.
    ///
    /// # Errors
    ///
    /// There is no such month, or it begins today or later.
    pub fn month(year: i32, month: u32) -> Result<Self, Error> {
        let start = NaiveDate::from_ymd_opt(year, month, 1);
        let start = start.ok_or_else(|| invalid(&format!("{year}-{month}"), "there is no such month"))?;
        Self {
            start: Point::Day(start),
            end: Point::Day(last_of_month(start)),
        }
        .checked(today())
    }

    /// An interval as [`parse`](str::parse) reads it, seen from another day than today: what it must not begin on, or after.
    ///
    /// # Errors
    ///
    /// It is not written as an interval, its days do not exist, or it begins on `today` or later.
    ///
    /// ```
    /// # use usage_client::Interval;
    /// let december = "2024-12/2024-12";
    /// assert!(Interval::parse_at(december, "2024-12-01".parse()?).is_err());
    /// assert!(Interval::parse_at(december, "2024-12-02".parse()?).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_at(text: &str, today: NaiveDate) -> Result<Self, Error> {
        Self::parse(text, today)
    }

    /// The first day.
    pub fn first_day(&self) -> NaiveDate {
        self.start.first_day()
    }

    /// The last day, itself included.
    pub fn last_day(&self) -> NaiveDate {
        match self.end {
            Point::Month(first) => last_of_month(first),
            end => end.first_day(),
        }
    }

    fn parse(text: &str, today: NaiveDate) -> Result<Self, Error> {
        let (start, end) = text.trim().split_once('/').ok_or_else(|| {
            invalid(
                text,
                "expected two dates with a slash between them, such as 2020-02-01/2020-02-28",
            )
        })?;
        Self {
            start: Point::parse(text, start, first_of_year)?,
            end: Point::parse(text, end, last_of_year)?,
        }
        .checked(today)
    }

    fn checked(self, today: NaiveDate) -> Result<Self, Error> {
        let is_reversed = match (self.start, self.end) {
            (Point::Time { at: start, .. }, Point::Time { at: end, .. }) => end < start,
            _ => self.last_day() < self.first_day(),
        };
        if is_reversed {
            return Err(invalid(&self.to_string(), "it ends before it starts"));
        }
        if self.first_day() >= today {
            let last = today - Days::new(1);
            return Err(invalid(
                &self.to_string(),
                &format!(
                    "there is no data of it yet: today is never included, the last day with data is {last} (UTC)"
                ),
            ));
        }
        Ok(self)
    }
}

impl Point {
    /// `of_year`: which day a year alone means. It is sent as that day, which the service reads for certain.
    fn parse(whole: &str, text: &str, of_year: impl Fn(i32) -> Option<NaiveDate>) -> Result<Self, Error> {
        let text = text.trim();
        let digits = text
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect::<String>();
        let time = |format: &str, zulu, millis| {
            let at = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), format).ok()?;
            Some(Self::Time { at, millis, zulu })
        };
        let point = match digits.as_str() {
            "0000" => text.parse().ok().and_then(of_year).map(Self::Day),
            "0000-00" => NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
                .ok()
                .map(Self::Month),
            "0000-00-00" => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::Day),
            "0000-00-00T00:00:00" => time("%Y-%m-%dT%H:%M:%S", false, false),
            "0000-00-00T00:00:00Z" => time("%Y-%m-%dT%H:%M:%S", true, false),
            "0000-00-00T00:00:00.000" => time("%Y-%m-%dT%H:%M:%S%.3f", false, true),
            "0000-00-00T00:00:00.000Z" => time("%Y-%m-%dT%H:%M:%S%.3f", true, true),
            _ => {
                return Err(invalid(
                    whole,
                    &format!(
                        "`{}` is not written like 2020-02-28, 2020-02, 2020 or 2020-02-28T00:00:00",
                        text.escape_default()
                    ),
                ));
            }
        };
        point.ok_or_else(|| invalid(whole, &format!("`{text}` does not exist in the calendar")))
    }

    fn first_day(self) -> NaiveDate {
        match self {
            Self::Month(day) | Self::Day(day) => day,
            Self::Time { at, .. } => at.date(),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(day) => write!(f, "{}", day.format("%Y-%m")),
            Self::Day(day) => write!(f, "{}", day.format("%Y-%m-%d")),
            Self::Time { at, millis, zulu } => {
                write!(
                    f,
                    "{}",
                    at.format(if *millis {
                        "%Y-%m-%dT%H:%M:%S%.3f"
                    } else {
                        "%Y-%m-%dT%H:%M:%S"
                    })
                )?;
                f.write_str(if *zulu { "Z" } else { "" })
            }
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start, self.end)
    }
}

impl FromStr for Interval {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text, today())
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> Self {
        interval.to_string()
    }
}

fn invalid(text: &str, reason: &str) -> Error {
    Error::invalid_request(format!("interval `{}`: {reason}", text.escape_default()))
}

fn today() -> NaiveDate {
    // `Utc::now` panics if the clock is before 1970.
    DateTime::<Utc>::from(SystemTime::now()).date_naive()
}

fn first_of_year(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 1, 1)
}

fn last_of_year(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 12, 31)
}

/// The last day of the month that begins on `first`.
fn last_of_month(first: NaiveDate) -> NaiveDate {
    first
        .checked_add_months(Months::new(1))
        .map_or(NaiveDate::MAX, |next| next - Days::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn parse(text: &str) -> Result<Interval, Error> {
        Interval::parse(text, day("2026-11-23"))
    }

    #[test]
    fn every_form_seen_is_read_and_written_back_as_it_was() {
        for (text, first, last) in [
            ("2020-02-01/2020-02-28", "2020-02-01", "2020-02-28"),
            ("2021-01/2021-02", "2021-01-01", "2021-02-28"),
            (
                "2020-02-01T00:00:00/2020-02-28T00:00:00",
                "2020-02-01",
                "2020-02-28",
            ),
            (
                "2020-02-01T00:00:00Z/2020-02-28T23:59:59Z",
                "2020-02-01",
                "2020-02-28",
            ),
            (
                "2020-02-01T00:00:00.000Z/2020-02-28T00:00:00.000Z",
                "2020-02-01",
                "2020-02-28",
            ),
            ("2020-02-29/2020-03", "2020-02-29", "2020-03-31"),
        ] {
            let interval = parse(text).unwrap();
            assert_eq!(interval.to_string(), text);
            assert_eq!(
                (interval.first_day(), interval.last_day()),
                (day(first), day(last)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_year_begins_with_its_first_day_and_ends_with_its_last() {
        for (text, days) in [
            ("2019/2020-06-30", "2019-01-01/2020-06-30"),
            ("2019/2020", "2019-01-01/2020-12-31"),
            ("2020/2020", "2020-01-01/2020-12-31"),
            ("2019-05/2020", "2019-05/2020-12-31"),
            ("2019 / 2026", "2019-01-01/2026-12-31"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), days, "{text}");
        }
        for (text, reason) in [
            ("2020/2019", "ends before it starts"),
            ("2027/2028", "no data of it yet"),
            ("19/2020", "`19` is not written like"),
            ("20190/2020", "`20190` is not written like"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn serde_writes_and_reads_the_service_s_form() {
        let text = "\"2020-02/2020-03\"";
        let interval: Interval = serde_json::from_str(text).unwrap();
        assert_eq!(interval.last_day(), day("2020-03-31"));
        assert_eq!(serde_json::to_string(&interval).unwrap(), text);
        let error = serde_json::from_str::<Interval>("\"2020-03/2020-02\"").unwrap_err();
        assert!(error.to_string().contains("ends before it starts"), "{error}");
    }

    #[test]
    fn a_number_of_days_that_a_user_gives_is_an_error_and_no_panic() {
        let last = day("2024-03-01");
        assert_eq!(
            Interval::days_until(2, last).unwrap().to_string(),
            "2024-02-29/2024-03-01"
        );
        for (days, reason) in [
            (0, "at least one day"),
            (800_000, "does not reach back"),
            (u32::MAX, "does not reach back"),
        ] {
            let error = Interval::try_last_days(days).unwrap_err();
            assert!(
                error.is_invalid_request() && error.to_string().contains(reason),
                "{error}"
            );
        }
    }

    #[test]
    #[should_panic(expected = "at least one day")]
    fn the_last_0_days_panic_as_documented() {
        let _ = Interval::last_days(0);
    }

    #[test]
    fn what_is_no_interval_says_why() {
        for (text, reason) in [
            ("2020-02-01", "two dates with a slash"),
            ("", "two dates with a slash"),
            (
                "2020-02-30/2020-03-01",
                "`2020-02-30` does not exist in the calendar",
            ),
            ("2020-13/2021-01", "`2020-13` does not exist"),
            ("2020-03-01/2020-02-01", "ends before it starts"),
            ("2020-02-01T12:00:00/2020-02-01T11:00:00", "ends before it starts"),
            ("2026-11-23/2026-11-30", "the last day with data is 2026-11-22"),
            ("yesterday/today", "`yesterday` is not written like"),
            ("2020-2-1/2020-2-2", "`2020-2-1` is not written like"),
            ("2020-02-01/2020-02-02/2020-02-03", "is not written like"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.is_invalid_request());
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn the_last_days_end_yesterday() {
        let interval = Interval::last_days(30);
        assert_eq!(interval.last_day(), today() - Days::new(1));
        assert_eq!((interval.last_day() - interval.first_day()).num_days(), 29);
        assert_eq!(
            Interval::last_days(1).first_day(),
            Interval::last_days(1).last_day()
        );
    }

    #[test]
    fn a_month_has_all_its_days() {
        assert_eq!(
            Interval::month(2024, 2).unwrap().to_string(),
            "2024-02-01/2024-02-29"
        );
        assert_eq!(
            Interval::month(2023, 12).unwrap().to_string(),
            "2023-12-01/2023-12-31"
        );
        assert!(
            Interval::month(2023, 13)
                .unwrap_err()
                .to_string()
                .contains("no such month")
        );
        assert!(
            Interval::month(9999, 1)
                .unwrap_err()
                .to_string()
                .contains("no data of it yet")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_days_in_order_are_valid_and_come_back(first in 0_i64..9_000, length in 0_i64..400) {
            let day = |offset| day("2001-01-01") + chrono::TimeDelta::days(offset);
            let interval = Interval::new(day(first), day(first + length)).unwrap();
            proptest::prop_assert_eq!(interval.to_string().parse::<Interval>().unwrap(), interval);
            proptest::prop_assert_eq!((interval.first_day(), interval.last_day()), (day(first), day(first + length)));
        }

        #[test]
        fn what_is_taken_is_written_back_as_it_was(text in "20[0-2][0-9]-[01][0-9](-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?Z?)?)?/20[0-2][0-9]-[01][0-9](-[0-3][0-9])?") {
            if let Ok(interval) = parse(&text) {
                proptest::prop_assert_eq!(interval.to_string(), text);
                proptest::prop_assert!(interval.first_day() <= interval.last_day());
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
