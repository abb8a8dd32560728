//! Reads one row from its JSON text.

use std::{borrow::Cow, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::packed::{COUNTS, PackedRow, PackedRows, Span, TEXTS};
use crate::{
    fields::read::{Count, valid_date},
    generated::rows::{RowRef, is_at, place_of},
};

/// The index of the date in [`RowRef::KEYS`], after strings and counts.
pub(super) const DATE: usize = TEXTS + COUNTS;

/// A bit for each key.
type Seen = u32;
const _: () = assert!(RowRef::KEYS.len() <= Seen::BITS as usize, "`Seen` is too narrow");

/// Reads a row and adds it to others of the same text, even if it fails within the row. It is written to its final
/// place, because moving it costs as much as reading some of its fields.
pub(super) struct AddRow<'a> {
    /// The complete text that contains the row.
    pub(super) text: &'a str,
    pub(super) packed: &'a mut PackedRows,
}

impl<'de> DeserializeSeed<'de> for AddRow<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AddRow<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut row = PackedRow::default();
        let mut expected = 0;
        let mut seen: Seen = 0;
        while let Some(place) = map.next_key_seed(Key { expected })? {
            let Some(place) = place else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen & 1 << place != 0 {
                return Err(de::Error::duplicate_field(RowRef::KEYS[place]));
            }
            seen |= 1 << place;
            expected = place + 1;
            match place {
                DATE => {
                    if let Some(text) = map.next_value_seed(Text)? {
                        row.date = valid_date(&text)?;
                    }
                }
                TEXTS.. => {
                    if let Some(count) = map.next_value_seed(CountSeed)? {
                        row.counts[place - TEXTS] = count;
                        row.counted |= 1 << (place - TEXTS);
                    }
                }
                _ => match map.next_value_seed(Text)? {
                    Some(Cow::Borrowed(part)) => row.texts[place] = Span::of(part, self.text),
                    Some(Cow::Owned(part)) => row.texts[place] = self.packed.keep(&part),
                    None => {}
                },
            }
        }
        self.packed.rows.push(row);
        Ok(())
    }
}

/// The index of a key in [`RowRef::KEYS`]. Nothing for an unknown key, or one that only rows of jobs have.
///
/// The key that usually comes next is tried first: all rows of a response have their keys in the same order.
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
        if is_at(self.expected, key) {
            return Ok(Some(self.expected));
        }
        Ok(place_of(key))
    }
}

/// A string or null. It accepts any value and refuses others itself, because requesting an optional string reads it
/// twice.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }
}

/// A count or null.
struct CountSeed;

impl<'de> DeserializeSeed<'de> for CountSeed {
    type Value = Option<i64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(Count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::rows::RowRef;

    fn parsed(text: &str) -> serde_json::Result<PackedRows> {
        let mut packed = PackedRows::default();
        let row = AddRow {
            text,
            packed: &mut packed,
        };
        row.deserialize(&mut serde_json::Deserializer::from_str(text))?;
        Ok(packed)
    }

    #[test]
    fn keys_in_any_order_nulls_and_unknown_values_are_read() {
        let text = r#"{"date":"2020-02-02T00:00:00.000Z","new":{"a":[1,{"b":null}]},"requests":7,"clientName":"A \"B\"","status429":null,"client\u0049d":"x"}"#;
        let packed = parsed(text).unwrap();
        assert_eq!(packed.rows.len(), 1);
        let row = packed.unpack(&packed.rows[0], text);
        let expected = RowRef {
            client_id: Some("x"),
            client_name: Some("A \"B\""),
            requests: Some(7),
            date: "2020-02-02T00:00:00Z".parse().ok(),
            ..RowRef::default()
        };
        assert_eq!(row, expected);
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
}
