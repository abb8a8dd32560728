//! Every fault, as a socket sees it.

use std::time::{Duration, Instant};

use serde_json::Value;
use usage_sim::Fault;

use crate::support::{
    End, FEBRUARY, builder, faulty, get, raw, raw_submit, results_url, silent_submit, submit, text,
};

fn length(head: &str) -> Option<usize> {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    line.map(|length| length.parse().unwrap())
}

#[tokio::test]
async fn a_429_with_retry_after_then_a_503_then_the_answer() {
    let sim = faulty([
        Fault::on_submit().status(429).header("Retry-After", "3"),
        Fault::on_any().status(503),
    ])
    .await;
    let limited = submit(&sim, FEBRUARY).await;
    assert_eq!(limited.headers()["retry-after"], "3");
    assert!(limited.headers().contains_key("inin-ratelimit-allowed"));
    let body: Value = limited.json().await.unwrap();
    assert_eq!(body["code"], "too.many.requests.retry.after");
    let unavailable = submit(&sim, FEBRUARY).await;
    assert_eq!(unavailable.status(), 503);
    let body: Value = unavailable.json().await.unwrap();
    assert_eq!(body["code"], "service.unavailable");
    assert_eq!(submit(&sim, FEBRUARY).await.status(), 200);
    let statuses: Vec<_> = sim.requests().iter().map(|seen| seen.status.unwrap()).collect();
    assert_eq!(statuses, [429, 503, 200]);
}

#[tokio::test]
async fn a_proxy_without_a_backend_answers_in_html_or_not_at_all() {
    let sim = faulty([
        Fault::on_any()
            .status(502)
            .body("text/html", "<h1>Bad Gateway</h1>"),
        Fault::on_any().status(503).body("", ""),
        Fault::on_any().body("text/html", "<p>Please log in</p>"),
    ])
    .await;
    let bad_gateway = submit(&sim, FEBRUARY).await;
    assert_eq!(bad_gateway.status(), 502);
    assert_eq!(bad_gateway.headers()["content-type"], "text/html");
    assert!(!bad_gateway.headers().contains_key("inin-correlation-id"));
    assert_eq!(bad_gateway.text().await.unwrap(), "<h1>Bad Gateway</h1>");
    let empty = submit(&sim, FEBRUARY).await;
    assert!(!empty.headers().contains_key("content-type"));
    assert_eq!(empty.text().await.unwrap(), "");
    let portal = submit(&sim, FEBRUARY).await;
    assert_eq!(portal.status(), 200);
    assert_eq!(portal.text().await.unwrap(), "<p>Please log in</p>");
}

