//! Rows of jobs as rows of queries.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::generated::{
    rows::RowRef,
    types::{ClientPublicApiUsage, OrganizationPublicApiUsage},
};

/// A row with these fields, and with those that the rows of all jobs have.
macro_rules! row_ref {
    ($row:ident, $($field:ident: $value:expr),+) => {
        RowRef {
            $($field: $value,)+
            template_uri: $row.template_uri.as_deref(),
            http_method: $row.http_method.as_ref().map(|method| method.as_str()),
            platform: $row.platform.as_deref(),
            status200: $row.status200,
            status300: $row.status300,
            status400: $row.status400,
            status500: $row.status500,
            status429: $row.status429,
            requests: $row.request_count,
            date: $row.date.map(midnight),
            ..RowRef::default()
        }
    };
}

impl<'a> From<&'a OrganizationPublicApiUsage> for RowRef<'a> {
    fn from(row: &'a OrganizationPublicApiUsage) -> Self {
        let client = row.oauth_client.as_ref();
        row_ref!(
            row,
            client_id: client.and_then(|client| client.id.as_deref()),
            client_name: client.and_then(|client| client.name.as_deref()),
            user_id: row.user.as_ref().and_then(|user| user.id.as_deref())
        )
    }
}

impl<'a> From<&'a ClientPublicApiUsage> for RowRef<'a> {
    fn from(row: &'a ClientPublicApiUsage) -> Self {
        row_ref!(row, organization_id: row.organization_id.as_deref())
    }
}

/// The first moment of a day, as rows of queries have it.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
