//! The days of a query.

use std::{fmt, str::FromStr, time::SystemTime};

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;

/// Whole UTC days, both ends included. An existing interval is valid: its days are in order, its years are from 1 to
/// 9999, and it begins before today, so that its first day can have data.
///
/// The service's data is a day old: **today is never included**, even if the interval ends later.
///
/// It is written as two days, `2020-02-01/2020-02-28`, with serde too. It parses from two days, months, years or
/// times with a slash between them. A month or year begins with its first day and ends with its last: `2019/2020-06`
/// is `2019-01-01/2020-06-30`. A time must be midnight, or `23:59:59` at the end, because the API counts whole days.
/// To send anything else, pass a string to `ApiUsageQuery::interval`.
///
/// ```
/// use usage_client::{ApiUsageQuery, Interval};
///
/// let february: Interval = "2020-02-01/2020-02-28".parse()?;
/// assert_eq!(february, "2020-02-01T00:00:00Z/2020-02-28T23:59:59Z".parse()?);
/// assert_eq!(Interval::month(2024, 2)?.to_string(), "2024-02-01/2024-02-29");
///
/// let query = ApiUsageQuery::builder().interval(february);
/// let as_it_is = ApiUsageQuery::builder().interval("2020-02-01T12:00:00/2020-02-28T12:00:00");
/// # Ok::<(), usage_client::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Interval {
    first: NaiveDate,
    last: NaiveDate,
}

impl Interval {
    /// The days from `first` to `last`, both included.
    ///
    /// # Errors
    ///
    /// The end is before the start, the interval begins today or later, or a year is not from 1 to 9999.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, Error> {
        Self { first, last }.checked(today())
    }

    /// The last `days` days, which end yesterday: today is never included. For a constant number. For a number from a
    /// user, see [`try_last_days`](Self::try_last_days).
    ///
    /// # Panics
    ///
    /// If `days` is 0 or reaches back before the year 1.
    pub fn last_days(days: u32) -> Self {
        Self::try_last_days(days).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The last `days` days, which end yesterday: today is never included.
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
        let first = last.checked_sub_days(Days::new(before.into()));
        let first = first
            .filter(|first| first.year() > 0)
            .ok_or_else(|| wrong("the calendar does not reach back that far"))?;
        Ok(Self { first, last })
    }

    /// One calendar month. In the current month, the days until yesterday have data.
    ///
    /// # Errors
    ///
    /// There is no such month, or it begins today or later.
    pub fn month(year: i32, month: u32) -> Result<Self, Error> {
        let first = NaiveDate::from_ymd_opt(year, month, 1);
        let first = first.ok_or_else(|| invalid(&format!("{year}-{month}"), "there is no such month"))?;
        let last = last_of_month(first);
        Self { first, last }.checked(today())
    }

    /// Parses an interval like [`parse`](str::parse), with another day for today. The interval must begin before it.
    ///
    /// # Errors
    ///
    /// The text is not an interval, its days do not exist, or it begins on `today` or later.
    ///
    /// ```
    /// # use usage_client::Interval;
    /// let december = "2024-12/2024-12";
    /// assert!(Interval::parse_at(december, "2024-12-01".parse()?).is_err());
    /// assert!(Interval::parse_at(december, "2024-12-02".parse()?).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_at(text: &str, today: NaiveDate) -> Result<Self, Error> {
        let expected = "expected two dates with a slash between them, such as 2020-02-01/2020-02-28";
        let ends = text.trim().split_once('/');
        let (first, last) = ends.ok_or_else(|| invalid(text, expected))?;
        let day = |end: End, part: &str| end.day(part.trim()).map_err(|reason| invalid(text, &reason));
        let (first, last) = (day(End::First, first)?, day(End::Last, last)?);
        Self { first, last }.checked(today)
    }

    /// The first day.
    pub fn first_day(&self) -> NaiveDate {
        self.first
    }

    /// The last day, which is included.
    pub fn last_day(&self) -> NaiveDate {
        self.last
    }

    /// The days from `first` to `last`, which must be in order and within this interval.
    pub(crate) fn part(self, first: NaiveDate, last: NaiveDate) -> Self {
        debug_assert!(self.first <= first && first <= last && last <= self.last);
        Self { first, last }
    }

    fn checked(self, today: NaiveDate) -> Result<Self, Error> {
        let reason = if self.last < self.first {
            "it ends before it starts".to_owned()
        } else if self.first.year() < 1 || self.last.year() > 9999 {
            "the years are 1 to 9999".to_owned()
        } else if self.first >= today {
            let last = today - Days::new(1);
            format!(
                "there is no data of it yet: today is never included, the last day with data is {last} (UTC)"
            )
        } else {
            return Ok(self);
        };
        Err(invalid(&self.to_string(), &reason))
    }
}

