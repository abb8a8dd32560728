//! The life of a job, and its pages.

use std::collections::HashSet;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{
    HOUR, JOBS, WALLBOARD, builder, code, entities, get, http, job_rows, of_client, pages, pass, polled,
    post, submitted,
};

const MARCH: &str = r#"{"interval":"2024-03-01/2024-03-31","groupBy":["OauthClientId","TemplateUri"]}"#;

#[tokio::test]
async fn an_accepted_job_has_an_id_and_a_path_to_its_results() {
    for status in [200, 202] {
        let sim = builder().submit_status(status).start().await.unwrap();
        let response = post(&sim, JOBS, MARCH).await;
        assert_eq!(response.status(), status);
        let handle: Value = response.json().await.unwrap();
        let uri = format!("{JOBS}/{}", handle["id"].as_str().unwrap());
        assert_eq!(
            (&handle["resultsUri"], &handle["selfUri"]),
            (&json!(uri), &json!(uri))
        );
        assert_eq!(handle.as_object().unwrap().len(), 4);
    }
}

#[tokio::test]
async fn queued_with_202_then_running_with_202_then_succeeded_with_200() {
    let sim = builder().running_polls(3).start().await.unwrap();
    let url = submitted(&sim, JOBS, MARCH).await;
    for status in ["Queued", "Running", "Running"] {
        let (http, body) = polled(&url).await;
        assert_eq!((http, &body["queryStatus"]), (202, &json!(status)));
        assert!(
            body.get("entities").is_none() && body.get("nextUri").is_none(),
            "{body}"
        );
    }
    let (http, body) = polled(&url).await;
    assert_eq!((http, &body["queryStatus"]), (200, &json!("Succeeded")));
    assert!(!body["entities"].as_array().unwrap().is_empty());
    assert!(body.get("errorBody").is_none(), "{body}");
}

#[tokio::test]
async fn running_until_the_time_is_over() {
    let sim = builder().running_time(HOUR).start().await.unwrap();
    let url = submitted(&sim, JOBS, MARCH).await;
    assert_eq!(polled(&url).await.1["queryStatus"], "Queued");
    assert_eq!(polled(&url).await.1["queryStatus"], "Running");
    pass(HOUR).await;
    assert_eq!(polled(&url).await.1["queryStatus"], "Succeeded");
}

#[tokio::test]
async fn rows_have_the_keys_that_they_are_grouped_by_and_no_others() {
    let sim = builder().start().await.unwrap();
    let keys = |row: &Value| -> Vec<String> { row.as_object().unwrap().keys().cloned().collect() };
    let row = |body: &'static str| {
        let sim = &sim;
        async move { job_rows(sim, JOBS, body).await.remove(0) }
    };
    let by_id = r#"{"interval":"2024-03","groupBy":["OauthClientId"],"metrics":["Requests"]}"#;
    let by_id = by_id.replace("2024-03", "2024-03-01/2024-03-31");
    let by_id = job_rows(&sim, JOBS, &by_id).await.remove(0);
    assert_eq!(keys(&by_id), ["oauthClient", "requestCount"]);
    assert_eq!(keys(&by_id["oauthClient"]), ["id", "selfUri"]);
    let by_name = row(
        r#"{"interval":"2024-03-01/2024-03-31","groupBy":["OauthClientName"],"metrics":["Status429"],"granularity":"Month"}"#,
    )
    .await;
    assert_eq!(keys(&by_name), ["date", "oauthClient", "status429"]);
    assert_eq!(keys(&by_name["oauthClient"]), ["name"]);
    assert_eq!(by_name["date"], "2024-03-01");
    let by_rest = row(
        r#"{"interval":"2024-03-01/2024-03-31","groupBy":["HttpMethod","TemplateUri","Platform","UserId"],"metrics":["Status200"],
            "userIds":["92f3f050-6781-4d48-ad9c-d373a0427923"]}"#,
    )
    .await;
    assert_eq!(
        keys(&by_rest),
        ["httpMethod", "platform", "status200", "templateUri", "user"]
    );
    assert_eq!(keys(&by_rest["user"]), ["id", "selfUri"]);
    let [_, of_wallboard] = of_client(WALLBOARD);
    let by_organization =
        r#"{"interval":"2024-03-01/2024-03-31","groupBy":["OrganizationId"],"metrics":["Status500"]}"#;
    let by_organization = job_rows(&sim, &of_wallboard, by_organization).await;
    assert_eq!(by_organization.len(), 1);
    assert_eq!(keys(&by_organization[0]), ["organizationId", "status500"]);
}

#[tokio::test]
async fn without_groups_rows_are_not_aggregated() {
    let sim = builder().start().await.unwrap();
    let two_days = r#"{"interval":"2024-03-04/2024-03-05"}"#;
    let rows = job_rows(&sim, JOBS, two_days).await;
    assert!(rows.len() > 100, "{}", rows.len());
    let days = ["2024-03-04", "2024-03-05"];
    assert!(days.iter().all(|day| rows.iter().any(|row| row["date"] == *day)));
    let key = |row: &Value| {
        let names = ["date", "platform", "httpMethod", "templateUri"].map(|name| row[name].to_string());
        (names, row["oauthClient"].to_string(), row["user"].to_string())
    };
    let keys: HashSet<_> = rows.iter().map(key).collect();
    assert_eq!(keys.len(), rows.len());
    // A client's rows name no user, so two of them can look alike.
    let [_, of_wallboard] = of_client(WALLBOARD);
    let raw = job_rows(&sim, &of_wallboard, two_days).await;
    let grouped =
        r#"{"interval":"2024-03-04/2024-03-05","granularity":"Day","groupBy":["HttpMethod","TemplateUri"]}"#;
    let grouped = job_rows(&sim, &of_wallboard, grouped).await;
    assert!(raw.len() > grouped.len());
}

