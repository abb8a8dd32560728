//! One row from its JSON text, its texts borrowed.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

pub(super) const TEXTS: usize = 6;
pub(super) const COUNTS: usize = 6;

/// The keys of a row in the order in which the service sends them: texts, counts, the date.
const KEYS: [&str; TEXTS + COUNTS + 1] = [
    "clientId",
    "clientName",
    "organizationId",
    "userId",
    "templateUri",
    "httpMethod",
    "status200",
    "status300",
    "status400",
    "status500",
    "status429",
    "requests",
    "date",
];
const DATE: usize = TEXTS + COUNTS;

/// A row whose texts are borrowed where JSON has them as they are.
#[derive(Default)]
pub(super) struct ParsedRow<'a> {
    pub(super) texts: [Option<Cow<'a, str>>; TEXTS],
    pub(super) counts: [Option<i64>; COUNTS],
    pub(super) date: Option<DateTime<Utc>>,
}

impl<'de> Deserialize<'de> for ParsedRow<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;
        impl<'de> Visitor<'de> for Row {
            type Value = ParsedRow<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                ParsedRow::from_map(map)
            }
        }
        deserializer.deserialize_map(Row)
    }
}

impl<'de> ParsedRow<'de> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut row = Self::default();
        let mut expected = 0;
        let mut seen = 0_u16;
        while let Some(place) = map.next_key_seed(Key { expected })? {
            let Some(place) = place else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen & 1 << place != 0 {
                return Err(de::Error::duplicate_field(KEYS[place]));
            }
            seen |= 1 << place;
            expected = place + 1;
            match place {
                DATE => row.date = map.next_value_seed(Text)?.map(|text| date(&text)).transpose()?,
                TEXTS.. => row.counts[place - TEXTS] = map.next_value()?,
                _ => row.texts[place] = map.next_value_seed(Text)?,
            }
        }
        Ok(row)
    }
}

/// The place of a key in [`KEYS`], nothing for a key that is not known.
///
/// The key that usually comes next is tried first: all rows of an answer have their keys in one order.
struct Key {
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        if KEYS.get(self.expected) == Some(&key) {
            return Ok(Some(self.expected));
        }
        Ok(KEYS.iter().position(|known| *known == key))
    }
}

/// A text or null.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }
}

/// Reads the dates that the service sends without chrono's parser, which takes as long as the rest of the row; any other
/// text goes to it.
fn date<E: de::Error>(text: &str) -> Result<DateTime<Utc>, E> {
    midnight(text.as_bytes())
        .map(Ok)
        .unwrap_or_else(|| text.parse().map_err(E::custom))
}

/// The time of `YYYY-MM-DDT00:00:00Z`.
fn midnight(text: &[u8]) -> Option<DateTime<Utc>> {
    let (day, b"T00:00:00Z") = text.split_at_checked(10)? else {
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
    let year = i32::try_from(digits(0..4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, digits(5..7)?, digits(8..10)?)?;
    Some(day.and_time(chrono::NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> serde_json::Result<ParsedRow<'_>> {
        serde_json::from_str(text)
    }

    #[test]
    fn keys_in_any_order_nulls_and_unknown_values_are_read() {
        let row = parsed(
            r#"{"date":"2020-02-02T00:00:00.000Z","new":{"a":[1,{"b":null}]},"requests":7,"clientName":"A \"B\"","status429":null,"client\u0049d":"x"}"#,
        )
        .unwrap();
        assert_eq!(row.texts[0].as_deref(), Some("x"));
        assert_eq!(row.texts[1].as_deref(), Some("A \"B\""));
        assert_eq!((row.counts[5], row.counts[4]), (Some(7), None));
        assert_eq!(row.date.unwrap().to_rfc3339(), "2020-02-02T00:00:00+00:00");
    }

    #[test]
    fn a_key_that_stands_twice_and_values_of_another_type_are_errors() {
        for text in [
            r#"{"requests":1,"requests":1}"#,
            r#"{"requests":"1"}"#,
            r#"{"requests":1.5}"#,
            r#"{"requests":9223372036854775808}"#,
            r#"{"clientId":1}"#,
            r#"{"date":"yesterday"}"#,
            r#"{"date":"2020-02-30T00:00:00Z"}"#,
            "null",
            "7",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn dates_are_read_as_chrono_reads_them(text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]T00:00:00(\\.000)?Z?|[-0-9T:Z.]{18,22}|\\PC{0,24}") {
            let ours = date::<serde::de::value::Error>(&text).ok();
            proptest::prop_assert_eq!(ours, text.parse::<DateTime<Utc>>().ok());
        }
    }
}
