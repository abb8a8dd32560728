//! One row, borrowed from the batch it came in.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::generated::types::ApiUsageRow;

/// A row of a [`RowBatch`](crate::RowBatch), with the fields of [`ApiUsageRow`]. It serializes as the service sends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RowRef<'a> {
    /// Id of the OAuth client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<&'a str>,
    /// Name of the OAuth client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<&'a str>,
    /// Id of the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<&'a str>,
    /// Id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<&'a str>,
    /// Template of the endpoint's path, without a leading slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_uri: Option<&'a str>,
    /// HTTP method of the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_method: Option<&'a str>,
    /// Requests answered with a 2xx status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status200: Option<i64>,
    /// Requests answered with a 3xx status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status300: Option<i64>,
    /// Requests answered with a 4xx status, 429 included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status400: Option<i64>,
    /// Requests answered with a 5xx status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status500: Option<i64>,
    /// Requests that were rate limited. A part of `status400`; never add it to the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status429: Option<i64>,
    /// All requests, `status200 + status300 + status400 + status500`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<i64>,
    /// First day of the date bucket, in UTC. Absent when the query had no granularity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<DateTime<Utc>>,
}

impl RowRef<'_> {
    /// The row with texts of its own.
    pub fn to_row(&self) -> ApiUsageRow {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        // Every field is named, so that one which the document gains cannot be forgotten here.
        ApiUsageRow {
            client_id: owned(self.client_id),
            client_name: owned(self.client_name),
            organization_id: owned(self.organization_id),
            user_id: owned(self.user_id),
            template_uri: owned(self.template_uri),
            http_method: owned(self.http_method),
            status200: self.status200,
            status300: self.status300,
            status400: self.status400,
            status500: self.status500,
            status429: self.status429,
            requests: self.requests,
            date: self.date,
        }
    }
}

impl<'a> From<&'a ApiUsageRow> for RowRef<'a> {
    fn from(row: &'a ApiUsageRow) -> Self {
        let ApiUsageRow {
            client_id,
            client_name,
            organization_id,
            user_id,
            template_uri,
            http_method,
            status200,
            status300,
            status400,
            status500,
            status429,
            requests,
            date,
        } = row;
        Self {
            client_id: client_id.as_deref(),
            client_name: client_name.as_deref(),
            organization_id: organization_id.as_deref(),
            user_id: user_id.as_deref(),
            template_uri: template_uri.as_deref(),
            http_method: http_method.as_deref(),
            status200: *status200,
            status300: *status300,
            status400: *status400,
            status500: *status500,
            status429: *status429,
            requests: *requests,
            date: *date,
        }
    }
}

impl From<RowRef<'_>> for ApiUsageRow {
    fn from(row: RowRef<'_>) -> Self {
        row.to_row()
    }
}
