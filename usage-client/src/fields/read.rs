//! Reads counts and dates of a response. A value with a certain meaning is accepted. For any other, the error names
//! the value.
//!
//! Streamed rows and generated types both use these readers, so they agree.

use std::{fmt, marker::PhantomData};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};
use serde::de::{self, Deserializer, Unexpected, Visitor};

/// Every whole number below this is an exact floating-point number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A whole number of 64 bits, written as `8`, `8.0` or `8e0`. Nothing for null.
pub(crate) struct Count;

impl Visitor<'_> for Count {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of 64 bits or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, count: i64) -> Result<Self::Value, E> {
        Ok(Some(count))
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Self::Value, E> {
        let beyond = |_| E::invalid_value(Unexpected::Unsigned(count), &self);
        i64::try_from(count).map(Some).map_err(beyond)
    }

    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
    fn visit_f64<E: de::Error>(self, count: f64) -> Result<Self::Value, E> {
        if count.fract() == 0.0 && count.abs() < EXACT {
            Ok(Some(count as i64))
        } else {
            Err(E::invalid_value(Unexpected::Float(count), &self))
        }
    }
}

/// Reads a date, or says what is wrong with it.
pub(crate) fn valid_date<E: de::Error>(text: &str) -> Result<Option<DateTime<Utc>>, E> {
    let expected = &"a date such as 2020-02-02T00:00:00Z or 2020-02-02, of the years 0001 to 9999";
    date(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), expected))
}

/// Reads a day, or says what is wrong with it. Its date is its midnight in UTC.
pub(crate) fn valid_day<E: de::Error>(text: &str) -> Result<Option<DateTime<Utc>>, E> {
    let expected = &"a day such as 2020-02-02, of the years 0001 to 9999";
    day_of(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), expected))
}

/// Reads a day, as [`date`] does. A time is a day if it is midnight in UTC.
pub(crate) fn day_of(text: &str) -> Option<Option<DateTime<Utc>>> {
    date(text).filter(|date| date.is_none_or(|date| date.time() == NaiveTime::MIN))
}

/// Reads a date: a time with its zone, or a day, which means its midnight in UTC. An empty string means no date.
/// Nothing if it is neither.
pub(crate) fn date(text: &str) -> Option<Option<DateTime<Utc>>> {
    if text.is_empty() {
        return Some(None);
    }
    // Dates of the service are read without chrono's parser, which takes as long as the rest of a row.
    let date = midnight(text.as_bytes()).or_else(|| text.parse::<DateTime<Utc>>().ok())?;
    // Other years are written with a sign, which a spreadsheet takes for a formula. No service has data for them.
    (1..=9999).contains(&date.year()).then_some(Some(date))
}

/// The time of `YYYY-MM-DDT00:00:00Z`, or of a day.
fn midnight(text: &[u8]) -> Option<DateTime<Utc>> {
    let (day, b"T00:00:00Z" | b"") = text.split_at_checked(10)? else {
        return None;
    };
    let digits = |range: std::ops::Range<usize>| {
        day[range].iter().try_fold(0, |number, byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    if day[4] != b'-' || day[7] != b'-' {
        return None;
    }
    let year = i32::try_from(digits(0..4)?).ok().filter(|year| *year > 0)?;
    let day = NaiveDate::from_ymd_opt(year, digits(5..7)?, digits(8..10)?)?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// A generated field that is read from a value or null. Null is refused if the field is not optional.
pub(crate) trait Field<V>: Sized {
    /// The value, or the expectation that it does not meet.
    fn from_value(value: Option<V>) -> Result<Self, &'static str>;
}

impl<V, F: Required<V>> Field<V> for Option<F> {
    fn from_value(value: Option<V>) -> Result<Self, &'static str> {
        value.map(F::from_some).transpose()
    }
}

/// A generated field that is never null.
pub(crate) trait Required<V>: Sized {
    fn from_some(value: V) -> Result<Self, &'static str>;
}

macro_rules! never_null {
    ($($field:ty: $value:ty, $read:expr;)*) => {$(
        impl Required<$value> for $field {
            fn from_some(value: $value) -> Result<Self, &'static str> {
                $read(value)
            }
        }

        impl Field<$value> for $field {
            fn from_value(value: Option<$value>) -> Result<Self, &'static str> {
                value.ok_or("a value that is not null").and_then(Self::from_some)
            }
        }
    )*};
}

never_null! {
    i64: i64, Ok;
    i32: i64, |count| Self::try_from(count).map_err(|_| "a number of fewer bits");
    DateTime<Utc>: Self, Ok;
    NaiveDate: Self, Ok;
}

/// For generated fields of whole numbers.
pub(crate) fn whole_number<'de, D, F>(deserializer: D) -> Result<F, D::Error>
where
    D: Deserializer<'de>,
    F: Field<i64>,
{
    let count = deserializer.deserialize_any(Count)?;
    let found = count.map_or(Unexpected::Unit, Unexpected::Signed);
    F::from_value(count).map_err(|expected| de::Error::invalid_value(found, &expected))
}

/// For generated fields of times.
pub(crate) fn date_time<'de, D, F>(deserializer: D) -> Result<F, D::Error>
where
    D: Deserializer<'de>,
    F: Field<DateTime<Utc>>,
{
    text(deserializer)
}

/// For generated fields of days.
pub(crate) fn day<'de, D, F>(deserializer: D) -> Result<F, D::Error>
where
    D: Deserializer<'de>,
    F: Field<NaiveDate>,
{
    text(deserializer)
}

/// A value that is written as a string.
trait FromText: Sized {
    /// The value, nothing for a string without one, or what is wrong with the string.
    fn from_text<E: de::Error>(text: &str) -> Result<Option<Self>, E>;
}