#[tokio::test]
async fn a_poll_that_does_not_reach_the_service_is_not_counted() {
    let sim = builder()
        .running_polls(1)
        .fault(Fault::on_results().status(500))
        .start()
        .await
        .unwrap();
    let url = results_url(&sim, FEBRUARY).await;
    assert_eq!(get(&url).await.status(), 500);
    assert_eq!(text(&url).await, r#"{"queryStatus":"Running"}"#);
    assert_ne!(text(&url).await, r#"{"queryStatus":"Running"}"#);
}

#[tokio::test]
async fn a_login_fault_speaks_oauth() {
    let sim = faulty([Fault::on_login().status(401)]).await;
    let request =
        "POST /oauth/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (head, body, _) = raw(&sim, request).await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    assert!(body.contains("invalid_client"), "{body}");
}

#[tokio::test]
async fn a_status_below_300_keeps_the_answer_of_the_service() {
    let sim = faulty([
        Fault::on_submit()
            .status(202)
            .header("inin-ratelimit-allowed", "180"),
        Fault::on_submit().status(204),
    ])
    .await;
    let accepted = submit(&sim, FEBRUARY).await;
    assert_eq!(accepted.status(), 202);
    assert_eq!(accepted.headers()["inin-ratelimit-allowed"], "180");
    assert!(accepted.text().await.unwrap().contains("executionId"));
    assert_eq!(submit(&sim, FEBRUARY).await.text().await.unwrap(), "");
}

#[tokio::test]
async fn a_delay_delays() {
    let sim = faulty([Fault::on_submit().delay(Duration::from_millis(40))]).await;
    let started = Instant::now();
    assert_eq!(submit(&sim, FEBRUARY).await.status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn a_stalled_body_falls_silent() {
    let sim = faulty([Fault::on_submit().stall_body_after(10)]).await;
    let body = "a\r\n{\"executio\r\n";
    let head = silent_submit(&sim, body).await;
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_announced() {
    let sim = faulty([Fault::on_submit().cut_body_after(10)]).await;
    let (head, body, end) = raw_submit(&sim).await;
    assert_eq!((body.as_str(), end), ("{\"executio", End::Closed));
    assert!(length(&head).unwrap() > 100, "{head}");
    assert_eq!(sim.requests()[0].status, Some(200));
}

#[tokio::test]
async fn a_body_cut_beyond_its_end_still_lacks_something() {
    let sim = faulty([Fault::on_submit().cut_body_after(100_000)]).await;
    let (head, body, end) = raw_submit(&sim).await;
    assert_eq!((length(&head), end), (Some(body.len() + 1), End::Closed));
}

#[tokio::test]
async fn a_chunked_body_closes_without_its_end() {
    let sim = faulty([Fault::on_submit().cut_chunked_after(3)]).await;
    let (_, body, end) = raw_submit(&sim).await;
    assert_eq!((body.as_str(), end), ("3\r\n{\"e\r\n", End::Closed));
}

#[tokio::test]
async fn a_body_without_a_length_ends_with_the_connection() {
    let sim = faulty([Fault::on_submit().close_delimited_after(12)]).await;
    let (head, body, end) = raw_submit(&sim).await;
    assert!(head.starts_with("HTTP/1.0 200 OK"), "{head}");
    assert!(length(&head).is_none(), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert_eq!((body.as_str(), end), ("{\"executionI", End::Closed));
}

#[tokio::test]
async fn a_reset_comes_in_place_of_an_answer() {
    let sim = faulty([Fault::on_submit().reset()]).await;
    let (head, body, end) = raw_submit(&sim).await;
    assert_eq!((head.as_str(), body.as_str(), end), ("", "", End::Reset));
    assert_eq!(sim.requests()[0].status, None);
    assert_eq!(submit(&sim, FEBRUARY).await.status(), 200);
}

#[tokio::test]
async fn a_reset_comes_in_the_middle_of_a_body() {
    let sim = faulty([Fault::on_submit().reset_after(5)]).await;
    let (head, body, end) = raw_submit(&sim).await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!((body.as_str(), end), ("5\r\n{\"exe\r\n", End::Reset));
}

#[tokio::test]
async fn a_redirect_keeps_method_and_body() {
    let sim = faulty([Fault::on_submit().redirect("http://127.0.0.1:1/elsewhere")]).await;
    let (head, _, _) = raw_submit(&sim).await;
    assert!(head.starts_with("HTTP/1.1 307 "), "{head}");
    assert!(head.contains("location: http://127.0.0.1:1/elsewhere"), "{head}");
}

#[tokio::test]
async fn an_unknown_or_null_status_stands_for_running_too() {
    let sim = builder()
        .running_polls(1)
        .fault(Fault::on_results().query_status("Archiving"))
        .fault(Fault::on_results().query_status(None))
        .start()
        .await
        .unwrap();
    let url = results_url(&sim, FEBRUARY).await;
    assert_eq!(text(&url).await, r#"{"queryStatus":"Archiving"}"#);
    assert!(text(&url).await.ends_with(r#"],"queryStatus":null}"#));
    assert!(text(&url).await.ends_with(r#"],"queryStatus":"Complete"}"#));
}

#[tokio::test]
async fn nulls_stand_where_values_are_expected() {
    let sim = faulty([Fault::on_results().nulls()]).await;
    let url = results_url(&sim, FEBRUARY).await;
    let answer: Value = get(&url).await.json().await.unwrap();
    let row = answer["results"][0].as_object().unwrap();
    assert!(row.values().all(Value::is_null));
    assert!(answer["results"][1]["clientId"].is_string());
    sim.add_fault(Fault::on_submit().nulls());
    let handle = submit(&sim, FEBRUARY).await.text().await.unwrap();
    assert_eq!(handle, r#"{"executionId":null,"resultsUri":null}"#);
}

#[tokio::test]
async fn faults_strike_an_answer_in_large_parts() {
    let sim = builder()
        .rows(10_000)
        .fault(Fault::on_results().cut_chunked_after(1_000_000))
        .start()
        .await
        .unwrap();
    let mut answer = get(&results_url(&sim, FEBRUARY).await).await;
    let mut length = 0;
    let error = loop {
        match answer.chunk().await {
            Ok(chunk) => length += chunk.expect("no clean end").len(),
            Err(error) => break error,
        }
    };
    assert_eq!(length, 1_000_000);
    assert!(error.is_body() || error.is_decode(), "{error:?}");
}
