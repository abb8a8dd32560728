//! Simple searches: their columns, filters and pages.

use serde_json::{Value, json};
use usage_sim::{Fault, Simulator};

use crate::support::{SEARCH, builder, code, faulty, get, polled, rows, submitted};

/// All rows of a search, and how many pages they took.
async fn found(sim: &Simulator, body: &str, size: u64) -> (Vec<Value>, usize) {
    let url = submitted(sim, SEARCH, body).await;
    let (mut rows, mut pages, mut query) = (Vec::new(), 0, String::new());
    loop {
        let (_, page) = polled(&format!("{url}?pageSize={size}{query}")).await;
        assert_eq!(page["queryStatus"], "Complete");
        rows.extend_from_slice(page["results"].as_array().unwrap());
        pages += 1;
        let Some(after) = page["cursors"]["after"].as_str() else {
            return (rows, pages);
        };
        query = format!(
            "&after={}",
            percent_encoding::utf8_percent_encode(after, percent_encoding::NON_ALPHANUMERIC)
        );
    }
}

fn sum(rows: &[Value], name: &str) -> u64 {
    rows.iter().map(|row| row[name].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn a_search_adds_up_to_the_sums_of_a_query() {
    let sim = builder().start().await.unwrap();
    let march = r#"{"interval":"2024-03-01/2024-03-31"}"#;
    let (found, pages) = found(&sim, march, 1000).await;
    assert!(pages > 1 && found.len() > 1000, "{pages}");
    let queried = rows(&sim, march).await;
    for name in ["status200", "status300", "status400", "status500", "status429"] {
        assert_eq!(sum(&found, name), sum(&queried, name), "{name}");
    }
    let row = found[0].as_object().unwrap();
    assert!(
        !row.contains_key("requests") && row["date"].is_string(),
        "{row:?}"
    );
    assert!(
        ["clientName", "templateUri", "httpMethod"]
            .iter()
            .all(|name| row[*name] != "")
    );
}

#[tokio::test]
async fn metrics_are_the_columns() {
    let sim = builder().start().await.unwrap();
    let body = r#"{"interval":"2024-03-01/2024-03-31","metrics":["HttpMethod","Status200"],
        "oauthClientNames":["Wallboard"],"httpMethods":["POST","TRACE"]}"#;
    let (rows, _) = found(&sim, body, 1000).await;
    assert_eq!(rows.len(), 1);
    let row = rows[0].as_object().unwrap();
    assert_eq!(
        (&row["httpMethod"], &row["clientName"]),
        (&json!("POST"), &json!(""))
    );
    assert!(
        !row.contains_key("date") && !row.contains_key("status400"),
        "{row:?}"
    );
}

#[tokio::test]
async fn pages_of_any_size_make_up_the_whole_and_end_at_the_limit() {
    let sim = builder().rows(25_000).start().await.unwrap();
    let march = r#"{"interval":"2024-03-01/2024-03-31"}"#;
    let (whole, pages) = found(&sim, march, 1000).await;
    assert_eq!((whole.len(), pages), (20_000, 20));
    let (rows, pages) = found(&sim, march, 997).await;
    assert!(rows == whole && pages == 21, "{pages}");
    let url = submitted(&sim, SEARCH, march).await;
    assert_eq!(polled(&url).await.1["results"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn a_search_fails_for_good_with_500() {
    let sim = faulty([
        Fault::on_results().status(500).error_code("query.error"),
        Fault::on_results().page_limit(50),
    ])
    .await;
    let url = submitted(&sim, SEARCH, r#"{"interval":"2024-03-01/2024-03-31"}"#).await;
    assert_eq!(code(get(&url).await, 500).await, "query.error");
    assert_eq!(code(get(&url).await, 500).await, "max.response.size.reached");
    assert_eq!(get(&url).await.status(), 200);
}
