//! One call of each operation, for tests that hold of all of them.

use usage_client::{ApiUsageQuery, ApiUsageQueryResult, Client, Interval, Result, types};

use crate::document;

/// Calls an operation with values that it takes.
pub(crate) async fn call(client: &Client, operation: &str) -> Result<()> {
    // Jobs take no interval that begins too long ago.
    let days = Interval::last_days(7);
    match operation {
        "postUsageQuery" => {
            let query = ApiUsageQuery::builder().interval(days);
            client.post_usage_query().body(query).send().await.map(drop)
        }
        "getUsageQueryExecutionIdResults" => results(client, "one").await.map(drop),
        "postOauthClientUsageQuery" => {
            let query = types::ApiUsageClientQuery::builder().interval(days);
            let call = client.post_oauth_client_usage_query().client_id("one");
            call.body(query).send().await.map(drop)
        }
        "getOauthClientUsageQueryResult" => {
            let call = client.get_oauth_client_usage_query_result().client_id("one");
            call.execution_id("one").send().await.map(drop)
        }
        "getOauthClientUsageSummary" => {
            let call = client.get_oauth_client_usage_summary();
            call.client_id("one").send().await.map(drop)
        }
        "postUsageSimplesearch" => {
            let search = types::ApiUsageSimpleSearch::builder().interval(days);
            client
                .post_usage_simplesearch()
                .body(search)
                .send()
                .await
                .map(drop)
        }
        "getUsageSimplesearchExecutionIdResults" => {
            let call = client.get_usage_simplesearch_execution_id_results();
            call.execution_id("one").send().await.map(drop)
        }
        "postUsageAggregatesQueryJobs" => {
            let job = types::OrganizationPublicApiUsageQueryRequest::builder().interval(days);
            let call = client.post_usage_aggregates_query_jobs();
            call.body(job).send().await.map(drop)
        }
        "getUsageAggregatesQueryJob" => {
            let call = client.get_usage_aggregates_query_job();
            call.job_id("one").send().await.map(drop)
        }
        "postUsageClientClientIdAggregatesQueryJobs" => {
            let job = types::ClientPublicApiUsageQueryRequest::builder().interval(days);
            let call = client.post_usage_client_client_id_aggregates_query_jobs();
            call.client_id("one").body(job).send().await.map(drop)
        }
        "getUsageClientClientIdAggregatesQueryJob" => {
            let call = client.get_usage_client_client_id_aggregates_query_job();
            call.client_id("one").job_id("one").send().await.map(drop)
        }
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
