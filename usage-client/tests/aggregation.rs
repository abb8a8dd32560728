//! Compares totals of rows with sums that are computed the simple way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};
use usage_client::{
    Aggregation, ApiUsageRow, Dimension, Granularity, Group, GroupBy, RowBatch, RowDecoder, RowRef,
};

fn batch(rows: &[Value]) -> RowBatch {
    let text = json!({"results": rows}).to_string();
    let mut decoder = RowDecoder::new();
    assert!(decoder.decode(&mut text.as_bytes()).unwrap().is_none());
    decoder.finish().unwrap().unwrap()
}

fn totals(aggregation: &Aggregation, rows: &[Value]) -> Vec<Group> {
    let mut aggregation = aggregation.clone();
    aggregation.add_batch(&batch(rows)).unwrap();
    aggregation.into_groups().collect()
}

fn row() -> impl Strategy<Value = Value> {
    let name = || option::of(select(vec!["", "a", "b", "c"]));
    let count = || option::of(0_i64..1_000);
    let dates = select(vec![
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
        "2024-03-04",
        "2025-01-01",
    ]);
    (
        (name(), name(), name(), name(), name()),
        (count(), count(), count()),
        option::of(dates),
    )
        .prop_map(|(texts, counts, date)| {
            json!({
                "clientId": texts.0, "organizationId": texts.1, "userId": texts.2, "templateUri": texts.3,
                "httpMethod": texts.4, "requests": counts.0, "status400": counts.1, "status429": counts.2,
                "date": date.map(|date| format!("{date}T00:00:00Z")),
            })
        })
}

/// The value of a dimension in a row or a group.
macro_rules! dimension {
    ($of:expr, $dimension:expr) => {
        match $dimension {
            GroupBy::OAuthClientId => $of.client_id.clone(),
            GroupBy::OrganizationId => $of.organization_id.clone(),
            GroupBy::UserId => $of.user_id.clone(),
            GroupBy::TemplateUri => $of.template_uri.clone(),
            GroupBy::HttpMethod => $of.http_method.clone(),
            other => panic!("add `{other}` to `dimension` in usage-client/tests/aggregation.rs"),
        }
    };
}

fn sum(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        _ => one.or(other),
    }
}

