//! What fetching the results of an execution needs.

use tracing::Span;

use super::{endpoint::Endpoint, polling::Polled, progress::OnProgress};
use crate::{
    error::{Error, Result},
    generated::{
        client::Client,
        types::{ExecutionId, QueryStatus},
    },
    retry::poll_policy::PollPolicy,
    rows::policy::RowsPolicy,
};

#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) client: Client,
    pub(super) endpoint: Endpoint,
    pub(super) id: String,
    pub(super) polling: PollPolicy,
    pub(super) rows: RowsPolicy,
    pub(super) on_progress: Option<OnProgress<QueryStatus>>,
}

impl Source {
    /// The span of a wait or a stream.
    pub(super) fn span(&self) -> Span {
        tracing::info_span!("usage_client.execution", execution.id = self.id)
    }
}

impl Polled for Source {
    type Status = QueryStatus;

    const NOUN: &'static str = "query";
    const ID: &'static str = "execution id";

    fn client(&self) -> &Client {
        &self.client
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn policy(&self) -> &PollPolicy {
        &self.polling
    }

    fn on_progress(&self) -> Option<&OnProgress<QueryStatus>> {
        self.on_progress.as_ref()
    }

    fn check_id(&self) -> Result<()> {
        let id = &self.id;
        match id.parse::<ExecutionId>() {
            Ok(_) => Ok(()),
            Err(reason) => Err(Error::invalid_request(format!("execution_id `{id}`: {reason}"))),
        }
    }
}
