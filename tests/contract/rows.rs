//! Each property of a row, and each member of `GroupBy` and `Metric`, is the same in the document, the crate and the
//! simulator.

use std::fmt::Debug;

use futures_util::{StreamExt as _, TryStreamExt as _};
use httpmock::MockServer;
use serde_json::{Map, Value, json};
use usage_client::{
    Aggregation, ApiUsageQuery, ApiUsageRow, Client, Granularity, GroupBy, Metric, RowRef, types,
};
use usage_client_httpmock::MockServerExt as _;
use usage_sim::{Fault, Simulator};

use crate::{at_once, client, document};

/// The properties of a row in the document, by name.
fn properties() -> &'static Map<String, Value> {
    document::schemas()["ApiUsageRow"]["properties"]
        .as_object()
        .unwrap()
}

/// A value that no other property has.
fn value(name: &str) -> Value {
    let property = &properties()[name];
    let number = properties().keys().position(|other| other == name).unwrap();
    match (property["type"].as_str(), property["format"].as_str()) {
        (Some("string"), None) => json!(format!("of {name}")),
        (Some("integer"), Some("int64")) => json!(1_000 + number),
        (Some("string"), Some("date-time")) => json!("2024-02-03T00:00:00Z"),
        other => panic!(
            "`{name}` of ApiUsageRow is of another kind, {other:?}: give it a value in `value` of tests/contract/rows.rs"
        ),
    }
}

/// The property that a member stands for: marked with it, or of its name.
fn property(mark: &str, member: &str) -> &'static str {
    let name = format!("{}{}", member[..1].to_lowercase(), &member[1..]);
    let marked = properties().iter().find(|(_, property)| property[mark] == member);
    let named = marked.or_else(|| properties().get_key_value(&name));
    match named {
        Some((name, _)) => name,
        None => panic!(
            "`{member}` stands for no property of ApiUsageRow: add `{name}` to it in openapi/usage.yaml, or mark one with \
             `{mark}: {member}`"
        ),
    }
}

