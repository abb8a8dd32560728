//! The client against the simulator, which knows nothing of it.

use std::collections::BTreeMap;

use serde_json::Value;
use usage_client::{
    ApiUsageQuery, ApiUsageQueryResult, Client, Credentials, Granularity, GroupBy, Metric, types,
};
use usage_sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, RecordedRequest, Simulator};

use crate::{
    at_once,
    calls::{call, operations},
    client_of, document,
};

pub(crate) fn client(simulator: &Simulator) -> Client {
    let credentials = Credentials::client_credentials(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET);
    client_of(simulator.url(), credentials)
}

async fn run(simulator: &Simulator, query: types::builder::ApiUsageQuery) -> ApiUsageQueryResult {
    let query = query.interval("2024-02-01/2024-02-29");
    match client(simulator).submit(query).await {
        Ok(execution) => execution.with_polling(at_once()).wait().await.unwrap(),
        Err(error) => {
            panic!("the simulator does not take a query: {error}: see usage-sim/src/query/models.rs")
        }
    }
}

#[tokio::test]
async fn login_submit_running_and_complete_over_real_http() {
    let simulator = Simulator::builder().running_polls(2).start().await.unwrap();
    let query = ApiUsageQuery::builder()
        .granularity(Granularity::Day)
        .group_by(vec![GroupBy::TemplateUri]);
    let result = run(&simulator, query).await;
    for row in result.results.unwrap() {
        assert!(row.date.is_some() && row.client_id.as_deref() == Some(""));
    }
    let path = |seen: &RecordedRequest| format!("{} {}", seen.method, seen.path);
    let paths: Vec<_> = simulator.requests().iter().map(path).collect();
    assert_eq!(paths[..2], ["POST /oauth/token", "POST /api/v2/usage/query"]);
    assert_eq!(paths.len(), 5);
}

#[tokio::test]
async fn a_query_that_is_accepted_with_202_is_waited_for_like_any() {
    let simulator = Simulator::builder().submit_status(202).start().await.unwrap();
    let rows = run(&simulator, ApiUsageQuery::builder()).await.results.unwrap();
    assert!(!rows.is_empty());
    let statuses: Vec<_> = simulator.requests().iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [Some(200), Some(202), Some(200)]);
}

#[tokio::test]
async fn the_sums_agree_however_rows_are_grouped() {
    let simulator = Simulator::builder().start().await.unwrap();
    let mut sums = BTreeMap::new();
    for group_by in [
        vec![],
        vec![GroupBy::UserId, GroupBy::HttpMethod],
        GroupBy::KNOWN.to_vec(),
    ] {
        let name = format!("{group_by:?}");
        let query = ApiUsageQuery::builder().group_by(group_by);
        let rows = run(&simulator, query).await.results.unwrap();
        sums.insert(name, rows.iter().map(|row| row.requests.unwrap()).sum::<i64>());
    }
    let first = sums["[]"];
    assert!(first > 0 && sums.values().all(|sum| *sum == first), "{sums:?}");
}

#[tokio::test]
async fn what_the_simulator_sends_validates_against_the_document() {
    let simulator = Simulator::builder().running_polls(1).start().await.unwrap();
    let query = ApiUsageQuery::builder().metrics(vec![Metric::Requests]);
    let result = run(&simulator, query).await;
    assert!(document::validator("ApiUsageQueryResult").is_valid(&serde_json::to_value(&result).unwrap()));
    let validator = document::validator("ApiUsageQuery");
    let requests = simulator.requests().into_iter();
    for submit in requests.filter(|seen| seen.path == "/api/v2/usage/query") {
        let body: Value = serde_json::from_slice(&submit.body).unwrap();
        assert!(validator.is_valid(&body), "{body}");
    }
}

#[tokio::test]
async fn the_service_s_own_errors_are_typed() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = client(&simulator);
    let submit = |interval: &str| client.submit(ApiUsageQuery::builder().interval(interval));
    let error = submit("yesterday").await.unwrap_err();
    assert_eq!(error.status().unwrap(), 400);
    assert_eq!(error.code(), Some("invalid.date"));
    let error = client.execution("unknown").poll().await.unwrap_err();
    assert!(error.is_not_found() && error.code() == Some("not.found"));
    assert!(error.body().unwrap().context_id.as_deref() == error.correlation_id());
}

#[tokio::test]
async fn every_documented_operation_is_simulated() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = client(&simulator);
    for operation in operations() {
        let Err(error) = call(&client, operation).await else {
            continue;
        };
        // What is not found of an operation that there is has a name.
        let is_known = error.body().is_some_and(|body| body.entity_name.is_some());
        assert!(
            is_known,
            "the simulator does not answer `{operation}`: {error}: add it to OPERATIONS in usage-sim/src/route.rs"
        );
    }
}

#[tokio::test]
async fn a_recorded_answer_is_replayed_as_it_is() {
    let recorded = r#"{"results":[{"clientName":"Replayed","requests":7,"new":1}],"queryStatus":"Complete"}"#;
    let simulator = Simulator::builder().results(recorded).start().await.unwrap();
    let rows = run(&simulator, ApiUsageQuery::builder()).await.results.unwrap();
    assert_eq!(rows[0].client_name.as_deref(), Some("Replayed"));
    assert_eq!(rows[0].requests, Some(7));
}
