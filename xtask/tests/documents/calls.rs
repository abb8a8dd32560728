//! Calls of accepted documents: what is sent is what is written here, and what the typed mocks take it for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use httpmock::MockServer;
use usage_client::{Client, Credentials, RetryPolicy, chrono::NaiveDate, corpus};
use usage_client_httpmock::corpus as mocks;

fn client(server: &MockServer) -> Client {
    let client = Client::builder()
        .base_url(server.base_url())
        .credentials(Credentials::access_token("test-token"))
        .retry(RetryPolicy::none());
    client.build().unwrap()
}

#[tokio::test]
async fn query_parameters_are_sent_if_they_are_set_and_dates_as_the_api_writes_them() {
    use mocks::query_dates::MockServerExt as _;
    let server = MockServer::start_async().await;
    let (from, read_at) = (NaiveDate::from_ymd_opt(2020, 2, 1).unwrap(), "2020-02-03T04:05:06Z".parse().unwrap());
    let mock = server.list_entries(|when, then| {
        when.from(&from)
            .until(None)
            .read_at(&read_at)
            .into_inner()
            .path("/entries")
            .header("authorization", "Bearer test-token")
            .query_param("from", "2020-02-01")
            .query_param("read_at", "2020-02-03T04:05:06Z")
            .query_param_missing("until")
            .query_param_missing("changed_since");
        then.ok(&vec!["one".to_owned()]);
    });
    let client = corpus::query_dates::Client::like(&client(&server));
    let answer = client.list_entries().from(from).read_at(read_at).send().await.unwrap();
    assert_eq!(answer.into_inner(), ["one"]);
    mock.assert();
}

#[tokio::test]
async fn numbers_and_booleans_are_sent_as_json_writes_them() {
    use mocks::query_scalars::MockServerExt as _;
    let server = MockServer::start_async().await;
    let mock = server.find_houses(|when, then| {
        when.town("Köln & Bonn")
            .max_price(9_007_199_254_740_993_i64)
            .latitude(50.5)
            .heated(true)
            .radius(0.1)
            .garden(false)
            .min_rooms(None)
            .into_inner()
            .query_param("town", "Köln & Bonn")
            .query_param("max_price", "9007199254740993")
            .query_param("latitude", "50.5")
            .query_param("radius", "0.1")
            .query_param("heated", "true")
            .query_param("garden", "false")
            .query_param_missing("minRooms");
        then.ok(&Vec::new());
    });
    let client = corpus::query_scalars::Client::like(&client(&server));
    let call = client.find_houses().town("Köln & Bonn").max_price(9_007_199_254_740_993_i64);
    let call = call.latitude(50.5).heated(true).radius(0.1_f32).garden(false);
    assert!(call.send().await.unwrap().is_empty());
    mock.assert();
}

#[tokio::test]
async fn a_list_is_sent_once_for_each_item() {
    use corpus::query_array_of_enum::types::{ListParcelsSizeItem, ParcelState};
    use mocks::query_array_of_enum::MockServerExt as _;
    let server = MockServer::start_async().await;
    let states = vec![ParcelState::OnTheWay, ParcelState::Packed];
    let sizes = vec![ListParcelsSizeItem::Small];
    let mock = server.list_parcels(|when, then| {
        when.state(&states)
            .size(&sizes)
            .into_inner()
            .query_param("state", "on_the_way")
            .query_param("state", "packed")
            .query_param_count("^state$", ".*", 2)
            .query_param("size", "small");
        then.ok(&Vec::new());
    });
    let client = corpus::query_array_of_enum::Client::like(&client(&server));
    client.list_parcels().state(states).size(sizes).send().await.unwrap();
    mock.assert();
}

