//! Answers that the documentation does not have, or has and few expect: what is certain is taken, all else is an error
//! that says what came.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use proptest::prelude::*;
use serde_json::{Value, json};
use usage_client::{ApiUsageRow, Client, Error, Result, RetryPolicy};
use usage_sim::Fault;

use crate::{
    assert_says, assert_seen, builder, client, quick_polls,
    raw::{Asked, COMPLETE, Raw, Script, at_once, gzip, silence, whole},
    run, service, service_with, submit, with_source,
};

const JSON: &str = "application/json";
const BODY: &str = r#"{"message":"in conflict","code":"request.conflict","status":409,"contextId":"ctx-7","details":[],"errors":[]}"#;

async fn rows(client: &Client) -> Result<Vec<ApiUsageRow>> {
    submit(client).await?.rows().try_collect().await
}

/// Reads the results by `rows` if `streamed`, otherwise by `wait`.
async fn read(client: &Client, streamed: bool) -> Result<()> {
    match streamed {
        true => rows(client).await.map(drop),
        false => run(client).await.map(drop),
    }
}

/// The errors of `wait` and of `rows`, which must say the same.
async fn both(client: &Client) -> [Error; 2] {
    [run(client).await.unwrap_err(), rows(client).await.unwrap_err()]
}

/// The errors of `wait` and of `rows` for these results.
async fn both_of_results(script: impl Fn() -> Script + Send + Sync + 'static) -> [Error; 2] {
    both(&Raw::on(Asked::Results, script).await.client()).await
}

