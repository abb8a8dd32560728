//! What goes out: method, path, headers and the exact JSON.

use httpmock::MockServer;
use serde_json::{Value, json};
use usage_client::{ApiUsageQuery, Granularity, GroupBy, Metric, types};
use usage_client_httpmock::MockServerExt as _;

use crate::{at_once, calls, client, document};

fn accepted() -> types::UsageExecutionResult {
    types::UsageExecutionResult::builder()
        .execution_id(Some("one".to_owned()))
        .try_into()
        .unwrap()
}

#[test]
fn an_execution_id_is_shown_and_borrowed_as_its_text() {
    let id: types::ExecutionId = "9f32b7cf".parse().unwrap();
    assert_eq!(format!("{id:>10}"), "  9f32b7cf");
    let (borrowed, owned): (&str, String) = (id.as_ref(), id.clone().into());
    assert_eq!((borrowed, owned.as_str()), ("9f32b7cf", "9f32b7cf"));
}

#[tokio::test]
async fn the_smallest_query_sends_only_the_interval() {
    let server = MockServer::start_async().await;
    let submit = server.post_usage_query(|when, then| {
        when.into_inner()
            .header("authorization", "Bearer test-token")
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header_matches("user-agent", r"^usage-client/\d+\.\d+\.\d+$")
            .header_missing("api-version")
            .body(r#"{"interval":"2020-02-01/2020-02-28"}"#);
        then.ok(&accepted());
    });
    let query = ApiUsageQuery::builder().interval("2020-02-01/2020-02-28");
    let execution = client(&server).submit(query).await.unwrap();
    assert_eq!(execution.id(), "one");
    submit.assert();
}

/// The document's example of a request body with every member, and with every value of its enums.
pub(crate) fn fullest_example(operation: &str) -> Value {
    let operations = document::operations();
    let (_, submit) = operations.iter().find(|(id, _)| *id == operation).unwrap();
    let media = &submit["requestBody"]["content"]["application/json"];
    let example = &media["examples"]["fullest"]["value"];
    let model = document::follow(&media["schema"]);
    for (key, property) in model["properties"].as_object().unwrap() {
        let sent = &example[key];
        assert!(
            !sent.is_null(),
            "the example `fullest` of {operation} lacks `{key}`: add it in openapi/usage.yaml"
        );
        let items = document::follow(&property["items"]);
        let members = items["enum"].as_array().into_iter().flatten();
        for member in members {
            assert!(
                sent.as_array().unwrap().contains(member),
                "the example `fullest` of {operation} lacks {member} in `{key}`: add it in openapi/usage.yaml"
            );
        }
    }
    example.clone()
}

#[tokio::test]
async fn the_fullest_query_spells_everything_as_the_api_does() {
    let server = MockServer::start_async().await;
    let submit = server.post_usage_query(|when, then| {
        when.into_inner().json_body(fullest_example("postUsageQuery"));
        then.ok(&accepted());
    });
    let query = ApiUsageQuery::builder()
        .interval("2020-02-01/2020-02-28")
        .granularity(Granularity::Day)
        .group_by(GroupBy::KNOWN)
        .metrics(Metric::KNOWN);
    let client = client(&server);
    client.post_usage_query().body(query).send().await.unwrap();
    submit.assert();
}

#[test]
fn each_fullest_example_has_every_member_of_its_request() {
    for (operation, value) in document::operations() {
        if value["requestBody"].is_object() {
            fullest_example(operation);
        }
    }
}

#[tokio::test]
async fn results_are_asked_for_with_the_same_headers_and_no_body() {
    let server = MockServer::start_async().await;
    let id: types::ExecutionId = "9f32b7cf-7e0e-4b27-9e3a-4d6a1bd8e2c1".parse().unwrap();
    let results = server.get_usage_query_execution_id_results(|when, then| {
        when.execution_id(&id)
            .into_inner()
            .header("authorization", "Bearer test-token")
            .header("accept", "application/json")
            .header_missing("api-version")
            .header_missing("content-type")
            .header_missing("content-length")
            .header_missing("transfer-encoding");
        then.ok(&types::ApiUsageQueryResult::default());
    });
    calls::results(&client(&server), id.as_ref()).await.unwrap();
    results.assert();
}

#[tokio::test]
async fn an_execution_id_is_one_path_segment_whatever_it_holds() {
    for id in ["a/b c", "a?b#c", "ümlaut%2F", "..x", "a\\..\\b", "[1]|^`{}"] {
        let server = MockServer::start_async().await;
        let results = server.get_usage_query_execution_id_results(|when, then| {
            when.execution_id(&id.parse().unwrap());
            then.ok(&types::ApiUsageQueryResult::default());
        });
        calls::results(&client(&server), id).await.unwrap();
        results.assert();
    }
}

#[tokio::test]
async fn an_execution_id_that_a_path_would_swallow_is_refused_locally() {
    let server = MockServer::start_async().await;
    let anything = server.mock(|when, then| {
        when.any_request();
        then.status(200).body("{}");
    });
    for id in ["", ".", ".."] {
        let client = client(&server);
        let execution = client.execution(id).with_polling(at_once());
        let error = execution.wait().await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(error.attempts(), 0);
        let error = calls::results(&client, id).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains("execution_id"), "{error}");
    }
    anything.assert_calls(0);
}

#[tokio::test]
async fn a_query_without_an_interval_is_refused_locally() {
    let server = MockServer::start_async().await;
    let submitted = client(&server).submit(ApiUsageQuery::builder()).await;
    let error = submitted.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains("interval"), "{error}");
}

#[test]
fn a_misspelt_enum_value_names_itself_and_what_is_allowed() {
    let error = "Hour".parse::<Granularity>().unwrap_err().to_string();
    assert_eq!(error, "`Hour` is not a Granularity; allowed are Day, Week, Month");
}

#[test]
fn a_misspelt_key_of_a_query_names_the_allowed_ones() {
    for (name, key) in [
        ("groupBy", "groupby"),
        ("groupBy", "group_by"),
        ("metrics", "metric"),
    ] {
        let query = json!({ "interval": "2020-02-01/2020-02-28", key: [] });
        let error = serde_json::from_value::<ApiUsageQuery>(query).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(&format!("unknown field `{key}`")), "{error}");
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
}