/// An end of an interval. It says what a month or a year means.
#[derive(Clone, Copy, PartialEq)]
enum End {
    First,
    Last,
}

impl End {
    fn day(self, text: &str) -> Result<NaiveDate, String> {
        let shape = text
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect::<String>();
        let day = match (shape.as_str(), self) {
            ("0000", Self::First) => format!("{text}-01-01").parse().ok(),
            ("0000", Self::Last) => format!("{text}-12-31").parse().ok(),
            ("0000-00", Self::First) => format!("{text}-01").parse().ok(),
            ("0000-00", Self::Last) => format!("{text}-01").parse().ok().map(last_of_month),
            ("0000-00-00", _) => text.parse().ok(),
            ("0000-00-00T00:00:00" | "0000-00-00T00:00:00Z", _)
            | ("0000-00-00T00:00:00.000" | "0000-00-00T00:00:00.000Z", _) => {
                let (day, time) = text.split_at("0000-00-00".len());
                let is_midnight = !time.contains(|letter| matches!(letter, '1'..='9'));
                if !(is_midnight || self == Self::Last && time.starts_with("T23:59:59")) {
                    return Err(format!(
                        "`{text}` is not midnight, and the API counts whole days; `ApiUsageQuery::interval` takes any string"
                    ));
                }
                day.parse().ok()
            }
            _ => {
                return Err(format!(
                    "`{}` is not written like 2020-02-28, 2020-02, 2020 or 2020-02-28T00:00:00",
                    text.escape_default()
                ));
            }
        };
        day.ok_or_else(|| format!("`{text}` does not exist in the calendar"))
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.last)
    }
}

impl FromStr for Interval {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse_at(text, today())
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

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Interval {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Interval".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "UTC days, both included, as `start/end`.",
            "examples": ["2020-02-01/2020-02-28"],
        })
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

