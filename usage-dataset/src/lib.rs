//! A partitioned Parquet data set of the API usage of Genesys Cloud organizations, in a directory or an object store.
//!
//! Each organization and day is one object, which is replaced whole:
//!
//! ```text
//! ROOT/gc_usage/v1/organization=acme/month=2026-11/day=2026-11-24/usage.parquet
//! ```

mod dataset;
mod ddl;
mod encode;
mod error;
mod info;
mod layout;
mod location;
mod read;
mod row;
mod schema;
mod sort;
mod sorted_rows;
mod sorter;
mod staging;
mod store;
mod sums;
mod verify;
mod writer;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use dataset::{Dataset, StoredDay};
pub use ddl::{Engine, ddl};
pub use error::{Error, ErrorKind, Result};
pub use info::{DayInfo, FORMAT, Fetched, SourceFamily};
pub use location::Location;
pub use sorted_rows::SortedRows;
pub use sorter::RowSorter;
pub use staging::StagedDay;
pub use sums::{ByClient, Sums};
pub use verify::Expected;
pub use writer::{Replaced, Writer};
