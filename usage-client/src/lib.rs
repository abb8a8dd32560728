#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod aggregate;
mod auth;
mod body;
mod budget;
mod builder;
mod call;
mod client;
mod content;
mod credentials;
mod error;
mod error_body;
mod excerpt;
mod exchange;
mod execution;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[allow(
    clippy::all,
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "generated code is never edited"
)]
#[rustfmt::skip]
mod generated;
mod hanging;
mod hosts;
mod interval;
mod json;
mod login;
mod lookup;
mod polling;
mod proxy;
mod rate_limit;
mod region;
mod retry;
mod retry_after;
mod rows;
mod text;
mod tls;
mod transport;
mod values;

/// The crates whose types stand in this one's interface, in the versions that fit.
pub use {chrono, reqwest};

pub use aggregate::{Aggregation, Group, Totals};
pub use body::ResultsBody;
pub use builder::ClientBuilder;
pub use credentials::{AccessToken, Credentials, TokenFuture, TokenSource};
pub use error::{Error, Result};
pub use execution::{Execution, ExecutionState};
pub use generated::{
    client::{Client, builder as operations},
    types,
};
pub use interval::Interval;
pub use polling::{PollPolicy, Waiting};
pub use proxy::{ProxyInUse, ProxySource};
pub use rate_limit::RateLimit;
pub use region::Region;
pub use retry::{Retry, RetryPolicy};
pub use rows::{RowBatch, RowBatches, RowDecoder, RowIter, RowRef, Rows, RowsPolicy};
pub use text::OptionalText;
pub use transport::ResponseValue;
pub use types::{ApiUsageQuery, ApiUsageQueryResult, ApiUsageRow, Granularity, GroupBy, Metric, QueryStatus};
