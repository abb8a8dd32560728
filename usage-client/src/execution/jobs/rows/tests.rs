use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveTime};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};
use serde_json::value::RawValue;

use super::{
    super::kind::{OneClient, Organization, SimpleSearch},
    *,
};
use crate::generated::{
    rows::RowRef,
    types::{ClientPublicApiUsage, OrganizationPublicApiUsage},
};

/// A row as those of queries, by its type.
trait Reference {
    fn row(&self) -> RowRef<'_>;
}

macro_rules! reference {
    ($kind:ty, |$row:ident| $($field:ident: $value:expr),+) => {
        impl Reference for $kind {
            fn row(&self) -> RowRef<'_> {
                let $row = self;
                RowRef {
                    $($field: $value,)+
                    template_uri: $row.template_uri.as_deref(),
                    http_method: $row.http_method.as_ref().map(|method| method.as_str()),
                    platform: $row.platform.as_deref(),
                    status200: $row.status200,
                    status300: $row.status300,
                    status400: $row.status400,
                    status500: $row.status500,
                    status429: $row.status429,
                    requests: $row.request_count,
                    date: $row.date.map(|day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc()),
                    ..RowRef::default()
                }
            }
        }
    };
}

reference!(OrganizationPublicApiUsage, |row|
    client_id: row.oauth_client.as_ref().and_then(|client| client.id.as_deref()),
    client_name: row.oauth_client.as_ref().and_then(|client| client.name.as_deref()),
    user_id: row.user.as_ref().and_then(|user| user.id.as_deref())
);
reference!(ClientPublicApiUsage, |row| organization_id: row.organization_id.as_deref());

impl Reference for crate::ApiUsageRow {
    fn row(&self) -> RowRef<'_> {
        self.into()
    }
}

/// Checks that a batch has the rows of their types. Returns whether they could be read.
fn agrees<K: JobKind<Row: Reference>>(list: &str) -> bool {
    let typed = json::from_slice::<Vec<K::Row>>(list.as_bytes());
    let mut text = list.to_owned();
    let batch = list::read(&mut text, K::KEYS);
    match (&typed, &batch) {
        (Ok(rows), Some(batch)) => {
            let rows: Vec<_> = rows.iter().map(Reference::row).collect();
            assert_eq!(batch.iter().collect::<Vec<_>>(), rows, "{list}");
        }
        (Err(_), None) => {}
        _ => panic!("{list}: {typed:?}, {batch:?}"),
    }
    batch.is_some()
}

/// Values that are nearly always those of a key.
fn values(key: &str) -> BoxedStrategy<String> {
    let one_of = |values: &'static [&'static str]| select(values).prop_map(str::to_owned);
    let text = prop_oneof![
        6 => "\"[ -!#-\\[\\]-~é日]{0,20}\"",
        1 => one_of(&[
            r#""A \"B\"""#,
            r#""\u00fc\n""#,
            r#""\ud83d\ude00""#,
            r#""\ud83d""#,
            r#""\ude00x""#
        ]),
    ];
    let usual = match key {
        "date" => prop_oneof![
            4 => "\"20[0-9]{2}-0[1-9]-[01][1-9]\"",
            1 => "\"2024-02-[01][1-9]T00:00:00(\\.000)?Z\"",
            1 => one_of(&["\"\"", "\"2024-02-03T22:00:00-02:00\""]),
        ]
        .boxed(),
        "httpMethod" => one_of(&[
            "\"GET\"",
            "\"POST\"",
            "\"get\"",
            "\"Delete\"",
            "\"QUERY\"",
            "\"query\"",
            "\"\"",
            "\"\\u0067et\"",
        ])
        .boxed(),
        "oauthClient" | "user" => {
            let keys = subsequence(&["id", "name", "selfUri", "new"][..], 0..=4).prop_shuffle();
            (keys, vec(text, 4))
                .prop_map(|(keys, values)| object(keys.into_iter().zip(values.iter().map(String::as_str))))
                .boxed()
        }
        _ if key.starts_with("status") || key.starts_with("request") => prop_oneof![
            6 => "[1-9][0-9]{0,9}|0",
            1 => "-?[1-9][0-9]{0,17}|-?[1-9][0-9]{0,14}(\\.0|[eE]0)",
        ]
        .boxed(),
        _ => text.boxed(),
    };
    let other = one_of(&[
        "true",
        "7",
        "8.5",
        "9223372036854775808",
        "\"x\"",
        "\"2024-02-03T05:00:00Z\"",
        "[]",
        "{\"id\":1}",
        "{\"id\":\"x\",\"id\":\"y\"}",
        "{\"selfUri\":7}",
        "{\"new\":{\"id\":[1]}}",
    ]);
    prop_oneof![150 => usual, 10 => Just("null".to_owned()), 1 => other].boxed()
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = "{".to_owned();
    for (key, value) in members {
        let comma = if text.len() > 1 { "," } else { "" };
        let _ = write!(text, "{comma}\"{key}\":{value}");
    }
    text + "}"
}

