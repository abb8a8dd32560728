//! Where the results of an execution are: at the endpoint of the organization, or at that of one OAuth client.

use crate::{error::Result, generated::client::Client, http::send::ReadResponse};

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
