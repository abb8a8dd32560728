//! Results as rows while they arrive, in memory that does not grow with them.
//!
//! Bytes of the answer -> [`decoder`] (text, batches, what was delivered) -> [`cutter`] (where a row begins and ends)
//! -> [`parse`] (one row) -> [`packed`] -> [`batch`]. [`fetch`] brings the bytes, no slower than [`pace`]
//! allows, [`decoding`] says on which thread they are decoded, [`stream`] hands the batches out.

mod batch;
mod cutter;
mod decoder;
mod decoding;
mod fetch;
mod pace;
mod packed;
mod parse;
mod stream;

pub use batch::{RowBatch, RowIter};
pub use decoder::RowDecoder;
pub(crate) use pace::{Pace, within};
pub use stream::{RowBatches, Rows, RowsPolicy};

pub use crate::generated::rows::RowRef;
