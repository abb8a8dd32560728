//! What goes out to the siblings of usage queries: queries of one client, and simple searches.

use httpmock::MockServer;
use serde_json::json;
use usage_client::{ApiUsageQueryResult, Granularity, Metric, types};
use usage_client_httpmock::MockServerExt as _;

use crate::{client, requests::fullest_example};

const CLIENT: &str = "5a1d3a52-6a4c-4b68-a7d6-0a1f0f6d7c11";

fn accepted() -> types::UsageExecutionResult {
    let accepted = types::UsageExecutionResult::builder().execution_id("one");
    accepted.build().unwrap()
}

fn client_id() -> types::ClientId {
    CLIENT.parse().unwrap()
}

#[tokio::test]
async fn a_query_of_one_client_names_it_in_the_path_and_the_rest_in_the_body() {
    let server = MockServer::start_async().await;
    let submit = server.post_oauth_client_usage_query(|when, then| {
        when.client_id(&client_id())
            .into_inner()
            .path(format!("/api/v2/oauth/clients/{CLIENT}/usage/query"))
            .header("authorization", "Bearer test-token")
            .header("content-type", "application/json")
            .header_missing("api-version")
            .json_body(fullest_example("postOauthClientUsageQuery"));
        then.accepted(&accepted());
    });
    let query = types::ApiUsageClientQuery::builder()
        .interval("2020-02-01/2020-02-28")
        .granularity(Granularity::Day)
        .group_by(types::ClientGroupBy::KNOWN)
        .metrics(Metric::KNOWN);
    let client = client(&server);
    let call = client.post_oauth_client_usage_query().client_id(CLIENT);
    let handle = call.body(query).send().await.unwrap();
    assert_eq!(handle.execution_id.as_deref(), Some("one"));
    submit.assert();
}

#[tokio::test]
async fn results_of_one_client_are_asked_for_by_both_ids() {
    let server = MockServer::start_async().await;
    let results = server.get_oauth_client_usage_query_result(|when, then| {
        when.client_id(&client_id())
            .execution_id(&"one".parse().unwrap())
            .into_inner()
            .path(format!("/api/v2/oauth/clients/{CLIENT}/usage/query/results/one"))
            .header_missing("content-type");
        then.ok(&ApiUsageQueryResult::default());
    });
    let client = client(&server);
    let call = client.get_oauth_client_usage_query_result().client_id(CLIENT);
    call.execution_id("one").send().await.unwrap();
    results.assert();
}

#[tokio::test]
async fn a_summary_sends_its_days_only_if_they_are_set() {
    let server = MockServer::start_async().await;
    let path = format!("/api/v2/oauth/clients/{CLIENT}/usage/summary");
    let a_month = server.get_oauth_client_usage_summary(|when, then| {
        let days: types::PastDays = "28".parse().unwrap();
        let when = when.client_id(&client_id()).days(&days).into_inner();
        when.path(&path).query_param("days", "28");
        then.ok(&accepted());
    });
    let a_week = server.get_oauth_client_usage_summary(|when, then| {
        when.days(None).into_inner().path(&path);
        then.accepted(&accepted());
    });
    let client = client(&server);
    let call = client.get_oauth_client_usage_summary().client_id(CLIENT);
    assert_eq!(call.clone().days("28").send().await.unwrap().status(), 200);
    assert_eq!(call.clone().send().await.unwrap().status(), 202);
    a_month.assert();
    a_week.assert();
    for days in ["", "0", "-1", "week", "7.5"] {
        let error = call.clone().days(days).send().await.unwrap_err();
        assert!(
            error.is_invalid_request() && error.to_string().contains("`days`"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_search_spells_everything_as_the_api_does() {
    let server = MockServer::start_async().await;
    let submit = server.post_usage_simplesearch(|when, then| {
        let when = when.into_inner().path("/api/v2/usage/simplesearch");
        when.json_body(fullest_example("postUsageSimplesearch"));
        then.ok(&accepted());
    });
    let search = types::ApiUsageSimpleSearch::builder()
        .interval("2020-02-01/2020-02-28")
        .metrics(types::SearchMetric::KNOWN)
        .oauth_client_names(vec!["Nightly Export".to_owned()])
        .http_methods(types::SearchHttpMethod::KNOWN)
        .template_uris(vec!["api/v2/users/{userId}".to_owned()]);
    let client = client(&server);
    client
        .post_usage_simplesearch()
        .body(search)
        .send()
        .await
        .unwrap();
    submit.assert();
}

#[tokio::test]
async fn a_page_of_a_search_is_asked_for_by_its_cursor_and_size() {
    let server = MockServer::start_async().await;
    let id = "one".parse().unwrap();
    let path = "/api/v2/usage/simplesearch/one/results";
    let first = server.get_usage_simplesearch_execution_id_results(|when, then| {
        let when = when.execution_id(&id).after(None).page_size(None);
        when.into_inner().path(path);
        let cursors = types::Cursors::builder().after("a/b+c&d=");
        let page = ApiUsageQueryResult::builder().cursors(cursors.build().unwrap());
        then.ok(&page.build().unwrap());
    });
    let second = server.get_usage_simplesearch_execution_id_results(|when, then| {
        let when = when
            .execution_id(&id)
            .after("a/b+c&d=")
            .page_size(1000)
            .into_inner();
        when.query_param("after", "a/b+c&d=")
            .query_param("pageSize", "1000");
        then.ok(&ApiUsageQueryResult::default());
    });
    let client = client(&server);
    let call = client
        .get_usage_simplesearch_execution_id_results()
        .execution_id("one");
    let page = call.clone().send().await.unwrap();
    let after = page.cursors.as_ref().unwrap().after.clone().unwrap();
    call.after(after).page_size(1000).send().await.unwrap();
    first.assert();
    second.assert();
}

#[test]
fn a_query_of_one_client_has_no_group_of_users() {
    let query = json!({ "interval": "2020-02-01/2020-02-28", "groupBy": ["UserId"] });
    let error = serde_json::from_value::<types::ApiUsageClientQuery>(query).unwrap_err();
    let expected =
        "`UserId` is not a ClientGroupBy; allowed are OAuthClientId, OrganizationId, TemplateUri, HttpMethod";
    assert!(error.to_string().contains(expected), "{error}");
}