#[tokio::test]
async fn any_status_of_success_is_taken_if_its_body_is_what_is_documented() {
    for status in [200, 201, 202, 203, 206] {
        let raw = Raw::start(move |asked| Some(whole(status, "", asked.healthy()))).await;
        let client = raw.client();
        assert_eq!(run(&client).await.unwrap().results.unwrap().len(), 1, "{status}");
        assert_eq!(rows(&client).await.unwrap().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_success_without_what_is_documented_is_an_error_with_status_and_text() {
    for (status, body, told) in [
        (204, "", "204"),
        (200, "", "no body"),
        (202, "thank you", "thank you"),
        (202, "<html>sign in</html>", "web page"),
        (202, "[1]", "["),
    ] {
        for kind in [Asked::Submit, Asked::Results] {
            let raw = Raw::on(kind, move || whole(status, "", body)).await;
            for error in both(&raw.client()).await {
                let text = error.to_string();
                assert!(error.is_decode(), "{status} {body}: {error:?}");
                assert!(text.contains(told), "{status} {body}: {text}");
                assert_eq!(error.status().unwrap(), status, "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_body_is_read_under_any_status_and_content_type() {
    for (status, content_type) in [
        (409, JSON),
        (418, ""),
        (422, "text/plain"),
        (507, "text/html"),
        (451, "x"),
    ] {
        let headers = match content_type {
            "" => String::new(),
            name => format!("Content-Type: {name}\r\n"),
        };
        for kind in [Asked::Submit, Asked::Results] {
            let headers = headers.clone();
            let raw = Raw::on(kind, move || whole(status, &headers, BODY)).await;
            let client = raw.builder().retry(RetryPolicy::none()).build().unwrap();
            let error = rows(&client).await.unwrap_err();
            assert_eq!(error.status().unwrap(), status);
            assert_eq!(error.code(), Some("request.conflict"));
            assert_eq!(error.correlation_id(), Some("ctx-7"));
            assert_says(&error, "request.conflict: in conflict");
        }
    }
    let odd = r#"{"message":"in conflict","code":"request.conflict","status":"409","details":{"a":1}}"#;
    let service = service_with(Fault::on_submit().always().status(409).body(JSON, odd)).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert_says(&error, "request.conflict: in conflict");
}

#[tokio::test]
async fn a_success_that_carries_an_error_body_is_that_error_at_once() {
    for body in [
        BODY,
        r#"{"message":"in conflict","code":"request.conflict"}"#,
        r#"{"status":500,"message":"in conflict"}"#,
        r#"{"message":"in conflict"}"#,
    ] {
        for kind in [Asked::Login, Asked::Submit, Asked::Results] {
            for streamed in [false, true] {
                let raw = Raw::on(kind, move || whole(200, "", body)).await;
                let error = read(&raw.client(), streamed).await.unwrap_err();
                assert!(error.to_string().contains("in conflict"), "{kind:?}: {error}");
                assert_eq!(error.is_login(), kind == Asked::Login);
                assert_eq!(raw.count(kind), 1, "{:?}", raw.asked());
            }
        }
    }
}

#[tokio::test]
async fn a_failed_query_s_reason_is_told_wherever_it_stands() {
    for (body, told) in [
        (
            r#"{"queryStatus":"Failed","errorBody":{"message":"too much","code":"query.too.big"}}"#,
            "query.too.big: too much",
        ),
        (
            r#"{"errorBody":{"message":"too much"},"queryStatus":"FAILED"}"#,
            "failed: too much",
        ),
        (
            r#"{"queryStatus":"failed","message":"too much"}"#,
            "failed: too much",
        ),
        (
            r#"{"results":[],"queryStatus":"Failed","errors":[{"reason":"too much"}]}"#,
            "failed: too much",
        ),
        (r#"{"queryStatus":"Failed"}"#, "gives no reason"),
    ] {
        let headers = "ININ-Correlation-Id: c-9\r\n";
        for error in both_of_results(move || whole(200, headers, body)).await {
            assert!(error.is_query_failed(), "{body}: {error}");
            assert_says(&error, told);
            assert_eq!(error.execution_id(), Some("e-1"));
            assert_eq!(error.correlation_id(), Some("c-9"));
        }
    }
}

#[tokio::test]
async fn a_status_in_another_case_is_that_status() {
    for status in ["COMPLETE", "complete", "cOmplete"] {
        let body = COMPLETE.replace("Complete", status);
        let raw = Raw::on(Asked::Results, move || whole(200, "", &body)).await;
        let client = raw.client();
        let read = run(&client).await.unwrap().query_status.unwrap();
        assert_eq!(read.as_str(), "Complete");
        assert_eq!(rows(&client).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_error_names_field_value_expectation_place_and_ids() {
    for (body, told) in [
        (
            r#"{"results":[{},{"requests":"many"}],"queryStatus":"Complete"}"#,
            [
                "requests`: invalid type: string \"many\"",
                "a whole number of 64 bits",
                "at row 2, byte",
            ],
        ),
        (
            r#"{"results":[{"requests":1.5}],"queryStatus":"Complete"}"#,
            ["requests`: invalid", "`1.5`", "at row 1, byte"],
        ),
        (
            r#"{"results":[{"status429":9223372036854775808}]}"#,
            ["status429`: invalid value", "`9223372036854775808`", "64 bits"],
        ),
        (
            r#"{"results":[{"requests":1e999}]}"#,
            ["requests`", "beyond 64 bits", "row 1"],
        ),
        (
            r#"{"results":[{"date":"next \u202e week"}]}"#,
            ["date`", "next \\u{202e} week", "2020-02-02"],
        ),
        (
            r#"{"results":[{"date":1730419200000}]}"#,
            ["date`", "`1730419200000`", "string"],
        ),
        (
            r#"{"results":[{"clientName":["a"]}]}"#,
            ["clientName`", "sequence", "string"],
        ),
        (r#"{"queryStatus":7}"#, ["queryStatus`", "`7`", "string"]),
    ] {
        let headers = "ININ-Correlation-Id: c-9\r\n";
        for error in both_of_results(move || whole(200, headers, body)).await {
            assert!(error.is_decode(), "{error:?}");
            told.iter().for_each(|told| assert_says(&error, told));
            assert_eq!(error.execution_id(), Some("e-1"));
            assert_eq!(error.correlation_id(), Some("c-9"));
        }
    }
    let token = "t".repeat(64);
    let body = format!(r#"{{"results":[{{"requests":"{token}"}}]}}"#);
    for error in both_of_results(move || whole(200, "", &body)).await {
        // Nor a beginning of it.
        assert!(!format!("{error} {error:?}").contains(&token[..8]), "{error}");
    }
}

#[tokio::test]
async fn content_codings_are_read_in_any_case_and_members_in_any_number() {
    for coding in ["gzip", "GZIP", "x-gzip", "X-GZip", "identity, gzip"] {
        for members in [1, 2, 3, 30] {
            let answer = move |asked: Asked| {
                let body = asked.healthy().as_bytes();
                let parts = gzip(body.chunks(body.len().div_ceil(members)));
                Some(whole(200, &format!("Content-Encoding: {coding}\r\n"), parts))
            };
            let client = Raw::start(answer).await.client();
            let waited = run(&client).await.unwrap().results.unwrap();
            assert_eq!(waited.len(), 1, "{coding} {members}");
            assert_eq!(rows(&client).await.unwrap().len(), 1, "{coding} {members}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_its_coding_says_is_an_error_at_once() {
    let good = gzip([COMPLETE.as_bytes()]);
    let mut wrong_sum = good.clone();
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    let mut wrong_length = good.clone();
    let at = wrong_length.len() - 1;
    wrong_length[at] ^= 1;
    let mut damaged = good.clone();
    damaged[12] ^= 0xff;
    let mut followed = good.clone();
    followed.extend_from_slice(b"and more");
    for (coding, body, told) in [
        ("br", good.clone(), "`br`"),
        ("zstd, gzip", good.clone(), "`zstd, gzip`"),
        ("gzip", COMPLETE.into(), "incorrect header check"),
        ("gzip", wrong_sum, "gzip"),
        ("gzip", wrong_length, "gzip"),
        ("gzip", damaged, "gzip"),
        ("gzip", followed, "gzip"),
        ("gzip", good[..good.len() - 20].to_vec(), "gzip"),
        ("gzip", good[..good.len() - 4].to_vec(), "gzip"),
        ("gzip", good[..5].to_vec(), "gzip"),
    ] {
        for kind in [Asked::Login, Asked::Submit, Asked::Results] {
            for streamed in [false, true] {
                let body = body.clone();
                let script = move || whole(200, &format!("Content-Encoding: {coding}\r\n"), &body);
                let raw = Raw::on(kind, script).await;
                let error = read(&raw.client(), streamed).await.unwrap_err();
                let text = with_source(&error);
                assert!(error.is_decode(), "{kind:?} {coding}: {text}");
                assert!(text.contains(told), "{kind:?} {coding}: {text}");
                assert_eq!(raw.count(kind), 1, "{:?}", raw.asked());
            }
        }
    }
}

#[tokio::test]
async fn an_error_status_is_told_though_its_body_cannot_be_decompressed() {
    for coding in ["br", "gzip"] {
        let script = move || whole(403, &format!("Content-Encoding: {coding}\r\n"), "no");
        let raw = Raw::on(Asked::Submit, script).await;
        let error = submit(&raw.client()).await.unwrap_err();
        assert!(error.is_permission(), "{error:?}");
        assert!(error.to_string().contains(coding), "{error}");
    }
}

#[tokio::test]
async fn a_cut_answer_that_says_something_else_when_it_is_fetched_again_is_reported_as_that() {
    for (body, told) in [
        (
            r#"{"queryStatus":"Failed","message":"lost it"}"#,
            "failed: lost it",
        ),
        ("<html>log in</html>", "web page"),
        (BODY, "in conflict"),
    ] {
        let service = service()
            .rows(20_000)
            .fault(Fault::on_results().cut_chunked_after(1_000_000))
            .fault(Fault::on_results().after(1).body(JSON, body))
            .start()
            .await
            .unwrap();
        let client = builder(&service).compression(false).build().unwrap();
        let error = rows(&client).await.unwrap_err();
        assert!(error.to_string().contains(told) && !error.is_changed(), "{error}");
        assert_seen(&service, "login 200, submit 200, results 200, results 200");
    }
}

#[tokio::test]
async fn a_redirect_tells_where_it_leads_by_host_only() {
    for (location, told) in [
        (
            "https://sso.corp.example/start?secret=hidden",
            "to sso.corp.example,",
        ),
        (
            "https://sso.corp.example:8443/start#hidden",
            "to sso.corp.example:8443,",
        ),
        ("//sso.corp.example/hidden", "to sso.corp.example,"),
        ("/hidden", "to another path of the same host,"),
        ("::::", "a redirect"),
    ] {
        let headers = format!("Location: {location}\r\n");
        for kind in [Asked::Login, Asked::Submit, Asked::Results] {
            let headers = headers.clone();
            let raw = Raw::on(kind, move || whole(302, &headers, "")).await;
            let error = run(&raw.client()).await.unwrap_err();
            let text = error.to_string();
            assert!(text.contains(told) && text.contains("probably wrong"), "{text}");
            assert!(!text.contains("hidden"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_login_s_answer_is_read_liberally() {
    for expires in [
        r#""86400""#,
        "86400.0",
        "8.64e4",
        "null",
        r#"" 300 ""#,
        "1e300",
        r#""""#,
    ] {
        let body = format!("\u{feff}{{\"access_token\":\"t\",\"expires_in\":{expires}}}");
        for status in [200, 201] {
            let body = body.clone();
            let raw = Raw::on(Asked::Login, move || whole(status, "", &body)).await;
            run(&raw.client()).await.unwrap();
            let asked = raw.asked();
            assert_eq!(asked, [Asked::Login, Asked::Submit, Asked::Results], "{expires}");
        }
    }
    for (body, told) in [
        (r#"{"access_token":"","expires_in":300}"#, "empty"),
        (r#"{"access_token":" ","expires_in":300}"#, "empty"),
        (r#"{"access_token":null}"#, "no access token that can be read"),
        (r#"{"token":"t"}"#, "no access token that can be read"),
        (
            r#"{"access_token":"t","expires_in":"soon"}"#,
            "no access token that can be read",
        ),
        (
            r#"{"access_token":"t","expires_in":-1}"#,
            "no access token that can be read",
        ),
        (r#"{"error":"invalid_client"}"#, "invalid_client"),
        ("<html>", "web page"),
        ("", "no access token that can be read"),
    ] {
        let raw = Raw::on(Asked::Login, move || whole(200, "", body)).await;
        let error = run(&raw.client()).await.unwrap_err();
        assert!(error.is_login(), "{body}: {error}");
        assert!(error.to_string().contains(told), "{body}: {error}");
        assert_eq!(raw.asked(), [Asked::Login]);
    }
}

#[tokio::test]
async fn a_login_s_error_body_is_read_as_one() {
    let body = r#"{"message":"not on the list","code":"ip.not.authorized","status":403,"contextId":"c-1"}"#;
    for status in [401, 403] {
        let raw = Raw::on(Asked::Login, move || whole(status, "", body)).await;
        let error = run(&raw.client()).await.unwrap_err();
        assert!(error.is_login() && error.is_auth(), "{error:?}");
        assert!(error.is_address_refused(), "{error:?}");
        assert_says(&error, "ip.not.authorized: not on the list");
        assert_eq!(error.correlation_id(), Some("c-1"));
        assert_eq!(raw.asked(), [Asked::Login]);
    }
}

#[tokio::test]
async fn predicates_tell_what_the_service_refused_from_what_was_never_sent() {
    let service = service_with(Fault::on_submit().always().status(400)).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert!(error.is_bad_request() && !error.is_invalid_request() && !error.is_server_error());
    let service = service_with(Fault::on_submit().always().status(500)).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert!(error.is_server_error() && !error.is_bad_request());
    let empty = usage_client::ApiUsageQuery::builder();
    let error = client(&service).submit(empty).await.unwrap_err();
    assert!(error.is_invalid_request() && !error.is_bad_request());
}

/// Values of a row, as the service might write them, and as it must not.
fn values() -> impl Strategy<Value = (&'static str, &'static str)> {
    let texts = prop::sample::select(vec![
        r#""a""#,
        r#""\ud83d""#,
        r#""\ude00x\ud83d\ude00""#,
        r#""""#,
        "null",
        "7",
        "{}",
    ]);
    let counts = prop::sample::select(vec![
        "8",
        "8.0",
        "8e0",
        "1.5E1",
        "-3",
        "-0.0",
        "null",
        "1.5",
        r#""8""#,
        "9223372036854775807",
        "9223372036854775808",
        "9007199254740993.0",
        "1e30",
        "1e999",
        "true",
        "[]",
    ]);
    let dates = prop::sample::select(vec![
        r#""2026-11-01""#,
        r#""2026-11-01T00:00:00Z""#,
        r#""2026-11-01T00:00:00.000Z""#,
        r#""2026-11-01T07:30:00+02:00""#,
        r#""""#,
        "null",
        r#""2026-02-30""#,
        r#""2026-11""#,
        r#""yesterday""#,
        "1730419200",
        "[]",
    ]);
    prop_oneof![
        (prop::sample::select(vec!["clientName", "templateUri"]), texts),
        (prop::sample::select(vec!["requests", "status429"]), counts),
        (Just("date"), dates),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn wait_rows_and_row_batches_read_the_same(
        drawn in prop::collection::vec(values(), 0..4),
        marked in any::<bool>(),
        status in prop::sample::select(vec!["Complete", "COMPLETE", "complete"]),
    ) {
        let mut row = std::collections::BTreeMap::new();
        row.extend(drawn);
        let row: Vec<_> = row.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let mark = if marked { "\u{feff}" } else { "" };
        let body = format!("{mark}{{\"results\":[{{}},{{{}}}],\"queryStatus\":\"{status}\"}}", row.join(","));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcomes = runtime.block_on(async {
            let text = body.clone();
            let raw = Raw::on(Asked::Results, move || whole(200, "", &text)).await;
            let execution = submit(&raw.client()).await.unwrap();
            let waited = execution.wait().await.map(|result| result.into_rows());
            let rows = execution.rows().try_collect::<Vec<_>>().await;
            let batches = execution.row_batches().try_collect::<Vec<_>>().await;
            let batches = batches.map(|batches| {
                batches.iter().flat_map(|batch| batch.iter().map(|row| row.to_row()).collect::<Vec<_>>()).collect()
            });
            [waited, rows, batches]
        });
        let shown = outcomes.map(|outcome: Result<Vec<ApiUsageRow>>| match outcome {
            Ok(rows) => serde_json::to_value(rows).unwrap(),
            Err(error) => json!({"is_decode": error.is_decode(), "names": names(&error, &body)}),
        });
        prop_assert_eq!(&shown[0], &shown[1], "{}", &body);
        prop_assert_eq!(&shown[1], &shown[2], "{}", &body);
    }
}

/// The field that an error names, so that all ways name the same.
fn names(error: &Error, body: &str) -> Value {
    let text = error.to_string();
    let field = ["clientName", "templateUri", "requests", "status429", "date"]
        .into_iter()
        .find(|field| text.contains(&format!("{field}`")));
    assert!(field.is_some(), "{text}: {body}");
    json!(field)
}

#[tokio::test]
async fn a_retry_is_told_with_its_reason_and_wait() {
    let service = service_with(Fault::on_submit().times(2).status(503)).await;
    service.add_fault(Fault::on_login().status(502));
    let (sender, retries) = std::sync::mpsc::channel();
    let client = builder(&service).on_retry(move |retry| sender.send(retry.clone()).unwrap());
    submit(&client.build().unwrap()).await.unwrap();
    let retries: Vec<_> = retries.try_iter().collect();
    let reasons: Vec<_> = retries
        .iter()
        .map(|retry| (retry.reason, retry.attempts))
        .collect();
    assert_eq!(reasons, [("502", 1), ("503", 1), ("503", 2)]);
    let longest = retries.iter().map(|retry| retry.wait).max().unwrap();
    assert!(longest <= Duration::from_millis(16), "{longest:?}");
}

#[tokio::test]
async fn a_message_is_found_though_the_error_body_has_none_at_its_top() {
    for body in [
        r#"{"errors":[{"message":"too wide"}]}"#,
        r#"{"details":[{"errorDescription":"too wide"}],"status":400}"#,
        r#"{"message":["too wide"]}"#,
    ] {
        let service = service_with(Fault::on_submit().always().status(400).body(JSON, body)).await;
        let error = submit(&client(&service)).await.unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("400 Bad Request: too wide"), "{body}: {text}");
    }
}

#[tokio::test]
async fn a_cut_before_the_silence_at_the_deadline_is_its_cause() {
    let cut = at_once(*b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{");
    let raw = Raw::on_first(Asked::Results, cut, silence).await;
    assert_deadline_after_cut(&raw.client()).await;
}

#[tokio::test]
async fn cuts_before_the_first_row_are_what_a_deadline_tells() {
    let service = service_with(Fault::on_results().always().cut_chunked_after(5)).await;
    assert_deadline_after_cut(&client(&service)).await;
}

/// Asserts that the rows end at the deadline, and that a cut is among the causes.
async fn assert_deadline_after_cut(client: &Client) {
    let polling = quick_polls().with_deadline(Duration::from_millis(500));
    let execution = submit(client).await.unwrap().with_polling(polling);
    let error = execution.rows().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.is_deadline(), "{error:?}");
    let mut causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
    assert!(causes.any(|cause| cause.to_string().contains("cut")), "{error:?}");
}
