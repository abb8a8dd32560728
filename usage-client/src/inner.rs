//! What the clones of a client share, and what each clone has for itself.

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

/// What the generated client carries along.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    pub(crate) retry: RetryPolicy,
    /// No attempt begins later than this.
    pub(crate) deadline: Option<Instant>,
}

/// What all clones of a client have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) tokens: TokenCache,
    pub(crate) budget: Budget,
    pub(crate) pacer: Option<Pacer>,
    /// How long a whole call may take, with login and all attempts.
    pub(crate) timeout: Duration,
    /// Of small bodies; results have a larger one.
    pub(crate) limits: Limits,
    pub(crate) on_retry: Option<OnRetry>,
    /// The largest results that are kept in memory as a whole.
    pub(crate) max_result_bytes: usize,
    pub(crate) proxy: Option<ProxyInUse>,
    /// How executions are polled and streamed, unless they say otherwise.
    pub(crate) polling: PollPolicy,
    pub(crate) streaming: RowsPolicy,
}
