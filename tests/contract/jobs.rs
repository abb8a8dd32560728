//! Usage jobs: what goes out, and what comes in.

use httpmock::MockServer;
use serde_json::json;
use usage_client::{Granularity, Metric, chrono::NaiveDate, types};
use usage_client_httpmock::MockServerExt as _;

use crate::{client, requests::fullest_example};

const CLIENT: &str = "5a1d3a52-6a4c-4b68-a7d6-0a1f0f6d7c11";
const INTERVAL: &str = "2026-10-01T00:00:00/2026-10-31T23:59:59";

fn client_id() -> types::ClientId {
    CLIENT.parse().unwrap()
}

fn order(field: &str, order: types::SortOrder) -> types::UsageQuerySortBy {
    let order = types::UsageQuerySortBy::builder().field_name(field).order(order);
    order.build().unwrap()
}

fn orders() -> Vec<types::UsageQuerySortBy> {
    vec![
        order("requestCount", types::SortOrder::Desc),
        order("templateUri", types::SortOrder::Asc),
    ]
}

#[tokio::test]
async fn a_job_of_the_organization_spells_everything_as_the_api_does() {
    let server = MockServer::start_async().await;
    let submit = server.post_usage_aggregates_query_jobs(|when, then| {
        when.into_inner()
            .path("/api/v2/usage/aggregates/query/jobs")
            .header("authorization", "Bearer test-token")
            .header("content-type", "application/json")
            .header_missing("api-version")
            .json_body(fullest_example("postUsageAggregatesQueryJobs"));
        let handle = types::OrganizationUsageQueryResponse::builder().id("one");
        then.accepted(&handle.build().unwrap());
    });
    let job = types::OrganizationPublicApiUsageQueryRequest::builder()
        .interval(INTERVAL)
        .granularity(Granularity::Day)
        .group_by(types::JobGroupBy::KNOWN)
        // In the order of the document's example.
        .metrics(Metric::KNOWN)
        .sort_by(orders())
        .template_uris(vec!["api/v2/users/{userId}".to_owned()])
        .http_methods(types::HttpMethod::KNOWN)
        .platforms(vec!["Platform A".to_owned()])
        .user_ids(vec!["c2b9e8d1-0f7a-4e55-9b1d-6f2f6f0c8a93".to_owned()])
        .oauth_client_ids(vec![CLIENT.to_owned()]);
    let client = client(&server);
    let call = client.post_usage_aggregates_query_jobs().body(job);
    let handle = call.send().await.unwrap();
    assert_eq!(handle.id.as_deref(), Some("one"));
    submit.assert();
}

#[tokio::test]
async fn a_job_of_one_client_spells_everything_as_the_api_does() {
    let server = MockServer::start_async().await;
    let submit = server.post_usage_client_client_id_aggregates_query_jobs(|when, then| {
        when.client_id(&client_id())
            .into_inner()
            .path(format!("/api/v2/usage/client/{CLIENT}/aggregates/query/jobs"))
            .json_body(fullest_example("postUsageClientClientIdAggregatesQueryJobs"));
        let handle = types::ClientUsageQueryResponse::builder().id("one");
        then.ok(&handle.build().unwrap());
    });
    let job = types::ClientPublicApiUsageQueryRequest::builder()
        .interval(INTERVAL)
        .granularity(Granularity::Day)
        .group_by(types::ClientJobGroupBy::KNOWN)
        .metrics(Metric::KNOWN)
        .sort_by(orders())
        .template_uris(vec!["api/v2/users/{userId}".to_owned()])
        .http_methods(types::HttpMethod::KNOWN)
        .platforms(vec!["Platform A".to_owned()])
        .organization_ids(vec!["1f6a2c0c-3d1b-4f5e-8c61-3b9d2a7e5f40".to_owned()]);
    let client = client(&server);
    let call = client.post_usage_client_client_id_aggregates_query_jobs();
    let handle = call.client_id(CLIENT).body(job).send().await.unwrap();
    assert_eq!(handle.id.as_deref(), Some("one"));
    submit.assert();
}

