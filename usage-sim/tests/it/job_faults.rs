//! Every fault of jobs and their pages.

use serde_json::{Value, json};
use usage_sim::Fault;

use crate::support::{JOBS, builder, code, entities, get, pages, polled, post, submitted};

const MARCH: &str = r#"{"interval":"2024-03-01/2024-03-31","groupBy":["OauthClientId"]}"#;

/// A simulator whose jobs have 250 rows, and the address of the results of one.
async fn job(faults: impl IntoIterator<Item = Fault>) -> (usage_sim::Simulator, String) {
    let builder = faults
        .into_iter()
        .fold(builder().rows(250), |builder, fault| builder.fault(fault));
    let sim = builder.start().await.unwrap();
    let url = submitted(&sim, JOBS, MARCH).await;
    (sim, url)
}

fn cursor(page: &Value) -> String {
    let next = page["nextUri"].as_str().unwrap();
    next.split_once("after=").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_job_fails_or_is_cancelled_with_and_without_an_error() {
    let (sim, first) = job([
        Fault::on_job_submit()
            .query_status("Failed")
            .error_code("query.error"),
        Fault::on_job_submit().query_status("Failed"),
        Fault::on_job_submit()
            .query_status("Cancelled")
            .error_code("request.timeout"),
        Fault::on_job_submit().query_status("Cancelled"),
    ])
    .await;
    let mut urls = vec![first];
    for _ in 0..4 {
        urls.push(submitted(&sim, JOBS, MARCH).await);
    }
    for (url, status, expected) in [
        (&urls[0], "Failed", Some("query.error")),
        (&urls[1], "Failed", None),
        (&urls[2], "Cancelled", Some("request.timeout")),
        (&urls[3], "Cancelled", None),
    ] {
        // It stays so.
        for _ in 0..2 {
            let (http, body) = polled(url).await;
            assert_eq!((http, &body["queryStatus"]), (202, &json!(status)));
            assert_eq!(body["errorBody"]["code"].as_str(), expected, "{body}");
            assert_eq!(body.get("errorBody").is_some(), expected.is_some(), "{body}");
            assert!(body.get("entities").is_none(), "{body}");
        }
    }
    assert_eq!(polled(&urls[4]).await.0, 200);
}

#[tokio::test]
async fn a_job_that_will_fail_runs_first() {
    let failing = Fault::on_job_submit().query_status("Failed");
    let sim = builder().running_polls(1).fault(failing).start().await.unwrap();
    let url = submitted(&sim, JOBS, MARCH).await;
    assert_eq!(polled(&url).await.1["queryStatus"], "Queued");
    assert_eq!(polled(&url).await.1["queryStatus"], "Failed");
}

#[tokio::test]
async fn an_execution_fails_too() {
    let failing = Fault::on_submit().query_status("Failed");
    let sim = builder().fault(failing).start().await.unwrap();
    let url = submitted(
        &sim,
        crate::support::QUERY,
        MARCH.replace("Oauth", "OAuth").as_str(),
    )
    .await;
    assert_eq!(polled(&url).await, (200, json!({"queryStatus": "Failed"})));
}

#[tokio::test]
async fn the_http_status_and_the_query_status_disagree() {
    let (_sim, url) = job([
        Fault::on_job_results().query_status("Running").status(200),
        Fault::on_job_results().query_status("Archiving"),
        Fault::on_job_results().query_status(None),
        Fault::on_job_results().status(202),
    ])
    .await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let (http, body) = polled(&url).await;
        let rows = body["entities"].as_array().map(Vec::len);
        seen.push((http, body["queryStatus"].clone(), rows));
    }
    let expected = [
        (200, json!("Running"), None),
        (202, json!("Archiving"), None),
        (202, Value::Null, None),
        (202, json!("Succeeded"), Some(100)),
        (200, json!("Succeeded"), Some(100)),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_page_that_is_too_large_is_refused_until_it_is_smaller() {
    let (_sim, url) = job([Fault::on_job_results().always().page_limit(80)]).await;
    assert_eq!(code(get(&url).await, 400).await, "max.response.size.reached");
    let refused = get(&format!("{url}?pageSize=81")).await;
    assert_eq!(code(refused, 400).await, "max.response.size.reached");
    let (status, page) = polled(&format!("{url}?pageSize=80")).await;
    assert_eq!((status, page["entities"].as_array().unwrap().len()), (200, 80));
}

#[tokio::test]
async fn a_submit_is_too_long() {
    let (sim, _) = job([Fault::on_job_submit()
        .after(1)
        .status(400)
        .error_code("query.too.long")])
    .await;
    assert_eq!(code(post(&sim, JOBS, MARCH).await, 400).await, "query.too.long");
}

#[tokio::test]
async fn an_empty_page_leads_to_the_page_that_was_asked_for() {
    let (sim, url) = job([Fault::on_job_results().after(1).times(3).empty_page()]).await;
    let pages = pages(&sim, &url).await;
    let sizes: Vec<_> = pages
        .iter()
        .map(|page| page["entities"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 0, 0, 0, 100, 50]);
    let mut cursors: Vec<_> = pages[..5].iter().map(cursor).collect();
    cursors.sort();
    cursors.dedup();
    assert_eq!(cursors.len(), 5);
}

#[tokio::test]
async fn a_page_is_sent_twice_with_different_cursors() {
    let (sim, url) = job([Fault::on_job_results().after(1).repeat_page()]).await;
    let pages = pages(&sim, &url).await;
    assert_eq!(pages.len(), 4);
    assert_eq!(pages[0]["entities"], pages[1]["entities"]);
    assert_ne!(cursor(&pages[0]), cursor(&pages[1]));
    assert_ne!(pages[1]["entities"], pages[2]["entities"]);
    assert_eq!(entities(&pages[1..]).len(), 250);
}

#[tokio::test]
async fn a_page_leads_to_itself_or_back_to_an_earlier_one() {
    let (sim, url) = job([
        Fault::on_job_results().after(1).next_page(1),
        Fault::on_job_results().after(2).next_page(0),
    ])
    .await;
    let pages = pages(&sim, &url).await;
    let first = |page: &Value| page["entities"][0].clone();
    // The first page, the second page, the second page again, the first page again, and so on to the end.
    assert_eq!(pages.len(), 6);
    assert_eq!(cursor(&pages[0]), cursor(&pages[1]));
    assert_eq!(pages[1]["entities"], pages[2]["entities"]);
    assert_eq!(first(&pages[3]), first(&pages[0]));
}

#[tokio::test]
async fn cursors_repeat_without_end() {
    let (sim, url) = job([Fault::on_job_results().always().after(1).next_page(1)]).await;
    let mut url = url;
    let mut cursors = Vec::new();
    for _ in 0..5 {
        let (_, page) = polled(&url).await;
        cursors.push(cursor(&page));
        url = format!("{}{}", sim.url(), page["nextUri"].as_str().unwrap());
    }
    assert!(cursors.iter().all(|other| *other == cursors[0]));
}

#[tokio::test]
async fn uris_are_absolute_and_lead_elsewhere() {
    let (sim, url) = job([
        Fault::on_job_results().uri_base("https://api.example.com"),
        Fault::on_job_submit()
            .after(1)
            .uri_base("https://api.example.com"),
    ])
    .await;
    let (_, page) = polled(&url).await;
    for name in ["nextUri", "selfUri"] {
        let uri = page[name].as_str().unwrap();
        assert!(
            uri.starts_with(&format!("https://api.example.com{JOBS}/")),
            "{uri}"
        );
    }
    let handle: Value = post(&sim, JOBS, MARCH).await.json().await.unwrap();
    assert!(
        handle["resultsUri"]
            .as_str()
            .unwrap()
            .starts_with("https://api.example.com/api/")
    );
}

#[tokio::test]
async fn a_page_is_lost_and_the_job_expires() {
    let (sim, url) = job([
        Fault::on_job_results().after(1).status(503),
        Fault::on_job_results().after(2).cut_body_after(1000),
        Fault::on_job_results().after(4).always().status(404),
    ])
    .await;
    let (_, page) = polled(&url).await;
    let second = format!("{}{}", sim.url(), page["nextUri"].as_str().unwrap());
    assert_eq!(get(&second).await.status(), 503);
    let cut = get(&second).await;
    assert_eq!(cut.status(), 200);
    assert!(cut.bytes().await.is_err());
    let (_, page) = polled(&second).await;
    assert_eq!(page["entities"].as_array().unwrap().len(), 100);
    let third = format!("{}{}", sim.url(), page["nextUri"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(code(get(&third).await, 404).await, "not.found");
    }
}

#[tokio::test]
async fn nulls_and_reversed_rows() {
    let (sim, url) = job([
        Fault::on_job_results().nulls(),
        Fault::on_job_results().reorder_rows(),
        Fault::on_job_submit().after(1).nulls(),
    ])
    .await;
    let (_, page) = polled(&url).await;
    assert!(page["errorBody"].is_null() && page["name"].is_null() && page["nextUri"].is_string());
    let rows = page["entities"].as_array().unwrap();
    assert!(rows[0].as_object().unwrap().values().all(Value::is_null));
    let (_, reversed) = polled(&url).await;
    let mut back = reversed["entities"].as_array().unwrap().clone();
    back.reverse();
    assert_eq!(back, rows[1..]);
    let mut names: Vec<_> = rows[0].as_object().unwrap().keys().collect();
    // A call for no user has none, but every row of this kind has one.
    let mut expected: Vec<_> = rows[1].as_object().unwrap().keys().collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    let handle: Value = post(&sim, JOBS, MARCH).await.json().await.unwrap();
    assert_eq!(
        handle,
        json!({"id": null, "name": null, "resultsUri": null, "selfUri": null})
    );
}
