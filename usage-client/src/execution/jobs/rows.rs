//! Reads the rows of a page: as the service sends them, or as those of queries.

use super::{head::Page, kind::JobKind};
use crate::{
    error::Result,
    http::json,
    rows::{batch::RowBatch, list},
};

/// The rows as the service sends them.
pub(super) fn typed<K: JobKind>(page: Page) -> Result<Vec<K::Row>> {
    // A string is known to be UTF-8, so its parts are not checked again.
    serde_json::from_str(&page.rows)
        .or_else(|_| json::from_slice(page.rows.as_bytes()))
        .map_err(|unreadable| page.unreadable(&unreadable.reason))
}

/// The rows as those of queries. They borrow from the text of the page.
pub(super) fn batch<K: JobKind>(mut page: Page) -> Result<RowBatch> {
    list::read(&mut page.rows, K::KEYS).ok_or_else(|| {
        // Only the types of rows know where in a row the error is.
        let unreadable = json::from_slice::<Vec<K::Row>>(page.rows.as_bytes());
        let reason = unreadable.err().map(|unreadable| unreadable.reason);
        page.unreadable(reason.as_deref().unwrap_or("a row is not an object"))
    })
}

#[cfg(test)]
mod tests;
