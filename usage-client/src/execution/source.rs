//! What fetching the results of an execution needs.

use tracing::Span;

use super::progress::OnProgress;
use crate::{generated::client::Client, retry::poll_policy::PollPolicy, rows::policy::RowsPolicy};

#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) client: Client,
    pub(super) id: String,
    pub(super) polling: PollPolicy,
    pub(super) rows: RowsPolicy,
    pub(super) on_progress: Option<OnProgress>,
}

impl Source {
    /// The span of a wait or a stream.
    pub(super) fn span(&self) -> Span {
        tracing::info_span!("usage_client.execution", execution.id = self.id)
    }
}
