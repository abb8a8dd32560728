//! One row of a result, before it is written in the format of an operation.

use chrono::NaiveDate;

use crate::history::Counts;

/// One row. `None` stands for a dimension that is not grouped by, or for no granularity. The strings contain no character
/// that JSON would escape.
pub(crate) struct Row<'a> {
    pub(crate) client_id: Option<&'a str>,
    pub(crate) client_name: Option<&'a str>,
    pub(crate) organization_id: Option<&'a str>,
    pub(crate) user_id: Option<&'a str>,
    pub(crate) template_uri: Option<&'a str>,
    pub(crate) http_method: Option<&'a str>,
    pub(crate) platform: Option<&'a str>,
    pub(crate) counts: Counts,
    pub(crate) date: Option<NaiveDate>,
}