#[tokio::test]
async fn rows_are_sorted_as_asked() {
    let sim = builder().start().await.unwrap();
    let body = r#"{"interval":"2024-03-01/2024-03-31","groupBy":["Platform","HttpMethod"],
        "sortBy":[{"fieldName":"platform","order":"Desc"},{"fieldName":"requestCount"}]}"#;
    let rows = job_rows(&sim, JOBS, body).await;
    let key = |row: &Value| {
        let platform = row["platform"].as_str().unwrap().to_owned();
        (std::cmp::Reverse(platform), row["requestCount"].as_u64().unwrap())
    };
    assert!(rows.len() > 5 && rows.is_sorted_by_key(key), "{rows:?}");
    let unsorted = r#"{"interval":"2024-03-01/2024-03-31","groupBy":["Platform","HttpMethod"]}"#;
    let unsorted = job_rows(&sim, JOBS, unsorted).await;
    assert!(!unsorted.is_sorted_by_key(key));
}

#[tokio::test]
async fn a_page_has_a_hundred_rows_and_a_path_to_the_next_one() {
    let sim = builder().rows(250).start().await.unwrap();
    let url = submitted(&sim, JOBS, MARCH).await;
    let pages = pages(&sim, &url).await;
    let sizes: Vec<_> = pages
        .iter()
        .map(|page| page["entities"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 100, 50]);
    let next = pages[0]["nextUri"].as_str().unwrap();
    assert!(next.starts_with(&format!("{JOBS}/")), "{next}");
    assert!(next.contains("?pageSize=100&after="), "{next}");
    assert_eq!(pages[0]["selfUri"], url.strip_prefix(&sim.url()).unwrap());
}

#[tokio::test]
async fn the_last_page_may_be_full() {
    let sim = builder().rows(200).start().await.unwrap();
    let url = submitted(&sim, JOBS, MARCH).await;
    assert_eq!(pages(&sim, &url).await.len(), 2);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_job() {
    let sim = builder().rows(200).start().await.unwrap();
    let (one, other) = (
        submitted(&sim, JOBS, MARCH).await,
        submitted(&sim, JOBS, MARCH).await,
    );
    let (_, page) = polled(&one).await;
    let (_, query) = page["nextUri"].as_str().unwrap().split_once('?').unwrap();
    assert_eq!(get(&format!("{one}?{query}")).await.status(), 200);
    let refused = get(&format!("{other}?{query}")).await;
    assert_eq!(code(refused, 400).await, "invalid.query.param.value");
}

/// A page whose rows are left as they are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPage {
    next_uri: Option<String>,
    entities: Vec<Box<RawValue>>,
}

#[tokio::test]
async fn two_hundred_thousand_rows_are_two_hundred_pages() {
    let sim = builder().rows(200_000).start().await.unwrap();
    let mut url = format!("{}?pageSize=1000", submitted(&sim, JOBS, MARCH).await);
    let http = http();
    let mut rows = HashSet::new();
    for page in 1..=200 {
        let request = http.get(&url).bearer_auth("fixed");
        let text = request.send().await.unwrap().bytes().await.unwrap();
        let raw: RawPage = serde_json::from_slice(&text).unwrap();
        rows.extend(raw.entities.iter().map(|row| row.get().to_owned()));
        assert_eq!(raw.next_uri.is_some(), page < 200);
        url = format!("{}{}", sim.url(), raw.next_uri.unwrap_or_default());
    }
    assert_eq!(rows.len(), 200_000);
}

#[tokio::test]
async fn jobs_have_the_history_when_a_recorded_result_is_replayed() {
    let recorded = r#"{"results":[{"requests":7}],"queryStatus":"Complete"}"#;
    let sim = builder().results(recorded).start().await.unwrap();
    assert!(job_rows(&sim, JOBS, MARCH).await.len() > 10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_of_any_size_make_up_the_whole(
        sizes in proptest::collection::vec(1_u64..=1000, 1..6),
        reads_bulk in any::<bool>(),
    ) {
        Runtime::new().unwrap().block_on(async {
            let builder = if reads_bulk { builder().rows(1234) } else { builder() };
            let sim = builder.start().await.unwrap();
            let days = r#"{"interval":"2024-03-01/2024-03-20"}"#;
            let url = submitted(&sim, JOBS, days).await;
            let whole = entities(&pages(&sim, &format!("{url}?pageSize=1000")).await);
            // The size may change from page to page.
            let mut rows = Vec::new();
            let mut after = String::new();
            let smallest = sizes.iter().copied().min().unwrap().max(50);
            for size in sizes.iter().copied().chain(std::iter::repeat(smallest)) {
                let (_, page) = polled(&format!("{url}?pageSize={size}{after}")).await;
                let page_rows = page["entities"].as_array().unwrap();
                assert!(page_rows.len() as u64 <= size);
                rows.extend_from_slice(page_rows);
                let Some(next) = page["nextUri"].as_str() else { break };
                let (_, cursor) = next.split_once("&after=").unwrap();
                after = format!("&after={cursor}");
            }
            assert!(rows == whole, "{} rows of {}", rows.len(), whole.len());
        });
    }
}
