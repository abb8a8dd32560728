//! Reads a list of rows that has arrived completely: those of a page.

use super::{
    batch::{BatchBuilder, RowBatch},
    keys::Keys,
    scanner::{Malformed, Scanned, Scanner},
};
use crate::http::json;

/// A batch of the rows in a JSON list, which becomes its text. Nothing if one of them is not a row with these keys.
pub(crate) fn read(text: &mut String, keys: Keys) -> Option<RowBatch> {
    let mut builder = BatchBuilder::default();
    let mut scanner = Scanner::of_list(keys);
    let mut at = text.starts_with('[').then_some(1)?;
    loop {
        match scanner.next(text, &mut at, &mut builder.packed) {
            Ok(Scanned::Row(_)) => {}
            Ok(Scanned::More) => return (at == text.len()).then(|| builder.take(text)),
            Err(Malformed::Surrogate) if json::repair_text(text, at) => {}
            Err(_) => return None,
        }
    }
}
