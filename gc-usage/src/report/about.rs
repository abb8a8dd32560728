//! What a page and a workbook say about themselves.

use chrono::{DateTime, Utc};

/// What a page and a workbook say about themselves.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// Whether the data is made up.
    pub(crate) is_demo: bool,
    pub(crate) created: DateTime<Utc>,
    /// The command that made them, without what may be secret.
    pub(crate) command: String,
    /// How many rows of each table are shown first.
    pub(crate) top: usize,
}