#[tokio::test]
async fn headers_are_sent_if_they_are_set_and_an_answer_may_have_no_body() {
    use mocks::header_parameters::MockServerExt as _;
    let server = MockServer::start_async().await;
    let mock = server.print_page(|when, then| {
        when.x_request_id("abc")
            .x_copies(2)
            .x_tray(7)
            .if_match(None)
            .into_inner()
            .header("X-Request-Id", "abc")
            .header("X-Copies", "2")
            .header("x-tray", "7")
            .header_missing("If-Match");
        then.no_content();
    });
    let client = corpus::header_parameters::Client::like(&client(&server));
    let call = client.print_page().x_request_id("abc").x_copies(2).x_tray(7);
    let answer = call.clone().send().await.unwrap();
    assert_eq!(answer.status(), 204);
    answer.into_inner();
    let error = call.x_request_id("a\nb").send().await.unwrap_err();
    assert!(
        error.is_invalid_request() && error.to_string().contains("header `X-Request-Id`"),
        "{error}"
    );
    mock.assert_calls(1);
}

#[tokio::test]
async fn path_parameters_are_one_part_each() {
    use mocks::several_path_parameters::MockServerExt as _;
    let server = MockServer::start_async().await;
    let mock = server.get_seat(|when, then| {
        when.hall("a/b ü").row_number(3).seat_id(4);
        then.ok(&corpus::several_path_parameters::types::Seat::default());
    });
    let client = corpus::several_path_parameters::Client::like(&client(&server));
    let call = client.get_seat().row_number(3).seat_id(4);
    call.clone().hall("a/b ü").send().await.unwrap();
    mock.assert();
    for hall in ["", ".", ".."] {
        let error = call.clone().hall(hall).send().await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("`hall`"), "{error}");
    }
    let error = call.send().await.unwrap_err();
    assert!(error.to_string().contains("hall was not initialized"), "{error}");
    mock.assert_calls(1);
}

#[tokio::test]
async fn an_error_of_any_documented_body_keeps_status_and_text() {
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.method("HEAD").path("/files/a");
        then.status(404);
    });
    server.mock(|when, then| {
        when.method("GET").path("/motto");
        then.status(400)
            .header("content-type", "application/json")
            .body(r#"{"message":"it is Sunday"}"#);
    });
    let files = corpus::head_operation::Client::like(&client(&server));
    let error = files.file_exists().name("a").send().await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
    let mottos = corpus::get_plain_string::Client::like(&client(&server));
    let error = mottos.get_motto().send().await.unwrap_err();
    assert!(error.status().is_some_and(|status| status == 400) && error.to_string().contains("it is Sunday"), "{error}");
}

#[tokio::test]
async fn an_internal_error_is_retried_if_the_document_says_so_and_else_only_if_the_method_reads() {
    let server = MockServer::start_async().await;
    let fails = |method: &'static str| {
        server.mock(move |when, then| {
            when.method(method).path("/searches");
            then.status(500);
        })
    };
    let (post, get, put, head) = (fails("POST"), fails("GET"), fails("PUT"), fails("HEAD"));
    let retry = RetryPolicy::default().with_max_attempts(2).with_initial_wait(Duration::from_millis(1));
    let client = client(&server).with_retry(retry);
    let searches = corpus::retry_of_internal_errors::Client::like(&client);
    searches.find_matches().send().await.unwrap_err();
    searches.count_search().send().await.unwrap_err();
    searches.save_search().send().await.unwrap_err();
    searches.has_search().send().await.unwrap_err();
    let calls = [post.calls(), get.calls(), put.calls(), head.calls()];
    assert_eq!(calls, [2, 1, 1, 2]);
}

#[test]
fn a_value_that_a_parameter_cannot_take_is_told_with_the_reason() {
    let direction = "nord".parse::<corpus::path_enum_by_ref::types::Direction>().unwrap_err();
    assert_eq!(direction.to_string(), "`nord` is not a Direction; allowed are north, east, south, west");
}

#[test]
fn a_request_with_a_key_that_it_does_not_have_is_refused_with_those_it_has() {
    let error = serde_json::from_str::<corpus::additional_properties_false::types::Form>(r#"{"nam":"x"}"#);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("unknown field `nam`, expected"), "{error}");
}
