//! The simulator groups, counts and sends what the document says of rows: no more and no less.

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use tokio_rustls::rustls::crypto::ring;
use usage_client::{ApiUsageQuery, Client, Granularity, GroupBy, Metric, types};
use usage_sim::{Fault, Simulator};

use crate::{
    at_once, document,
    rows::{json, properties, property},
};

/// What the simulator needs, whose rows are its own so that it can disagree with the client.
const DIMENSION: &str = "run `cargo xtask codegen`; else, in the simulator, see DIMENSIONS in usage-sim/src/query/models.rs, `Dimension` in \
                         selection.rs, `value` in history.rs, `Row` in row.rs, `row` in aggregate.rs, NULL_ROW and `write` in rows.rs, and \
                         bulk.rs";
const METRIC: &str = "run `cargo xtask codegen`; else, in the simulator, see METRICS in usage-sim/src/query/models.rs, NULL_ROW, COUNT_KEYS and \
                      `write` in rows.rs, `Counts` and `split` in history.rs, and bulk.rs";

async fn simulator() -> (Simulator, Client) {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = crate::simulator::client(&simulator);
    (simulator, client)
}

/// The rows of the simulator's response, each as JSON. `place` says where to look if it refuses the query.
async fn simulated(client: &Client, query: types::builder::ApiUsageQuery, place: &str) -> Vec<Value> {
    let query = query.interval("2024-02-01/2024-02-07");
    let execution = match client.submit(query).await {
        Ok(execution) => execution,
        Err(error) => panic!("the simulator refuses a query: {place}\n{error}"),
    };
    let rows = execution.with_polling(at_once()).rows();
    let rows: Vec<_> = rows.try_collect().await.unwrap();
    rows.iter().map(json).collect()
}

fn is_filled(row: &Value, name: &str) -> bool {
    !matches!(row[name].as_str(), None | Some(""))
}

#[tokio::test]
async fn the_simulator_groups_by_each_dimension_and_by_no_other() {
    let (_simulator, client) = simulator().await;
    for member in GroupBy::KNOWN {
        let query = ApiUsageQuery::builder().group_by(vec![*member]);
        let rows = simulated(&client, query, DIMENSION).await;
        for other in GroupBy::KNOWN {
            let name = property("x-group-by", other.as_str());
            // A client that acts for no user has an empty one, so one row is enough.
            let found = rows.iter().any(|row| is_filled(row, name));
            assert!(
                found == (other == member),
                "rows by `{member}` have {} `{name}`: {DIMENSION}",
                if found { "a" } else { "no" }
            );
        }
    }
}

#[tokio::test]
async fn the_simulator_counts_each_metric_and_no_other() {
    let (_simulator, client) = simulator().await;
    for member in Metric::KNOWN {
        let query = || ApiUsageQuery::builder().metrics(vec![*member]);
        let rows = simulated(&client, query(), METRIC).await;
        for other in Metric::KNOWN {
            let name = property("x-metric", other.as_str());
            let found = rows.iter().any(|row| row[name].is_i64());
            assert!(
                found == (other == member),
                "rows of the metric `{member}` have {} `{name}`: {METRIC}",
                if found { "a" } else { "no" }
            );
        }
        let name = property("x-metric", member.as_str());
        let sum = |rows: &[Value]| rows.iter().filter_map(|row| row[name].as_i64()).sum::<i64>();
        let by_day = simulated(&client, query().granularity(Granularity::Day), METRIC).await;
        let (sum, by_day) = (sum(&rows), sum(&by_day));
        assert!(
            sum == by_day && sum > 0,
            "`{name}` of the simulator adds up to {sum}, and by day to {by_day}: {METRIC}"
        );
    }
}

#[tokio::test]
async fn the_simulator_sends_each_property() {
    let (_simulator, client) = simulator().await;
    let query = ApiUsageQuery::builder()
        .group_by(GroupBy::KNOWN.to_vec())
        .granularity(Granularity::Day);
    let rows = simulated(&client, query, DIMENSION).await;
    for (name, schema) in properties() {
        let is_count = schema["type"] == "integer";
        let place = if is_count { METRIC } else { DIMENSION };
        let is_sent = |row: &Value| is_filled(row, name) || row[name].is_i64();
        let has_row = rows.iter().any(is_sent);
        assert!(has_row, "no row of the simulator has a `{name}`: {place}");
    }
}

#[tokio::test]
async fn the_simulator_s_row_of_nulls_has_each_property() {
    let fault = Fault::on_results().nulls().always();
    let simulator = Simulator::builder().fault(fault).start().await.unwrap();
    let client = crate::simulator::client(&simulator);
    let query = ApiUsageQuery::builder().interval("2024-02-01/2024-02-07");
    let mut body = client.submit(query).await.unwrap().body().await.unwrap();
    let mut text = Vec::new();
    while let Some(piece) = body.chunk().await.unwrap() {
        text.extend_from_slice(&piece);
    }
    let answer: Value = serde_json::from_slice(&text).unwrap();
    for name in properties().keys() {
        assert!(
            answer["results"][0].get(name) == Some(&Value::Null),
            "`{name}` of ApiUsageRow is not null in a row of nulls: add it to NULL_ROW in usage-sim/src/rows.rs"
        );
    }
}

/// The values that the simulator accepts, as it lists them when it refuses another.
async fn taken(simulator: &Simulator, query: Value) -> Vec<String> {
    // With the features of usage-client, a client of reqwest needs a TLS provider. Fails only if there is one already.
    let _ = ring::default_provider().install_default();
    let request = reqwest::Client::new().post(format!("{}/api/v2/usage/query", simulator.url()));
    let request = request
        .bearer_auth("fixed")
        .header("content-type", "application/json")
        .body(query.to_string());
    let refusal = request.send().await.unwrap().bytes().await.unwrap();
    let refusal: Value = serde_json::from_slice(&refusal).unwrap();
    let message = refusal["message"].as_str().unwrap();
    let (_, allowed) = message.split_once("Allowable values are: ").unwrap();
    allowed.split(", ").map(str::to_owned).collect()
}

#[tokio::test]
async fn the_simulator_takes_the_members_of_the_document_and_no_others() {
    let simulator = Simulator::builder().access_token("fixed").start().await.unwrap();
    for (name, member, list) in [
        ("Granularity", "granularity", "GRANULARITIES"),
        ("GroupBy", "groupBy", "DIMENSIONS"),
        ("Metric", "metrics", "METRICS"),
    ] {
        let value = match name {
            "Granularity" => json!("None"),
            _ => json!(["None"]),
        };
        let query = json!({ "interval": "2024-02-01/2024-02-07", member: value });
        let taken = taken(&simulator, query).await;
        let known = document::schemas()[name]["enum"].as_array().unwrap();
        for member in known.iter().filter_map(Value::as_str) {
            assert!(
                taken.iter().any(|taken| taken == member),
                "the simulator does not take `{member}` of {name}: add it to {list} in usage-sim/src/query/models.rs"
            );
        }
        for member in &taken {
            assert!(
                known.iter().any(|known| known == member),
                "the simulator takes `{member}` for a {name}, which the document does not have: take it out of {list} in \
                 usage-sim/src/query/models.rs, or add it to openapi/usage.yaml"
            );
        }
    }
}
