//! What was submitted, and what fetching its results needs.

use std::fmt;

use tracing::Span;

use super::progress::OnProgress;
use crate::{
    error::{Error, Result},
    generated::client::Client,
    retry::poll_policy::PollPolicy,
    rows::policy::RowsPolicy,
};

/// What is submitted and then polled: queries, or a kind of jobs.
pub(super) trait Submitted {
    type Status: Clone + fmt::Display;

    /// What it is called: `query`, `job`.
    const NOUN: &'static str;
    /// What its id is called.
    const ID: &'static str;

    /// Says why an id does not fit in a path.
    fn check(&self, id: &str) -> std::result::Result<(), String>;

    /// The span of a wait or a stream.
    fn span(id: &str) -> Span;
}

#[derive(Clone, Debug)]
pub(super) struct Source<K: Submitted> {
    pub(super) kind: K,
    pub(super) client: Client,
    pub(super) id: String,
    pub(super) polling: PollPolicy,
    pub(super) rows: RowsPolicy,
    pub(super) on_progress: Option<OnProgress<K::Status>>,
}

impl<K: Submitted> Source<K> {
    pub(super) fn new(client: &Client, kind: K, id: String) -> Self {
        let shared = &client.inner.shared;
        Self {
            kind,
            id,
            polling: shared.polling.clone(),
            rows: shared.streaming.clone(),
            on_progress: None,
            client: client.clone(),
        }
    }

    pub(super) fn span(&self) -> Span {
        K::span(&self.id)
    }

    /// Refuses an id that does not fit in a path.
    pub(super) fn check_id(&self) -> Result<()> {
        self.kind.check(&self.id).map_err(Error::invalid_request)
    }
}

/// Says why a text is no `T`.
pub(super) fn check<T>(name: &str, text: &str) -> std::result::Result<(), String>
where
    T: std::str::FromStr<Err: fmt::Display>,
{
    match text.parse::<T>() {
        Ok(_) => Ok(()),
        Err(reason) => Err(format!("{name} `{text}`: {reason}")),
    }
}
