//! The old operations of one client.

use serde_json::{Value, json};

use crate::support::{WALLBOARD, builder, code, complete, get, of_client, polled, post, submitted};

#[tokio::test]
async fn a_client_s_query_has_the_rows_that_the_organization_s_query_has_of_it() {
    let sim = builder().start().await.unwrap();
    let body = r#"{"interval":"2024-03-01/2024-03-31","granularity":"Week","groupBy":["OAuthClientId","TemplateUri"]}"#;
    let [path, _] = of_client(WALLBOARD);
    let url = submitted(&sim, &path, body).await;
    assert!(
        url.contains(&format!("/api/v2/oauth/clients/{WALLBOARD}/usage/query/results/")),
        "{url}"
    );
    let (_, own) = polled(&url).await;
    let all: Value = serde_json::from_str(&complete(&sim, body).await).unwrap();
    let sorted = |answer: &Value| {
        let rows = answer["results"].as_array().unwrap().iter();
        let mut rows: Vec<_> = rows
            .filter(|row| row["clientId"] == WALLBOARD)
            .map(Value::to_string)
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(own["results"].as_array().unwrap().len(), sorted(&all).len());
    assert_eq!(sorted(&own), sorted(&all));
}

#[tokio::test]
async fn a_summary_counts_the_last_seven_days_or_as_many_as_asked() {
    let sim = builder().start().await.unwrap();
    let [query, _] = of_client(WALLBOARD);
    let summary = format!("{}{}", sim.url(), query.replace("/query", "/summary"));
    for (days, interval) in [
        ("", "2024-04-02/2024-04-08"),
        ("?days=1", "2024-04-08/2024-04-08"),
        ("?days=100", "2023-12-31/2024-04-08"),
        ("?days=99999999999999999999999", "2018-01-01/2024-04-08"),
    ] {
        let (_, handle) = polled(&format!("{summary}{days}")).await;
        let (_, result) = polled(&format!(
            "{}{}",
            sim.url(),
            handle["resultsUri"].as_str().unwrap()
        ))
        .await;
        let body = json!({"interval": interval}).to_string();
        let (_, expected) = polled(&submitted(&sim, &query, &body).await).await;
        assert_eq!(result, expected, "{days}");
        assert_eq!(result["results"][0]["clientName"], "Wallboard");
    }
    for days in ["0", "-1", "seven", "", "1.5", "%2B7", "07"] {
        let refused = get(&format!("{summary}?days={days}")).await;
        assert_eq!(code(refused, 400).await, "invalid.query.param.value", "{days}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_exist_is_not_found() {
    let sim = builder().start().await.unwrap();
    for path in of_client("nobody") {
        let response = post(&sim, &path, r#"{"interval":"2024-03-01/2024-03-31"}"#).await;
        assert_eq!(response.status(), 404);
        let body: Value = response.json().await.unwrap();
        assert_eq!(
            (&body["entityName"], &body["entityId"]),
            (&json!("client"), &json!("nobody"))
        );
    }
}