impl FromText for DateTime<Utc> {
    fn from_text<E: de::Error>(text: &str) -> Result<Option<Self>, E> {
        valid_date(text)
    }
}

impl FromText for NaiveDate {
    fn from_text<E: de::Error>(text: &str) -> Result<Option<Self>, E> {
        Ok(valid_day(text)?.map(|midnight| midnight.date_naive()))
    }
}

fn text<'de, D: Deserializer<'de>, V: FromText, F: Field<V>>(deserializer: D) -> Result<F, D::Error> {
    struct Text<V>(PhantomData<V>);
    impl<V: FromText> Visitor<'_> for Text<V> {
        type Value = Option<V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or null")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            V::from_text(text)
        }
    }
    let value = deserializer.deserialize_any(Text(PhantomData))?;
    F::from_value(value).map_err(|expected| de::Error::invalid_value(Unexpected::Unit, &expected))
}

#[cfg(test)]
mod tests {
    use serde::de::value::Error;

    use super::*;

    #[test]
    fn whole_numbers_are_read_however_they_are_written_and_others_are_not() {
        #[derive(Debug, serde::Deserialize)]
        struct Of {
            #[serde(default, deserialize_with = "whole_number")]
            count: Option<i64>,
        }
        let read =
            |text: &str| serde_json::from_str::<Of>(&format!("{{\"count\":{text}}}")).map(|of| of.count);
        for (text, count) in [
            ("8", 8),
            ("8.0", 8),
            ("8e0", 8),
            ("1.5E1", 15),
            ("-0.0", 0),
            ("9007199254740991.0", 9_007_199_254_740_991),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(read(text).unwrap(), Some(count), "{text}");
        }
        assert_eq!(read("null").unwrap(), None);
        for text in [
            "1.5",
            "\"8\"",
            "9223372036854775808",
            "1e30",
            "9007199254740993.0",
            "1e999",
            "true",
            "[]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_is_its_midnight_and_an_empty_date_is_none() {
        let read = |text| valid_date::<Error>(text);
        let midnight = "2026-11-01T00:00:00Z".parse::<DateTime<Utc>>().ok();
        assert_eq!(read("2026-11-01").unwrap(), midnight);
        assert_eq!(read("2026-11-01T00:00:00.000Z").unwrap(), midnight);
        assert_eq!(read("").unwrap(), None);
        assert!(read("0001-01-01").is_ok() && read("9999-12-31T23:59:59Z").is_ok());
        for text in [
            "2026-02-30",
            "2026-11",
            "2026/11/01",
            "2026-11/01",
            "2026-11-01T00:00:00",
            "1730419200",
            "yesterday",
            " ",
            "+10000-01-01T00:00:00Z",
            "9999-12-31T23:00:00-05:00",
            "0000-01-01",
            "0000-12-31T23:00:00Z",
            "-0001-01-01T00:00:00Z",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn a_day_is_read_from_itself_and_from_its_midnight_in_utc_alone() {
        let read = |text| NaiveDate::from_text::<Error>(text);
        let day = NaiveDate::from_ymd_opt(2026, 11, 1);
        for text in [
            "2026-11-01",
            "2026-11-01T00:00:00Z",
            "2026-11-01T00:00:00.000Z",
            "2026-10-31T22:00:00-02:00",
        ] {
            assert_eq!(read(text).unwrap(), day, "{text}");
        }
        assert_eq!(read("").unwrap(), None);
        for text in [
            "2026-11-01T05:00:00Z",
            "2026-11-01T00:00:00+01:00",
            "2026-02-30",
            "2026-11",
            "0000-01-01",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(
                error.contains(&format!("{text:?}, expected a day such as")),
                "{error}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn times_are_read_as_chrono_reads_them(text in "[0-9]{4}[-/][0-1][0-9][-/][0-3][0-9]T00:00:00(\\.000)?Z?|[-0-9T:Z.]{18,22}|\\PC{11,24}") {
            let by_chrono = text.parse::<DateTime<Utc>>().ok();
            let by_chrono = by_chrono.filter(|date| (1..=9999).contains(&date.year()));
            proptest::prop_assert_eq!(date(&text).flatten(), by_chrono);
        }
    }

    #[test]
    fn a_field_that_is_never_null_refuses_null_and_reads_the_rest_as_an_optional_one() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Of {
            #[serde(deserialize_with = "whole_number")]
            narrow: i32,
            #[serde(deserialize_with = "whole_number")]
            wide: i64,
            #[serde(deserialize_with = "date_time")]
            date: DateTime<Utc>,
            #[serde(deserialize_with = "day")]
            day: NaiveDate,
        }
        let read = |narrow: &str, wide: &str, date: &str| {
            let text = format!("{{\"narrow\":{narrow},\"wide\":{wide},\"date\":{date},\"day\":{date}}}");
            serde_json::from_str::<Of>(&text).map_err(|error| error.to_string())
        };
        let today = "\"2020-02-02\"";
        let expected = Of {
            narrow: 8,
            wide: i64::MAX,
            date: "2020-02-02T00:00:00Z".parse().unwrap(),
            day: "2020-02-02".parse().unwrap(),
        };
        assert_eq!(read("8.0", "9223372036854775807", today), Ok(expected));
        for (narrow, wide, date, reason) in [
            ("null", "1", today, "a value that is not null"),
            ("1", "null", today, "a value that is not null"),
            ("1", "1", "null", "a value that is not null"),
            ("1", "1", "\"\"", "a value that is not null"),
            ("2147483648", "1", today, "a number of fewer bits"),
        ] {
            let error = read(narrow, wide, date).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
