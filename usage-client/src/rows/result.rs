//! The rows of a response that is held in memory.

use crate::generated::types::{ApiUsageQueryResult, ApiUsageRow};

impl ApiUsageQueryResult {
    /// The rows. Empty if the response has no `results`.
    pub fn into_rows(self) -> Vec<ApiUsageRow> {
        self.results.unwrap_or_default()
    }
}
