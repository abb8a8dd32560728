#![doc = include_str!("../README.md")]

mod auth;
mod client;
mod credentials;
mod error;
mod excerpt;
mod execution;
#[allow(clippy::all, clippy::unwrap_used, unreachable_pub, dead_code, reason = "generated code is never edited")]
mod generated;
mod interval;
mod login;
mod region;
mod tls;
mod transport;

pub use client::ClientBuilder;
pub use credentials::{AccessToken, Credentials, TokenFuture, TokenSource};
pub use error::{Error, Result};
pub use execution::Execution;
pub use generated::{Client, builder, types};
pub use interval::Interval;
pub use region::Region;
pub use transport::ResponseValue;
pub use types::{ApiUsageQuery, ApiUsageQueryResult, ApiUsageRow, Granularity, GroupBy, Metric, QueryStatus};