/// How many rows a list has.
const ROWS: usize = 4;

/// Lists of rows with the same keys, in any order.
fn lists(keys: &'static [&'static str]) -> impl Strategy<Value = String> {
    let member = |key| (Just(key), vec(values(key), ROWS));
    // Some keys are missing, and seldom one appears twice.
    let keys = (
        subsequence(keys, keys.len() / 2..=keys.len()),
        option::weighted(0.1, select(keys)),
    );
    let keys = keys.prop_map(|(keys, twice)| keys.into_iter().chain(twice).collect::<Vec<_>>());
    let members = keys
        .prop_shuffle()
        .prop_flat_map(move |keys| keys.into_iter().map(member).collect::<Vec<_>>());
    (members, select(vec!["", " ", "\n  "])).prop_map(|(members, space)| {
        let row = |number: usize| {
            object(
                members
                    .iter()
                    .map(|(key, values)| (*key, values[number].as_str())),
            )
        };
        let rows: Vec<_> = (0..ROWS).map(row).collect();
        format!("[{space}{}{space}]", rows.join(&format!(",{space}")))
    })
}

/// Replaces some bytes of a list by others.
fn edited(list: &str, edits: &[(usize, usize, String)]) -> String {
    let mut list = list.to_owned();
    for (at, length, text) in edits {
        let boundary = |at: usize| {
            (at..=list.len())
                .find(|at| list.is_char_boundary(*at))
                .unwrap_or(0)
        };
        let start = boundary(at % (list.len() + 1));
        let end = boundary((start + length).min(list.len()));
        list.replace_range(start..end, text);
    }
    list
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let text = prop_oneof![
        "[\"\\\\{}\\[\\]:,.0-9eE+\\- \n!#é]{0,3}",
        select(vec![
            "null",
            "true",
            "\"x\"",
            "00",
            "\"2020-02-30\"",
            "9223372036854775807"
        ])
        .prop_map(str::to_owned),
    ];
    vec((any::<usize>(), 0..3_usize, text), 0..3)
}

const ORGANIZATION: &[&str] = &[
    "date",
    "platform",
    "httpMethod",
    "templateUri",
    "requestCount",
    "status200",
    "status300",
    "status400",
    "status429",
    "status500",
    "oauthClient",
    "user",
    "new",
    "organizationId",
];
const ONE_CLIENT: &[&str] = &[
    "date",
    "platform",
    "httpMethod",
    "templateUri",
    "requestCount",
    "status200",
    "status300",
    "status400",
    "status429",
    "status500",
    "organizationId",
    "new",
    "user",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn batches_have_the_rows_of_their_types(
        lists in (lists(ORGANIZATION), lists(ONE_CLIENT), lists(&RowRef::KEYS)),
        edits in edits(),
    ) {
        fn check<K: JobKind<Row: Reference>>(list: &str, edits: &[(usize, usize, String)]) {
            let list = edited(list, edits);
            // A page that is not JSON has no rows.
            if let Ok(list) = serde_json::from_str::<Box<RawValue>>(&list) {
                agrees::<K>(list.get());
            }
        }
        for edits in [&[], &edits[..]] {
            check::<Organization>(&lists.0, edits);
            check::<OneClient>(&lists.1, edits);
            check::<SimpleSearch>(&lists.2, edits);
        }
    }
}

#[test]
fn rows_of_jobs_are_read_by_their_keys_and_refused_by_their_values() {
    let row = r#"{"date":"2024-02-03","platform":"p","httpMethod":"get","requestCount":8.0,"oauthClient":{"id":"a","name":"B","selfUri":"/c"},"user":{"id":"u"}}"#;
    assert!(agrees::<Organization>(&format!("[{row},{row}]")));
    for (old, new) in [
        ("\"2024-02-03\"", "\"2024-02-30\""),
        ("\"2024-02-03\"", "\"2024-02-03T05:00:00Z\""),
        ("8.0", "8.5"),
        ("\"p\"", "7"),
        ("\"get\"", "7"),
        ("\"/c\"", "7"),
        ("{\"id\":\"u\"}", "\"u\""),
        ("\"name\"", "\"id\""),
        ("\"user\"", "\"oauthClient\""),
    ] {
        assert!(row.contains(old), "{old}");
        let refused = row.replace(old, new);
        // The first of them after a row from which a shape was learned.
        for list in [format!("[{refused}]"), format!("[{row},{refused},{row}]")] {
            assert!(!agrees::<Organization>(&list), "{list}");
        }
    }
    for list in ["7", "{}", "[7]", "[null]"] {
        assert!(!agrees::<Organization>(list), "{list}");
    }
}
