//! What the clones of a client share, and what each clone has of its own.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    auth::token_cache::TokenCache,
    http::{content::Limits, proxy::ProxyInUse},
    retry::{
        budget::Budget,
        policy::{OnRetry, RetryPolicy},
        poll_policy::PollPolicy,
        rate_limit::Pacer,
    },
    rows::policy::RowsPolicy,
};

/// The hand-written state of the generated client.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    pub(crate) retry: RetryPolicy,
    /// No attempt begins later than this.
    pub(crate) deadline: Option<Instant>,
}

/// What all clones of a client share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) tokens: TokenCache,
    pub(crate) budget: Budget,
    pub(crate) pacer: Option<Pacer>,
    /// How long a complete call may take, with login and all attempts.
    pub(crate) timeout: Duration,
    /// For small bodies. Results have a larger limit.
    pub(crate) limits: Limits,
    pub(crate) on_retry: Option<OnRetry>,
    /// The largest results that are kept in memory.
    pub(crate) max_result_bytes: usize,
    pub(crate) proxy: Option<ProxyInUse>,
    /// How executions are polled and streamed by default.
    pub(crate) polling: PollPolicy,
    pub(crate) streaming: RowsPolicy,
}
