//! What complete and unfinished executions answer with.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;
use usage_sim::Fault;

use crate::support::{FEBRUARY, HOUR, builder, complete, get, http, pass, results_url, rows, text};

#[tokio::test]
async fn running_twice_then_complete_for_each_execution() {
    let sim = builder().running_polls(2).start().await.unwrap();
    for _ in 0..2 {
        let url = results_url(&sim, FEBRUARY).await;
        for _ in 0..2 {
            assert_eq!(text(&url).await, r#"{"queryStatus":"Running"}"#);
        }
        let first = text(&url).await;
        assert!(first.ends_with(r#"],"queryStatus":"Complete"}"#), "{first}");
        assert_eq!(text(&url).await, first);
    }
}

#[tokio::test]
async fn running_until_the_time_is_over() {
    let sim = builder().running_time(HOUR).start().await.unwrap();
    let url = results_url(&sim, FEBRUARY).await;
    assert_eq!(text(&url).await, r#"{"queryStatus":"Running"}"#);
    pass(HOUR).await;
    assert!(text(&url).await.ends_with(r#""queryStatus":"Complete"}"#));
}

#[tokio::test]
async fn only_an_interval_gives_a_row_for_each_client_without_a_date() {
    let sim = builder().start().await.unwrap();
    let text = complete(&sim, FEBRUARY).await;
    let start = r#"{"results":[{"clientId":""#;
    assert!(text.starts_with(start), "{text}");
    let rows = rows(&sim, FEBRUARY).await;
    assert_eq!(rows.len(), 8);
    for row in rows {
        assert!(row.get("date").is_none());
        assert_ne!(row["clientName"], "");
        for name in ["organizationId", "userId", "templateUri", "httpMethod"] {
            assert_eq!(row[name], "");
        }
    }
}

#[tokio::test]
async fn keys_stand_in_the_order_of_the_service() {
    let sim = builder().start().await.unwrap();
    let body = r#"{"interval":"2020-02-28/2020-02-28","granularity":"Day",
        "groupBy":["OAuthClientId","OrganizationId","UserId","TemplateUri","HttpMethod"]}"#;
    let text = complete(&sim, body).await;
    let row = text.split_once('[').unwrap().1.split("},{").next().unwrap();
    let expected = [
        "clientId",
        "clientName",
        "organizationId",
        "userId",
        "templateUri",
        "httpMethod",
        "status200",
        "status300",
        "status400",
        "status500",
        "status429",
        "requests",
        "date",
    ];
    let places = expected.map(|name| {
        let place = row.find(&format!("\"{name}\":"));
        place.unwrap_or_else(|| {
            panic!("`{name}` is not written: add it to `write` in usage-sim/src/rows.rs: {row}")
        })
    });
    assert!(places.is_sorted(), "{row}");
    assert!(
        row.matches("\":").count() == expected.len(),
        "a key is missing from `expected` of usage-sim/tests/it/results.rs: {row}"
    );
    assert!(row.ends_with(r#""date":"2020-02-28T00:00:00Z""#), "{row}");
    assert!(!text.contains(r#""templateUri":"/"#));
}

#[tokio::test]
async fn metrics_that_were_not_selected_are_left_out() {
    let sim = builder().start().await.unwrap();
    let body = r#"{"interval":"2020-02-01/2020-02-28","metrics":["Status429","Requests"],"groupBy":[]}"#;
    let row = rows(&sim, body).await.remove(0);
    let counts = row
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| value.is_u64());
    let mut names: Vec<_> = counts.map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["requests", "status429"]);
}

#[tokio::test]
async fn today_is_never_included() {
    let sim = builder().start().await.unwrap();
    let body = r#"{"interval":"2024-04-01/2024-04-30","granularity":"Day","groupBy":["OAuthClientId"]}"#;
    let rows = rows(&sim, body).await;
    let last = rows.iter().map(|row| row["date"].as_str().unwrap()).max();
    assert_eq!(last, Some("2024-04-08T00:00:00Z"));
}

#[tokio::test]
async fn the_seed_decides() {
    let (one, same) = (builder().start().await.unwrap(), builder().start().await.unwrap());
    let other = builder().seed(8).start().await.unwrap();
    let text = complete(&one, FEBRUARY).await;
    assert_eq!(complete(&same, FEBRUARY).await, text);
    assert_ne!(complete(&other, FEBRUARY).await, text);
}

#[tokio::test]
async fn gzip_when_it_is_asked_for() {
    let sim = builder().rows(2000).start().await.unwrap();
    let url = results_url(&sim, FEBRUARY).await;
    let plain = text(&url).await;
    let request = http()
        .get(&url)
        .bearer_auth("fixed")
        .header("accept-encoding", "gzip, br");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let compressed = answer.bytes().await.unwrap();
    let (size, whole) = (compressed.len(), plain.len());
    assert!(size * 3 < whole, "{size} of {whole}");
    let mut text = String::new();
    GzDecoder::new(&*compressed).read_to_string(&mut text).unwrap();
    assert_eq!(text, plain);
}

#[tokio::test]
async fn no_gzip_without_compression() {
    let sim = builder().rows(2).compression(false).start().await.unwrap();
    let url = results_url(&sim, FEBRUARY).await;
    let plain = text(&url).await;
    let request = http()
        .get(&url)
        .bearer_auth("fixed")
        .header("accept-encoding", "gzip");
    let answer = request.send().await.unwrap();
    assert!(!answer.headers().contains_key("content-encoding"));
    assert_eq!(answer.text().await.unwrap(), plain);
}

#[tokio::test]
async fn a_recorded_answer_is_replayed_byte_for_byte() {
    let recorded = "{ \"results\": [ {\"requests\": 7} ],\n \"queryStatus\": \"Complete\" }\n";
    let sim = builder()
        .running_polls(1)
        .results(recorded)
        .start()
        .await
        .unwrap();
    let url = results_url(&sim, FEBRUARY).await;
    assert_eq!(text(&url).await, r#"{"queryStatus":"Running"}"#);
    assert_eq!(text(&url).await, recorded);

    sim.add_fault(Fault::on_results().query_status("Archiving").nulls());
    let twisted: Value = get(&url).await.json().await.unwrap();
    assert_eq!(twisted["queryStatus"], "Archiving");
    assert!(twisted["results"][0]["requests"].is_null());
    assert_eq!(twisted["results"][1]["requests"], 7);
    assert_eq!(text(&url).await, recorded);
}

#[tokio::test]
async fn a_hundred_thousand_rows_differ_and_add_up() {
    let sim = builder().rows(100_000).start().await.unwrap();
    let text = complete(&sim, FEBRUARY).await;
    assert!((300..420).contains(&(text.len() / 100_000)), "{}", text.len());
    let answer: Value = serde_json::from_str(&text).unwrap();
    let rows = answer["results"].as_array().unwrap();
    assert_eq!(rows.len(), 100_000);
    let keys = ["clientId", "userId", "templateUri", "httpMethod", "date"];
    let key = |row: &Value| keys.map(|name| row[name].as_str().unwrap().to_owned());
    let different: std::collections::HashSet<_> = rows.iter().map(key).collect();
    assert_eq!(different.len(), 100_000);
    for row in rows {
        let count = |name: &str| row[name].as_u64().unwrap();
        let sum = count("status200") + count("status300") + count("status400") + count("status500");
        assert_eq!(count("requests"), sum);
        assert!(count("status429") <= count("status400"));
    }
}

#[tokio::test]
async fn rows_without_end_begin_at_once() {
    let sim = builder().rows(u64::MAX).start().await.unwrap();
    let mut answer = get(&results_url(&sim, FEBRUARY).await).await;
    let mut length = 0;
    while length < 2_000_000 {
        length += answer.chunk().await.unwrap().unwrap().len();
    }
}