pub(crate) fn today() -> NaiveDate {
    // `Utc::now` panics if the clock is before 1970.
    DateTime::<Utc>::from(SystemTime::now()).date_naive()
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
        Interval::parse_at(text, day("2026-11-23"))
    }

    #[test]
    fn every_form_that_means_whole_days_is_read_as_the_same_days() {
        for (text, days) in [
            ("2020-02-01/2020-02-28", "2020-02-01/2020-02-28"),
            (" 2020-02-29 / 2020-03 ", "2020-02-29/2020-03-31"),
            ("2021-01/2021-02", "2021-01-01/2021-02-28"),
            ("2019/2020-06-30", "2019-01-01/2020-06-30"),
            ("2019/2020", "2019-01-01/2020-12-31"),
            ("2019-05/2020", "2019-05-01/2020-12-31"),
            ("2020-02-01T00:00:00/2020-02-28T00:00:00", "2020-02-01/2020-02-28"),
            (
                "2020-02-01T00:00:00Z/2020-02-28T23:59:59Z",
                "2020-02-01/2020-02-28",
            ),
            (
                "2020-02-01T00:00:00.000Z/2020-02-28T23:59:59.999",
                "2020-02-01/2020-02-28",
            ),
        ] {
            let interval = parse(text).unwrap();
            assert_eq!(interval.to_string(), days, "{text}");
            assert_eq!(interval, parse(days).unwrap(), "{text}");
        }
    }

    #[test]
    fn intervals_are_equal_hashed_and_ordered_by_their_days() {
        let intervals = [
            "2020-02/2020-03",
            "2020-02-01T00:00:00/2020-03-31",
            "2020-02-01/2020-03-30",
            "2020/2020",
        ]
        .map(|text| parse(text).unwrap());
        let set = std::collections::BTreeSet::from(intervals);
        let hashed = std::collections::HashSet::from(intervals);
        assert_eq!(hashed.len(), 3);
        let sorted: Vec<_> = set.into_iter().collect();
        assert_eq!(sorted, [intervals[3], intervals[2], intervals[0]]);
    }

    #[test]
    fn a_time_within_a_day_is_an_error_that_names_the_raw_way() {
        for text in [
            "2020-02-01T12:00:00/2020-02-28",
            "2020-02-01T23:59:59/2020-02-28",
            "2020-02-01/2020-02-28T23:59:58",
            "2020-02-01/2020-02-28T00:00:00.001Z",
            "2020-02-01/2020-02-28T25:00:00",
        ] {
            let error = parse(text).unwrap_err().to_string();
            let advice = "the API counts whole days; `ApiUsageQuery::interval` takes any string";
            assert!(error.contains(advice), "{error}");
        }
    }

    #[cfg(feature = "schemars")]
    #[test]
    fn the_schema_is_a_string_and_its_example_is_an_interval() {
        let schema = schemars::schema_for!(Interval);
        assert_eq!(schema.get("type").unwrap(), "string");
        let written = serde_json::to_value(parse("2020-02/2020-02-28").unwrap()).unwrap();
        assert_eq!(schema.get("examples").unwrap()[0], written);
    }

    #[test]
    fn serde_writes_days_and_reads_what_is_parsed() {
        let interval: Interval = serde_json::from_str("\"2020-02/2020-03\"").unwrap();
        let text = serde_json::to_string(&interval).unwrap();
        assert_eq!(text, "\"2020-02-01/2020-03-31\"");
        assert_eq!(serde_json::from_str::<Interval>(&text).unwrap(), interval);
        let error = serde_json::from_str::<Interval>("\"2020-03/2020-02\"").unwrap_err();
        assert!(error.to_string().contains("ends before it starts"), "{error}");
    }

    #[test]
    fn a_number_of_days_that_a_user_gives_is_an_error_and_no_panic() {
        let two = Interval::days_until(2, day("2024-03-01")).unwrap();
        assert_eq!(two.to_string(), "2024-02-29/2024-03-01");
        for (days, reason) in [
            (0, "at least one day"),
            (800_000, "does not reach back"),
            (u32::MAX, "does not reach back"),
        ] {
            let error = Interval::try_last_days(days).unwrap_err();
            assert!(error.is_invalid_request(), "{error:?}");
            assert!(error.to_string().contains(reason), "{error}");
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
            ("2026-11-23/2026-11-30", "the last day with data is 2026-11-22"),
            ("yesterday/today", "`yesterday` is not written like"),
            ("2020-2-1/2020-2-2", "`2020-2-1` is not written like"),
            ("2020-02-01/2020-02-02/2020-02-03", "is not written like"),
            ("2020/2019", "ends before it starts"),
            ("2027/2028", "no data of it yet"),
            ("19/2020", "`19` is not written like"),
            ("20190/2020", "`20190` is not written like"),
            ("0000/2020", "the years are 1 to 9999"),
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
        let yesterday = Interval::last_days(1);
        assert_eq!(yesterday.first_day(), yesterday.last_day());
    }

    #[test]
    fn a_month_has_all_its_days() {
        let month = |year, month| Interval::month(year, month).map(|month| month.to_string());
        assert_eq!(month(2024, 2).unwrap(), "2024-02-01/2024-02-29");
        assert_eq!(month(2023, 12).unwrap(), "2023-12-01/2023-12-31");
        let reason = |year, number| month(year, number).unwrap_err().to_string();
        assert!(reason(2023, 13).contains("no such month"));
        assert!(reason(9999, 1).contains("no data of it yet"));
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
        fn what_is_taken_is_read_back_from_what_it_is_written_as(text in "20[0-2][0-9](-[01][0-9](-[0-3][0-9](T(00:00:00|23:59:59)(\\.[0-9]{3})?Z?)?)?)?/20[0-2][0-9](-[01][0-9](-[0-3][0-9])?)?") {
            if let Ok(interval) = parse(&text) {
                proptest::prop_assert_eq!(parse(&interval.to_string()).unwrap(), interval);
                proptest::prop_assert!(interval.first_day() <= interval.last_day());
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
