//! What comes in: everything that the service is known to do must be survived.

use httpmock::MockServer;
use serde_json::{Value, json};
use usage_client::{ApiUsageQueryResult, QueryStatus, types};
use usage_client_httpmock::MockServerExt as _;

use crate::{at_once, calls, client, document};

async fn results(body: impl Into<String>) -> ApiUsageQueryResult {
    let server = MockServer::start_async().await;
    server.get_usage_query_execution_id_results(|_, then| {
        then.into_inner()
            .status(200)
            .header("content-type", "application/json")
            .body(body.into());
    });
    calls::results(&client(&server), "one").await.unwrap()
}

#[tokio::test]
async fn running_has_no_results() {
    let result = results(r#"{"queryStatus":"Running"}"#).await;
    assert_eq!(result.query_status, Some(QueryStatus::Running));
    assert_eq!(result.results, None);
}

#[tokio::test]
async fn failed_ends_the_wait_at_once_with_its_own_error() {
    let server = MockServer::start_async().await;
    let polls = server.get_usage_query_execution_id_results(|_, then| {
        let failed = types::ApiUsageQueryResult::builder().query_status(Some(QueryStatus::Failed));
        then.ok(&failed.try_into().unwrap());
    });
    let execution = client(&server).execution("one").with_polling(at_once());
    let error = execution.wait().await.unwrap_err();
    assert!(error.is_query_failed());
    assert_eq!(error.execution_id(), Some("one"));
    polls.assert_calls(1);
}

#[tokio::test]
async fn complete_carries_rows_of_the_real_shape() {
    let row = |day: &str, status400: u32, status429: u32| {
        json!({
            "clientId": "7de3af06-c0b3-4f9b-af45-72f4a14037cc",
            "clientName": "Client Creds",
            "organizationId": "",
            "userId": "",
            "templateUri": "api/v2/users/{userId}",
            "httpMethod": "",
            "status200": 2,
            "status300": 0,
            "status400": status400,
            "status500": 0,
            "status429": status429,
            "requests": 2 + status400,
            "date": format!("2020-02-{day}T00:00:00Z"),
        })
    };
    let body = json!({ "results": [row("21", 5, 4), row("02", 0, 0)], "queryStatus": "Complete" });
    let result = results(body.to_string()).await;
    assert_eq!(result.query_status, Some(QueryStatus::Complete));
    let rows = result.results.as_ref().unwrap();
    assert_eq!(rows[0].requests, Some(7));
    assert_eq!(rows[0].status429, Some(4));
    assert_eq!(rows[0].template_uri.as_deref(), Some("api/v2/users/{userId}"));
    assert_eq!(rows[0].user_id.as_deref(), Some(""));
    assert_eq!(rows[0].date.unwrap().to_rfc3339(), "2020-02-21T00:00:00+00:00");
    assert_eq!(serde_json::to_value(&result).unwrap(), body);
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_kept_and_is_no_end() {
    let result = results(r#"{"queryStatus":"Archiving"}"#).await;
    let status = result.query_status.clone().unwrap();
    assert_eq!(status, QueryStatus::Unknown("Archiving".to_owned()));
    assert_eq!(status.as_str(), "Archiving");
    assert_eq!(status.to_string(), "Archiving");
    assert!(!matches!(status, QueryStatus::Complete | QueryStatus::Failed));
    let written = serde_json::to_value(&result).unwrap();
    assert_eq!(written, json!({ "queryStatus": "Archiving" }));
}

#[tokio::test]
async fn unknown_members_are_ignored_at_every_level() {
    let body =
        r#"{"new":{"deep":[1,{}]},"results":[{"new":[null],"requests":3}],"queryStatus":"Complete","z":0}"#;
    let result = results(body).await;
    assert_eq!(result.results.unwrap()[0].requests, Some(3));
}

#[tokio::test]
async fn null_for_any_member_is_survived() {
    let nulls = |name: &str| -> Value {
        let properties = document::schemas()[name]["properties"].as_object().unwrap();
        properties
            .keys()
            .map(|property| (property.clone(), Value::Null))
            .collect()
    };
    for body in [
        nulls("ApiUsageQueryResult"),
        json!({ "results": [nulls("ApiUsageRow")], "cursors": nulls("Cursors") }),
    ] {
        let result = results(body.to_string()).await;
        assert_eq!(result.query_status, None);
    }
}

#[tokio::test]
async fn complete_without_results_is_survived() {
    let result = results(r#"{"queryStatus":"Complete"}"#).await;
    assert_eq!(result.results, None);
}

#[tokio::test]
async fn dates_with_and_without_milliseconds_are_the_same() {
    let body = r#"{"results":[{"date":"2020-02-02T00:00:00Z"},{"date":"2020-02-02T00:00:00.000Z"},{}]}"#;
    let rows = results(body).await.results.unwrap();
    assert_eq!(rows[0].date, rows[1].date);
    assert!(rows[0].date.is_some());
    assert_eq!(rows[2].date, None);
}

#[tokio::test]
async fn counts_over_two_to_the_53rd_are_exact() {
    let body = r#"{"results":[{"requests":9007199254740993,"status200":9223372036854775807}]}"#;
    let row = &results(body).await.results.unwrap()[0];
    assert_eq!(row.requests, Some(9_007_199_254_740_993));
    assert_eq!(row.status200, Some(i64::MAX));
}

#[tokio::test]
async fn an_accepted_query_without_an_id_is_an_error() {
    let server = MockServer::start_async().await;
    server.post_usage_query(|_, then| {
        then.ok(&types::UsageExecutionResult::default());
    });
    let query = usage_client::ApiUsageQuery::builder().interval("2020-02-01/2020-02-28");
    let error = client(&server).submit(query).await.unwrap_err();
    assert!(error.is_decode(), "{error}");
    assert!(error.to_string().contains("no execution id"), "{error}");
}
