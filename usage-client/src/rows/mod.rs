//! Rows, from the bytes of a response to batches and totals.
//!
//! [`decoder`] takes the bytes. [`scanner`] finds where a row begins and ends. [`shape`] reads a row that looks like
//! the ones before it, and [`parse`] any other, both into [`packed`] and by their [`keys`]. [`list`] reads a whole list of
//! rows. [`batch`] hands out rows, also as Arrow's columns (`arrow`). [`aggregate`] adds them up.

pub(crate) mod aggregate;
#[cfg(feature = "arrow")]
mod arrow;
pub(crate) mod batch;
pub(crate) mod decoder;
pub(crate) mod keys;
pub(crate) mod list;
mod packed;
mod parse;
pub(crate) mod policy;
mod result;
mod scanner;
mod shape;