#[tokio::test]
async fn a_page_is_asked_for_by_its_cursor_and_size() {
    let server = MockServer::start_async().await;
    let id: types::JobId = "one".parse().unwrap();
    let cursor = "a/b+c&d=";
    let first = server.get_usage_aggregates_query_job(|when, then| {
        let when = when.job_id(&id).after(None).page_size(None).into_inner();
        when.path("/api/v2/usage/aggregates/query/jobs/one");
        then.ok(&types::OrganizationPublicApiUsageResultsResponse::default());
    });
    let second = server.get_usage_aggregates_query_job(|when, then| {
        let when = when.job_id(&id).after(cursor).page_size(1000).into_inner();
        when.query_param("after", cursor).query_param("pageSize", "1000");
        then.ok(&types::OrganizationPublicApiUsageResultsResponse::default());
    });
    let of_client = server.get_usage_client_client_id_aggregates_query_job(|when, then| {
        let when = when
            .client_id(&client_id())
            .job_id(&id)
            .after(cursor)
            .page_size(7);
        let path = format!("/api/v2/usage/client/{CLIENT}/aggregates/query/jobs/one");
        when.into_inner().path(path);
        then.ok(&types::ClientPublicApiUsageResultsResponse::default());
    });
    let client = client(&server);
    let call = client.get_usage_aggregates_query_job().job_id("one");
    call.clone().send().await.unwrap();
    call.after(cursor).page_size(1000).send().await.unwrap();
    let call = client.get_usage_client_client_id_aggregates_query_job();
    let call = call.client_id(CLIENT).job_id("one").after(cursor).page_size(7);
    call.send().await.unwrap();
    first.assert();
    second.assert();
    of_client.assert();
}

#[tokio::test]
async fn ids_that_a_path_would_swallow_are_refused_locally() {
    let server = MockServer::start_async().await;
    let client = client(&server);
    for id in ["", ".", ".."] {
        let error = client.get_usage_aggregates_query_job().job_id(id).send().await;
        assert!(error.unwrap_err().to_string().contains("`job_id`"));
        let call = client
            .get_usage_client_client_id_aggregates_query_job()
            .client_id(id);
        let error = call.job_id("one").send().await.unwrap_err();
        assert!(
            error.is_invalid_request() && error.to_string().contains("`client_id`"),
            "{error}"
        );
    }
}

/// The results of a job, from a body with this status.
async fn results(status: u16, body: &str) -> types::OrganizationPublicApiUsageResultsResponse {
    let server = MockServer::start_async().await;
    server.get_usage_aggregates_query_job(|_, then| {
        then.into_inner()
            .status(status)
            .header("content-type", "application/json")
            .body(body);
    });
    let client = client(&server);
    let call = client.get_usage_aggregates_query_job().job_id("one");
    call.send().await.unwrap().into_inner()
}

#[tokio::test]
async fn a_failed_job_keeps_its_reason_although_its_status_is_a_success() {
    let body = json!({
        "queryStatus": "Failed",
        "errorBody": { "code": "query.error", "message": "It failed.", "status": 500 },
    });
    let failed = results(202, &body.to_string()).await;
    assert_eq!(failed.query_status, Some(types::JobStatus::Failed));
    assert_eq!(failed.error_body.unwrap().code.as_deref(), Some("query.error"));
}

#[tokio::test]
async fn a_status_or_a_method_that_nobody_knows_is_kept() {
    let body = r#"{"queryStatus":"Paused","entities":[{"httpMethod":"OPTIONS"},{"httpMethod":"GET"}]}"#;
    let page = results(202, body).await;
    assert_eq!(
        page.query_status,
        Some(types::JobStatus::Unknown("Paused".to_owned()))
    );
    let methods = page
        .entities
        .as_ref()
        .unwrap()
        .iter()
        .map(|row| row.http_method.clone().unwrap());
    let methods: Vec<_> = methods.collect();
    assert_eq!(
        methods,
        [
            types::HttpMethod::Unknown("OPTIONS".to_owned()),
            types::HttpMethod::GET
        ]
    );
    assert_eq!(
        serde_json::to_string(&page).unwrap().matches("OPTIONS").count(),
        1
    );
}

#[tokio::test]
async fn rows_are_read_however_the_service_writes_what_is_missing() {
    let body = r#"{"queryStatus":"Succeeded","new":1,"entities":[
        {"date":"2026-10-21","requestCount":9007199254740993,"oauthClient":{"id":"c","name":"","new":[]},"user":{}},
        {"date":"2026-10-21T00:00:00Z","requestCount":8.0,"oauthClient":null,"user":null,"platform":""},
        {"date":"","status200":null},
        {}]}"#;
    let rows = results(200, body).await.entities.unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 10, 21);
    let days: Vec<_> = rows.iter().map(|row| row.date).collect();
    assert_eq!(days, [day, day, None, None]);
    let counts: Vec<_> = rows.iter().map(|row| row.request_count).collect();
    assert_eq!(counts, [Some(9_007_199_254_740_993), Some(8), None, None]);
    let client = rows[0].oauth_client.as_ref().unwrap();
    assert_eq!(
        (client.id.as_deref(), client.name.as_deref()),
        (Some("c"), Some(""))
    );
    assert_eq!(rows[1].oauth_client, None);
    assert_eq!(rows[1].platform.as_deref(), Some(""));
    assert_eq!(rows[3], types::OrganizationPublicApiUsage::default());
}
