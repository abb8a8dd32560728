//! What `serde_json` reads of a response.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use usage_client::{ApiUsageRow, QueryStatus};

/// What the decoder reads of an answer. Unlike `ApiUsageQueryResult` it has no `cursors`, which the decoder ignores.
#[derive(Deserialize)]
pub struct Answer {
    results: Option<Vec<Object<ApiUsageRow>>>,
    #[serde(rename = "queryStatus")]
    query_status: Option<QueryStatus>,
}

impl Answer {
    pub fn into_rows_and_status(self) -> (Vec<ApiUsageRow>, Option<QueryStatus>) {
        let rows = self.results.unwrap_or_default();
        let rows = rows.into_iter().map(|row| row.0).collect();
        (rows, self.query_status)
    }
}

/// The same body by `serde_json`. It is made a text first: in values that nobody asks for, `serde_json` lets bytes pass
/// that are none.
pub fn reference(body: &[u8]) -> Result<Answer, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let answer: Object<Answer> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(answer.0)
}

/// Refuses a list of the fields' values, which derived code takes for the struct, too.
pub struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer
            .deserialize_map(Members(std::marker::PhantomData))
            .map(Object)
    }
}
