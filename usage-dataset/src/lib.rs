//! A partitioned Parquet data set of the API usage of Genesys Cloud organizations, in a directory or an object store.
//!
//! Each organization and day is one object, which is replaced whole:
//!
//! ```text
//! ROOT/gc_usage/v1/organization=acme/month=2026-11/day=2026-11-24/usage.parquet
//! ```
//!
//! Which days are there, and what a day says about itself:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use usage_client::Client;
//! use usage_dataset::Dataset;
//!
//! let dataset = Dataset::open("s3://acme-lake/genesys".parse()?, || Client::builder().build_http_client())?;
//! for organization in dataset.organizations().await? {
//!     let days = dataset.days(&organization).await?;
//!     if let Some(day) = days.keys().next_back()
//!         && let Some(info) = dataset.info(&organization, *day).await?
//!     {
//!         println!("{organization}: {} days; {} requests on {day}", days.len(), info.sums.requests);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! To write days, add the rows of a response to a [`RowSorter`], encode each day of its [`SortedRows`] into a [`StagedDay`],
//! and let the [`Writer`] replace the day. [`Expected`] compares the rows with a second response first.

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
