//! Reads one row from its JSON text.

use std::{borrow::Cow, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{
    keys::{DATE, Keys, Value, respelled},
    packed::{PackedRow, PackedRows, Span, TEXTS},
};
use crate::{
    fields::read::{Count, valid_date, valid_day},
    generated::rows::RowRef,
};

/// A bit for each key.
type Seen = u32;
const _: () = assert!(RowRef::KEYS.len() <= Seen::BITS as usize, "`Seen` is too narrow");

/// Reads a row and adds it to others of the same text, even if it fails within the row.
pub(super) struct AddRow<'a> {
    /// The complete text that contains the row.
    pub(super) text: &'a str,
    pub(super) keys: Keys,
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

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let mut row = PackedRow::default();
        let object = Object {
            text: self.text,
            keys: self.keys,
            packed: self.packed,
            row: &mut row,
        };
        object.read(map)?;
        self.packed.rows.push(row);
        Ok(())
    }
}

/// Fills a row from an object: the row itself, or one in it, which may be null.
struct Object<'a> {
    text: &'a str,
    keys: Keys,
    packed: &'a mut PackedRows,
    row: &'a mut PackedRow,
}

impl Object<'_> {
    fn read<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self {
            text,
            keys,
            packed,
            row,
        } = self;
        let mut expected = 0;
        let mut seen: Seen = 0;
        while let Some(found) = map.next_key_seed(Key { keys, expected })? {
            let Some((index, value)) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen & 1 << index != 0 {
                return Err(de::Error::duplicate_field(keys.name(index)));
            }
            seen |= 1 << index;
            expected = index + 1;
            match value {
                Value::Field(DATE) => {
                    if let Some(text) = map.next_value_seed(Text)? {
                        row.date = valid_date(&text)?;
                    }
                }
                Value::Field(place @ TEXTS..) => {
                    if let Some(count) = map.next_value_seed(CountSeed)? {
                        row.counts[place - TEXTS] = count;
                        row.counted |= 1 << (place - TEXTS);
                    }
                }
                Value::Field(place) | Value::Method(place) => {
                    let mut part = map.next_value_seed(Text)?;
                    if let (Value::Method(_), Some(part)) = (value, &mut part)
                        && let Some(method) = respelled(part)
                    {
                        *part = Cow::Owned(method.to_string());
                    }
                    row.texts[place] = match part {
                        Some(Cow::Borrowed(part)) => Span::of(part, text),
                        Some(Cow::Owned(part)) => packed.keep(&part),
                        None => None,
                    };
                }
                Value::Day => {
                    if let Some(text) = map.next_value_seed(Text)? {
                        row.date = valid_day(&text)?;
                    }
                }
                Value::Dropped => drop(map.next_value_seed(Text)?),
                Value::Object(keys) => map.next_value_seed(Object {
                    text,
                    keys: Keys::Of(keys),
                    packed,
                    row,
                })?,
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.read(map)
    }
}

/// Finds a key. Nothing for one that is skipped.
struct Key {
    keys: Keys,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<(usize, Value)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<(usize, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.keys.find(key, self.expected))
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
            keys: Keys::Query,
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
