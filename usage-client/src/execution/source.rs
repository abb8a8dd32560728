//! What the results of an execution are fetched with.

use super::{
    policy::RowsPolicy,
    polling::{PollPolicy, Polling},
};
use crate::generated::client::Client;

#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) client: Client,
    pub(super) id: String,
    pub(super) polling: PollPolicy,
    pub(super) rows: RowsPolicy,
}

impl Source {
    pub(super) fn polling(&self) -> Polling<'_> {
        Polling::new(&self.client, &self.id, &self.polling)
    }
}
