//! Sums of the counts of rows.

use serde::{Deserialize, Serialize};

/// Sums over rows. They have the names of the columns.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sums {
    /// All requests.
    pub requests: i64,
    /// Requests with a 2xx response.
    pub status_200: i64,
    /// Requests with a 3xx response.
    pub status_300: i64,
    /// Requests with a 4xx response, including 429.
    pub status_400: i64,
    /// Requests that were rate limited. `status_400` includes them.
    pub status_429: i64,
    /// Requests with a 5xx response.
    pub status_500: i64,
}
