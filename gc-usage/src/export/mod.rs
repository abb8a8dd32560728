//! One file a format.

pub(crate) mod json;
pub(crate) mod table;

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use usage_client::{ApiUsageQuery, ApiUsageQueryResult};

/// An answer with the query that it is the answer to: rows do not tell their granularity, nor what they leave out.
pub(crate) struct Answer<'a> {
    pub(crate) query: &'a ApiUsageQuery,
    pub(crate) execution_id: &'a str,
    pub(crate) result: &'a ApiUsageQueryResult,
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("query", self.query)?;
        map.serialize_entry("executionId", self.execution_id)?;
        map.serialize_entry("queryStatus", &self.result.query_status)?;
        map.serialize_entry("results", self.result.results.as_deref().unwrap_or_default())?;
        map.end()
    }
}
