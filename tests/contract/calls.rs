//! One call of each operation, for tests that hold of all of them.

use usage_client::{ApiUsageQuery, ApiUsageQueryResult, Client, Result};

use crate::document;

/// Calls an operation with values that it takes.
pub(crate) async fn call(client: &Client, operation: &str) -> Result<()> {
    match operation {
        "postUsageQuery" => {
            let query = ApiUsageQuery::builder().interval("2020-02-01/2020-02-28");
            client.post_usage_query().body(query).send().await.map(drop)
        }
        "getUsageQueryExecutionIdResults" => results(client, "one").await.map(drop),
        other => panic!("`{other}` is called by no test: add it to `call` in tests/contract/calls.rs"),
    }
}

/// Requests the results of an execution, once.
pub(crate) async fn results(client: &Client, id: &str) -> Result<ApiUsageQueryResult> {
    let request = client.get_usage_query_execution_id_results().execution_id(id);
    Ok(request.send().await?.into_inner())
}

/// The operation ids of the document.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    document::operations().into_iter().map(|(id, _)| id)
}
