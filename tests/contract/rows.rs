//! Each property of a row comes out of every way to read rows, and each member of `GroupBy` and `Metric` does in
//! `Aggregation` what it says.

use futures_util::TryStreamExt as _;
use httpmock::MockServer;
use serde_json::{Map, Value, json};
use usage_client::{Aggregation, ApiUsageRow, GroupBy, Metric, RowRef};
use usage_client_httpmock::MockServerExt as _;

use crate::{at_once, client, document};

/// The properties of a row in the document, by name.
pub(crate) fn properties() -> &'static Map<String, Value> {
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
pub(crate) fn property(mark: &str, member: &str) -> &'static str {
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

pub(crate) fn json(value: &impl serde::Serialize) -> Value {
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
    assert_are(
        waited.iter().map(json).collect(),
        "`wait`",
        "xtask/src/postprocess.rs",
    );
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
    let parts = parts.map(|row| json(&row)).collect();
    assert_are(parts, "`RowRef::from_parts`", ROW_REF);
}

/// How many groups these rows make, and what the groups are, in words.
fn groups(by: impl IntoIterator<Item = GroupBy>, rows: &[Value]) -> (usize, String) {
    let mut aggregation = Aggregation::by(by);
    for row in rows {
        let row: ApiUsageRow = serde_json::from_value(row.clone()).unwrap();
        aggregation.add(&row).unwrap();
    }
    let groups: Vec<_> = aggregation.into_groups().collect();
    (groups.len(), format!("{groups:?}"))
}

#[test]
fn each_dimension_tells_groups_apart_and_is_in_them() {
    const CODE: &str = "run `cargo xtask codegen`, else look into usage-client/src/rows/aggregate.rs and xtask/src/rows/code.rs";
    for member in GroupBy::KNOWN {
        let name = property("x-group-by", member.as_str());
        let mut rows = [self::rows().pop().unwrap(), self::rows().pop().unwrap()];
        rows[1][name] = json!("another");
        let (count, told) = groups([*member], &rows);
        assert!(
            count == 2,
            "`{member}` of GroupBy separates no groups in `Aggregation`: {CODE}"
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
            "`{name}` separates groups although `{member}` was not asked for: {CODE}\n{told}"
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
                "`{name}` comes along with `{of}`, and is {} groups by `{member}`: look into usage-client/src/rows/aggregate.rs\n{told}",
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
             usage-client/src/rows/aggregate.rs and xtask/src/rows/code.rs\n{told}"
        );
    }
}
