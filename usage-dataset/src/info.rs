//! What a stored day is, as its object says in its own metadata.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::sums::Sums;

/// The key of the metadata in the Parquet file. Its value is JSON.
pub(crate) const KEY: &str = "gc_usage";
/// The version of the layout and of the columns.
pub const FORMAT: u32 = 1;

/// What a stored day is. It is the metadata of its object, so there is no list of days that could disagree with them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DayInfo {
    /// The version of the layout and of the columns: [`FORMAT`].
    pub format: u32,
    /// The name and version of the program that wrote it.
    pub created_by: String,
    /// The name of the organization in this data set.
    pub profile: String,
    /// The id of the organization, if all rows have the same one.
    pub organization_id: Option<String>,
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Always `Day`.
    pub granularity: String,
    /// Which operations counted the requests.
    pub source: SourceFamily,
    /// The first and last day of the request.
    pub interval: String,
    /// The ids with which the service knows the request.
    pub execution_ids: Vec<String>,
    /// When the request was submitted. Of two versions of a day, the one that was submitted later is newer.
    pub submitted_at: DateTime<Utc>,
    /// When its last row had arrived.
    pub fetched_at: DateTime<Utc>,
    /// How many rows it has.
    pub rows: u64,
    /// The sums of all rows.
    pub sums: Sums,
}

/// A family of operations that count requests.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SourceFamily {
    /// Usage queries, which count the requests of billing.
    Query,
    /// Usage jobs, which also count the requests of the platform's own clients.
    Jobs,
}

impl fmt::Display for SourceFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Query => "usage queries",
            Self::Jobs => "usage jobs",
        })
    }
}

/// A request whose rows are stored. It becomes part of the [`DayInfo`] of each of its days.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The name and version of the program.
    pub created_by: String,
    /// The name of the organization in this data set.
    pub profile: String,
    /// Which operations counted the requests.
    pub source: SourceFamily,
    /// The first and last day of the request.
    pub interval: String,
    /// The ids with which the service knows the request.
    pub execution_ids: Vec<String>,
    /// When the request was submitted.
    pub submitted_at: DateTime<Utc>,
    /// When its last row had arrived.
    pub fetched_at: DateTime<Utc>,
}

/// Why metadata is not a [`DayInfo`].
pub(crate) enum NotAnInfo {
    /// It has this format, which is newer than [`FORMAT`].
    Newer(u64),
    Damaged(String),
}

impl DayInfo {
    /// The value of the metadata [`KEY`].
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Reads the value of the metadata [`KEY`]. Its format is read first: a newer one may have other fields.
    pub(crate) fn from_json(text: &str) -> Result<Self, NotAnInfo> {
        #[derive(Deserialize)]
        struct Format {
            format: u64,
        }

        let damaged = |error| NotAnInfo::Damaged(format!("its metadata `{KEY}` cannot be read: {error}"));
        let Format { format } = serde_json::from_str(text).map_err(damaged)?;
        if format > u64::from(FORMAT) {
            return Err(NotAnInfo::Newer(format));
        }
        serde_json::from_str(text).map_err(damaged)
    }
}