fn row(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn parsed(row: &Value) -> ApiUsageRow {
    serde_json::from_value(row.clone()).unwrap()
}

/// A row of each property alone, and one of all of them.
fn rows() -> Vec<Value> {
    let each = properties()
        .keys()
        .map(|name| row([(name.as_str(), value(name))]));
    let all = row(properties().keys().map(|name| (name.as_str(), value(name))));
    each.chain([all]).collect()
}

fn assert_are(rows: Vec<Value>, by: &str, code: &str) {
    let sent = self::rows();
    assert_eq!(rows.len(), sent.len(), "rows of {by}");
    for (row, sent) in rows.iter().zip(&sent) {
        for name in properties().keys() {
            let (found, sent) = (&row[name], &sent[name]);
            assert!(
                found == sent,
                "`{name}` of ApiUsageRow was sent as {sent} and is {found} by {by}: run `cargo xtask codegen`, else look \
                 into {code}"
            );
        }
    }
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[tokio::test]
async fn each_property_is_the_same_however_rows_are_read() {
    const ROW_REF: &str = "`RowRef`, which xtask/src/rows/code.rs writes";
    const DECODER: &str = "usage-client/src/rows and its tables, which xtask/src/rows/code.rs writes";
    let server = MockServer::start_async().await;
    let body = json!({ "results": rows(), "queryStatus": "Complete" }).to_string();
    server.get_usage_query_execution_id_results(|_, then| {
        then.into_inner()
            .status(200)
            .header("content-type", "application/json")
            .body(body);
    });
    let execution = || client(&server).execution("one").with_polling(at_once());

    let waited = execution().wait().await.unwrap().results.unwrap();
    assert_are(waited.iter().map(json).collect(), "`wait`", "xtask/src/adapt.rs");
    let streamed: Vec<_> = execution().rows().try_collect().await.unwrap();
    assert_are(streamed.iter().map(json).collect(), "`rows`", DECODER);

    let mut rows = Vec::new();
    let mut batches = execution().row_batches();
    while let Some(batch) = batches.next().await {
        rows.extend(batch.unwrap().iter().map(|row| (json(&row), row.to_row())));
    }
    let (serialized, owned): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    assert_are(serialized, "`row_batches`", DECODER);
    assert_are(owned.iter().map(json).collect(), "`RowRef::to_row`", ROW_REF);

    let borrowed: Vec<_> = waited.iter().map(RowRef::from).collect();
    assert_are(borrowed.iter().map(json).collect(), "`RowRef::from`", ROW_REF);
    let owned: Vec<_> = borrowed.iter().map(|row| ApiUsageRow::from(*row)).collect();
    assert_are(owned.iter().map(json).collect(), "`ApiUsageRow::from`", ROW_REF);
    let parts = borrowed
        .iter()
        .map(|row| RowRef::from_parts(row.texts(), row.counts(), row.date));
    assert_are(
        parts.map(|row| json(&row)).collect(),
        "`RowRef::from_parts`",
        ROW_REF,
    );
}

/// How many groups these rows make, and what the groups are, in words.
fn groups(by: impl IntoIterator<Item = GroupBy>, rows: &[Value]) -> (usize, String) {
    let mut aggregation = Aggregation::by(by);
    for row in rows {
        aggregation.add(&RowRef::from(&parsed(row))).unwrap();
    }
    (
        aggregation.len(),
        format!("{:?}", aggregation.into_groups().collect::<Vec<_>>()),
    )
}

#[test]
fn each_dimension_tells_groups_apart_and_is_in_them() {
    const CODE: &str =
        "run `cargo xtask codegen`, else look into usage-client/src/aggregate.rs and xtask/src/rows/code.rs";
    for member in GroupBy::KNOWN {
        let name = property("x-group-by", member.as_str());
        let mut rows = [self::rows().pop().unwrap(), self::rows().pop().unwrap()];
        rows[1][name] = json!("another");
        let (count, told) = groups([*member], &rows);
        assert!(
            count == 2,
            "`{member}` of GroupBy tells no groups apart in `Aggregation`: {CODE}"
        );
        for row in &rows {
            assert!(
                told.contains(&row[name].to_string()),
                "`{name}` is not in the groups of `Aggregation::by([{member}])`: {CODE}\n{told}"
            );
        }
        let others = GroupBy::KNOWN.iter().copied().filter(|other| other != member);
        let (count, told) = groups(others, &rows);
        assert!(
            count == 1 && !told.contains("another"),
            "`{name}` tells groups apart although `{member}` was not asked for: {CODE}\n{told}"
        );
    }
}

#[test]
fn each_label_comes_along_with_its_dimension_alone() {
    for (name, schema) in properties() {
        let Some(of) = schema["x-label-of"].as_str() else {
            continue;
        };
        for member in GroupBy::KNOWN {
            let is_its = property("x-group-by", member.as_str()) == of;
            let (_, told) = groups([*member], &rows());
            assert!(
                told.contains(&value(name).to_string()) == is_its,
                "`{name}` comes along with `{of}`, and is {} groups by `{member}`: look into usage-client/src/aggregate.rs\n{told}",
                if is_its { "missing from" } else { "in" },
            );
        }
    }
}

#[test]
fn each_metric_is_summed() {
    for member in Metric::KNOWN {
        let name = property("x-metric", member.as_str());
        let rows = [3_000_001, 4_000_002].map(|count| row([(name, json!(count))]));
        let (_, told) = groups([], &rows);
        assert!(
            told.contains("Some(7000003)") && told.matches("Some(").count() == 1,
            "`{name}` is not summed in `Aggregation`: run `cargo xtask codegen`, else look into \
             usage-client/src/aggregate.rs and xtask/src/rows/code.rs\n{told}"
        );
    }
}

/// The simulator has rows of its own, so that it can disagree with the client.
const SIMULATED: &str = "add it to the simulator: DIMENSIONS or METRICS and `Query` in usage-sim/src/query.rs, `Row`, \
                         NULL_ROW, COUNT_KEYS and `write` in usage-sim/src/rows.rs, `Counts` in usage-sim/src/history.rs, \
                         `labels` and `row` in usage-sim/src/aggregate.rs, and bulk.rs";

async fn simulator() -> (Simulator, Client) {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = crate::simulator::client(&simulator);
    (simulator, client)
}

/// The rows of the simulator's answer, each as JSON.
async fn simulated(client: &Client, query: types::builder::ApiUsageQuery, what: impl Debug) -> Vec<Value> {
    let query = query.interval("2024-02-01/2024-02-07");
    let execution = match client.submit(query).await {
        Ok(execution) => execution,
        Err(error) => panic!("the simulator refuses {what:?}, which the document has: {SIMULATED}\n{error}"),
    };
    let rows: Vec<_> = execution
        .with_polling(at_once())
        .rows()
        .try_collect()
        .await
        .unwrap();
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
        let rows = simulated(&client, query, member).await;
        for other in GroupBy::KNOWN {
            let name = property("x-group-by", other.as_str());
            // A client that acts for no user has an empty one, so one row is enough.
            let found = rows.iter().any(|row| is_filled(row, name));
            assert!(
                found == (other == member),
                "rows by `{member}` have {} `{name}`: {SIMULATED}",
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
        let rows = simulated(&client, query(), member).await;
        for other in Metric::KNOWN {
            let name = property("x-metric", other.as_str());
            let found = rows.iter().any(|row| row[name].is_i64());
            assert!(
                found == (other == member),
                "rows of the metric `{member}` have {} `{name}`: {SIMULATED}",
                if found { "a" } else { "no" }
            );
        }
        let name = property("x-metric", member.as_str());
        let sum = |rows: &[Value]| rows.iter().filter_map(|row| row[name].as_i64()).sum::<i64>();
        let by_day = query()
            .group_by(GroupBy::KNOWN.to_vec())
            .granularity(Granularity::Day);
        let (sum, by_day) = (sum(&rows), sum(&simulated(&client, by_day, member).await));
        assert!(
            sum == by_day && sum > 0,
            "`{name}` of the simulator adds up to {sum}, and by day and all dimensions to {by_day}: {SIMULATED}"
        );
    }
}

#[tokio::test]
async fn the_simulator_sends_each_property() {
    let (_simulator, client) = simulator().await;
    let query = ApiUsageQuery::builder()
        .group_by(GroupBy::KNOWN.to_vec())
        .granularity(Granularity::Day);
    let rows = simulated(&client, query, "all dimensions").await;
    for name in properties().keys() {
        let is_sent = |row: &Value| is_filled(row, name) || row[name].is_i64();
        assert!(
            rows.iter().any(is_sent),
            "no row of the simulator has a `{name}`: {SIMULATED}"
        );
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

/// The members that the simulator takes, as it tells them when it refuses another.
async fn taken(simulator: &Simulator, query: Value) -> Vec<String> {
    // It names the TLS provider that a client of reqwest needs.
    drop(crate::simulator::client(simulator));
    let request = reqwest::Client::new().post(format!("{}/api/v2/usage/query", simulator.url()));
    let request = request
        .bearer_auth("fixed")
        .header("content-type", "application/json");
    let refusal = request
        .body(query.to_string())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let refusal: Value = serde_json::from_str(&refusal).unwrap();
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
        let none = json!("None");
        let value = if name == "Granularity" {
            none
        } else {
            json!([none])
        };
        let taken = taken(
            &simulator,
            json!({ "interval": "2024-02-01/2024-02-07", member: value }),
        )
        .await;
        let known = document::schemas()[name]["enum"].as_array().unwrap();
        for member in known.iter().filter_map(Value::as_str) {
            assert!(
                taken.iter().any(|taken| taken == member),
                "the simulator does not take `{member}` of {name}: add it to {list} in usage-sim/src/query.rs"
            );
        }
        for member in &taken {
            assert!(
                known.iter().any(|known| known == member),
                "the simulator takes `{member}` for a {name}, which the document does not have: take it out of {list} in \
                 usage-sim/src/query.rs, or add it to openapi/usage.yaml"
            );
        }
    }
}
