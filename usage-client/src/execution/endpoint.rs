//! Where the results of an execution are: at the endpoint of the organization, or at that of one OAuth client.

use tracing::Span;

use super::source::{Submitted, check};
use crate::{
    error::Result,
    generated::{
        client::Client,
        types::{ExecutionId, QueryStatus},
    },
    http::send::ReadResponse,
};

#[derive(Clone, Debug)]
pub(super) enum Endpoint {
    Organization,
    /// The id of the OAuth client.
    Client(String),
}

impl Endpoint {
    /// Requests the results, and reads as much of them as the type of the response says.
    pub(super) async fn results<A: ReadResponse>(&self, client: &Client, id: &str) -> Result<A> {
        match self {
            Self::Organization => {
                let call = client.get_usage_query_execution_id_results();
                call.execution_id(id).open().await
            }
            Self::Client(client_id) => {
                let call = client.get_oauth_client_usage_query_result();
                call.client_id(client_id.as_str()).execution_id(id).open().await
            }
        }
    }
}

impl Submitted for Endpoint {
    type Status = QueryStatus;

    const NOUN: &'static str = "query";
    const ID: &'static str = "execution id";

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        check::<ExecutionId>("execution_id", id)
    }

    fn span(id: &str) -> Span {
        tracing::info_span!("usage_client.execution", execution.id = id)
    }
}
