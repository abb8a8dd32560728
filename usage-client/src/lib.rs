#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]

mod auth;
mod client;
mod error;
mod execution;
mod fields;
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
mod http;
mod inner;
mod interval;
mod region;
mod retry;
mod rows;

#[cfg(feature = "test-util")]
pub mod test_util {
    //! Errors for tests of code that handles them. Needs the feature `test-util`.

    pub use crate::error::{kind::Kind as ErrorKind, test_util::ErrorBuilder};
}

/// The crates whose types appear in this crate's signatures, in the right versions.
pub use {bytes, chrono, reqwest, secrecy};

pub use auth::credentials::{AccessToken, Credentials, TokenFuture, TokenSource};
pub use client::builder::ClientBuilder;
pub use error::{Error, Result};
pub use execution::{
    Execution,
    body::ResultsBody,
    jobs::{
        ClientJob, Job, OrganizationJob, Search,
        kind::{JobKind, OneClient, Organization, SimpleSearch},
        plan::JobPlan,
        series::JobSeries,
        states::{JobState, JobStates},
        streams::JobRows,
    },
    progress::Waiting,
    states::{ExecutionState, States},
    streams::{RowBatches, Rows},
};
pub use fields::optional_text::OptionalText;
pub use generated::{
    client::{Client, builder as operations},
    rows::{Dimension, Group, RowRef, Totals},
    types,
};
pub use http::{
    proxy::{ProxyInUse, ProxySource},
    response::ResponseValue,
};
pub use interval::Interval;
pub use region::Region;
pub use retry::{
    policy::{Retry, RetryPolicy},
    poll_policy::PollPolicy,
    rate_limit::RateLimit,
};
pub use rows::{
    aggregate::Aggregation,
    batch::{RowBatch, RowIter},
    decoder::RowDecoder,
    policy::RowsPolicy,
};
pub use types::{ApiUsageQuery, ApiUsageQueryResult, ApiUsageRow, Granularity, GroupBy, Metric, QueryStatus};
