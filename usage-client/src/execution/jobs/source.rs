//! What requesting the pages of a job needs.

use tracing::Span;

use super::{
    super::{polling::Polled, progress::OnProgress},
    kind::{JobKind, Judged as _},
};
use crate::{
    error::{Error, Result},
    generated::client::Client,
    retry::poll_policy::PollPolicy,
    rows::policy::RowsPolicy,
};

#[derive(Clone, Debug)]
pub(super) struct Source<K: JobKind> {
    pub(super) kind: K,
    pub(super) client: Client,
    pub(super) id: String,
    pub(super) polling: PollPolicy,
    pub(super) rows: RowsPolicy,
    pub(super) on_progress: Option<OnProgress<K::Status>>,
}

impl<K: JobKind> Source<K> {
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

    /// The span of a wait or a stream.
    pub(super) fn span(&self) -> Span {
        tracing::info_span!("usage_client.job", job.id = self.id)
    }
}

impl<K: JobKind> Polled for Source<K> {
    type Status = K::Status;

    const NOUN: &'static str = K::Status::NOUN;
    const ID: &'static str = K::Status::ID;

    fn client(&self) -> &Client {
        &self.client
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn policy(&self) -> &PollPolicy {
        &self.polling
    }

    fn on_progress(&self) -> Option<&OnProgress<K::Status>> {
        self.on_progress.as_ref()
    }

    fn check_id(&self) -> Result<()> {
        self.kind.check(&self.id).map_err(Error::invalid_request)
    }
}