proptest! {
    #[test]
    fn totals_are_the_sums_of_each_group(rows in vec(row(), 1..40), by in prop::sample::subsequence(GroupBy::KNOWN, 0..=GroupBy::KNOWN.len())) {
        let mut expected = BTreeMap::new();
        for row in &rows {
            let row: ApiUsageRow = serde_json::from_value(row.clone()).unwrap();
            let key: Vec<_> = GroupBy::KNOWN.iter().map(|one| if by.contains(one) { dimension!(row, one) } else { None }).collect();
            let sums = expected.entry((row.date, key)).or_insert((0, None, None, None));
            *sums = (sums.0 + 1, sum(sums.1, row.requests), sum(sums.2, row.status400), sum(sums.3, row.status429));
        }
        let groups = totals(&Aggregation::by(by).with_buckets(Granularity::Day), &rows);
        let found: Vec<_> = groups
            .into_iter()
            .map(|group| {
                let key: Vec<_> = GroupBy::KNOWN.iter().map(|one| dimension!(group, one)).collect();
                let totals = group.totals;
                ((group.date, key), (totals.rows, totals.requests, totals.status400, totals.status429))
            })
            .collect();
        prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn rate_limited_requests_are_not_added_to_the_others() {
    let rows = [
        json!({"requests": 10, "status200": 4, "status400": 6, "status429": 5}),
        json!({"requests": 1, "status200": 0, "status400": 1, "status429": 1}),
    ];
    let totals = totals(&Aggregation::default(), &rows)[0].totals;
    assert_eq!(
        (totals.requests, totals.status400, totals.status429),
        (Some(11), Some(7), Some(6))
    );
    assert_eq!(
        (totals.status200, totals.status500, totals.rows),
        (Some(4), None, 2)
    );
}

#[test]
fn dates_fall_into_the_bucket_that_begins_before_them() {
    let rows = [
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
        "2024-03-03",
        "2024-03-04",
    ]
    .map(|day| json!({"date": format!("{day}T00:00:00Z"), "requests": 1}));
    let buckets = |granularity| -> Vec<_> {
        let groups = totals(&Aggregation::default().with_buckets(granularity), &rows);
        let bucket = |group: Group| (group.date.unwrap().date_naive().to_string(), group.totals.rows);
        groups.into_iter().map(bucket).collect()
    };
    let owned = |expected: &[(&str, u64)]| -> Vec<_> {
        expected
            .iter()
            .map(|(day, rows)| ((*day).to_owned(), *rows))
            .collect()
    };
    assert_eq!(
        buckets(Granularity::Month),
        owned(&[("2024-02-01", 2), ("2024-03-01", 3)])
    );
    assert_eq!(
        buckets(Granularity::Week),
        owned(&[("2024-02-26", 4), ("2024-03-04", 1)])
    );
    assert_eq!(buckets(Granularity::Day).len(), 5);
    // Without buckets, dates are not part of the key.
    let all = totals(&Aggregation::default(), &rows);
    assert_eq!((all.len(), all[0].date), (1, None));
}

#[test]
fn the_name_of_a_client_comes_with_its_id_only() {
    let rows = [
        json!({"clientId": "1", "clientName": null}),
        json!({"clientId": "1", "clientName": "One"}),
        json!({"clientId": "1", "clientName": "Renamed"}),
    ];
    let by_client = totals(&Aggregation::by([GroupBy::OAuthClientId]), &rows);
    assert_eq!(by_client[0].client_name.as_deref(), Some("One"));
    assert_eq!(
        totals(&Aggregation::by([GroupBy::UserId]), &rows)[0].client_name,
        None
    );
}

#[test]
fn rows_of_jobs_are_grouped_by_platform_too() {
    let row = |platform, method, requests| {
        let mut row = RowRef::default();
        (row.platform, row.http_method, row.requests) = (platform, Some(method), Some(requests));
        row
    };
    let rows = [
        row(Some("b"), "GET", 1),
        row(Some("a"), "GET", 2),
        row(Some("b"), "PUT", 4),
        row(None, "GET", 8),
    ];
    let groups = |mut aggregation: Aggregation| -> Vec<_> {
        rows.iter().for_each(|row| aggregation.add(*row).unwrap());
        let groups = aggregation.into_groups();
        let group = |group: Group| (group.platform, group.http_method, group.totals.requests.unwrap());
        groups.map(group).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let by_platform = [(None, None, 8), (text("a"), None, 2), (text("b"), None, 5)];
    assert_eq!(groups(Aggregation::by([Dimension::Platform])), by_platform);
    let by_both = [
        (None, text("GET"), 8),
        (text("a"), text("GET"), 2),
        (text("b"), text("GET"), 1),
        (text("b"), text("PUT"), 4),
    ];
    let mut both = groups(Aggregation::by([Dimension::Platform, GroupBy::HttpMethod.into()]));
    both.sort_unstable();
    assert_eq!(both, by_both);
    assert_eq!(
        groups(Aggregation::by([GroupBy::HttpMethod])),
        [(None, text("GET"), 11), (None, text("PUT"), 4)]
    );
}

#[test]
fn a_sum_beyond_64_bits_is_an_error_and_changes_nothing() {
    let mut aggregation = Aggregation::default();
    assert!(aggregation.is_empty());
    let rows = [
        json!({"requests": i64::MAX, "status200": 1}),
        json!({"requests": 1, "status200": 1}),
    ];
    let error = aggregation.add_batch(&batch(&rows)).unwrap_err();
    assert!(
        error.is_decode() && error.to_string().contains("`requests`"),
        "{error}"
    );
    assert_eq!(aggregation.len(), 1);
    let totals = aggregation.into_groups().next().unwrap().totals;
    assert_eq!(
        (totals.requests, totals.status200, totals.rows),
        (Some(i64::MAX), Some(1), 1)
    );
}

#[test]
fn rows_after_one_that_is_not_added_leave_no_group() {
    let rows = [("a", i64::MAX), ("b", 1), ("a", 1), ("c", 1), ("b", 1)]
        .map(|(client, requests)| json!({"clientId": client, "requests": requests}));
    let mut aggregation = Aggregation::by([GroupBy::OAuthClientId]);
    assert!(aggregation.add_batch(&batch(&rows)).unwrap_err().is_decode());
    assert_eq!(aggregation.len(), 2);
    let rows: Vec<_> = aggregation.into_groups().map(|group| group.totals.rows).collect();
    assert_eq!(rows, [1, 1]);
}

#[test]
fn a_group_is_written_as_the_service_names_fields_and_read_back() {
    let rows = [json!({"clientId": "a", "clientName": "A", "status200": 2, "date": "2024-02-28T00:00:00Z"})];
    let by = Aggregation::by([GroupBy::OAuthClientId]).with_buckets(Granularity::Month);
    let [group] = &totals(&by, &rows)[..] else {
        panic!("one group")
    };
    let written = serde_json::to_value(group).unwrap();
    let expected = json!({
        "clientId": "a", "clientName": "A", "date": "2024-02-01T00:00:00Z", "totals": {"rows": 1, "status200": 2},
    });
    assert_eq!(written, expected);
    assert_eq!(serde_json::from_value::<Group>(written).unwrap(), *group);
}
