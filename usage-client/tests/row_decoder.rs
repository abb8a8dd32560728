//! Compares the row decoder with `serde_json`, on arbitrary responses that are cut at arbitrary places.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use usage_client::{ApiUsageQueryResult, ApiUsageRow, QueryStatus, RowBatch, RowDecoder, RowRef};

/// The keys of a row with values of a kind.
fn keys(is_of_kind: fn(&Value) -> bool) -> Vec<String> {
    let row = RowRef::from_parts([Some(""); RowRef::TEXTS], [Some(0); RowRef::COUNTS], None);
    let row = serde_json::to_value(row.to_row()).unwrap();
    let members = row.as_object().unwrap().iter();
    members
        .filter(|(_, value)| is_of_kind(value))
        .map(|(key, _)| key.clone())
        .collect()
}

/// Decodes a response in these pieces. Returns its rows, and its status if it is complete.
fn decoded<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<ApiUsageRow>, Option<Option<QueryStatus>>) {
    let mut decoder = RowDecoder::new();
    let mut rows = Vec::new();
    let mut add = |batch: RowBatch| rows.extend(batch.iter().map(|row| row.to_row()));
    for mut piece in pieces {
        loop {
            match decoder.decode(&mut piece) {
                Ok(Some(batch)) => add(batch),
                Ok(None) => break,
                Err(_) => return (rows, None),
            }
        }
    }
    match decoder.finish() {
        Ok(last) => last.into_iter().for_each(add),
        Err(_) => return (rows, None),
    }
    (rows, Some(decoder.query_status().cloned()))
}

/// Cuts a text at these places, in any order.
fn cut<'a>(text: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(text.len() + 1)).collect();
    places.extend([0, text.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        select(vec!["\"", "\\", "}", "]", "{\"results\":[", "\u{0}\u{1f}", "🐎ž"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Members in any order. This is text, because an object of `serde_json` would sort them.
fn object(members: Vec<(String, String)>) -> String {
    let members: Vec<_> = members
        .into_iter()
        .map(|(key, value)| format!("{}:{value}", Value::from(key)))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn row() -> impl Strategy<Value = String> {
    let text = option::of(prop_oneof![".{0,20}", "[a-z/{}]{0,40}"]);
    let texts = keys(Value::is_string).into_iter().map(|key| {
        let value = text.clone().prop_map(|text| json!(text).to_string());
        (Just(key), value)
    });
    let counts = keys(Value::is_number).into_iter().map(|key| {
        let value = option::of(any::<i64>()).prop_map(|count| json!(count).to_string());
        (Just(key), value)
    });
    let (texts, counts): (Vec<_>, Vec<_>) = (texts.collect(), counts.collect());
    let dates = select(vec![
        "null",
        "\"2020-02-02T00:00:00Z\"",
        "\"2020-02-02T00:00:00.000Z\"",
        "\"2024-02-29T10:11:12+02:00\"",
    ]);
    let date = (Just("date".to_owned()), dates.prop_map(str::to_owned));
    let more = vec(
        ("x.{0,4}|platform", any_json().prop_map(|value| value.to_string())),
        0..3,
    );
    (texts, counts, date, more)
        .prop_map(|(texts, counts, date, more)| [texts, counts, vec![date], more].concat())
        .prop_shuffle()
        .prop_flat_map(|members| prop::sample::subsequence(members.clone(), 0..=members.len()))
        .prop_map(object)
}

fn answer() -> impl Strategy<Value = String> {
    let rows = option::weighted(0.9, vec(row(), 0..8)).prop_map(|rows| match rows {
        Some(rows) => format!("[{}]", rows.join(",")),
        None => "null".to_owned(),
    });
    let status = option::of(prop_oneof![
        select(vec!["Complete", "Running", "Failed"]).prop_map(str::to_owned),
        ".{0,8}"
    ]);
    let known = (rows, status).prop_map(|(rows, status)| {
        vec![
            ("results".to_owned(), rows),
            ("queryStatus".to_owned(), json!(status).to_string()),
        ]
    });
    let more = vec(("x.{0,4}", any_json().prop_map(|value| value.to_string())), 0..3);
    (known, more)
        .prop_map(|(known, more)| [known, more].concat())
        .prop_shuffle()
        .prop_flat_map(|members| prop::sample::subsequence(members.clone(), 0..=members.len()))
        .prop_map(object)
}

/// The same JSON with whitespace wherever it is allowed.
fn spaced(text: &str, spaces: &[String]) -> String {
    let mut spaces = spaces.iter().cycle();
    let (mut spaced, mut in_string, mut escaped) = (String::new(), false, false);
    for character in text.chars() {
        let structural = !in_string && matches!(character, '{' | '}' | '[' | ']' | ',' | ':');
        let space = spaces.next().map_or("", String::as_str);
        if structural {
            spaced.extend([space, &character.to_string(), space]);
        } else {
            spaced.push(character);
        }
        if in_string && !escaped && character == '\\' {
            escaped = true;
        } else {
            in_string ^= character == '"' && !escaped;
            escaped = false;
        }
    }
    spaced
}

proptest! {
    #[test]
    fn answers_are_read_as_serde_json_reads_them_wherever_they_are_cut(
        text in answer(),
        spaces in vec("[ \n\r\t]{0,2}", 1..5),
        places in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let text = spaced(&text, &spaces);
        let whole: ApiUsageQueryResult = serde_json::from_str(&text).unwrap();
        let (rows, status) = decoded(cut(text.as_bytes(), &places));
        prop_assert_eq!(&rows, &whole.results.unwrap_or_default());
        prop_assert_eq!(status, Some(whole.query_status));
        let (bytewise, _) = decoded(text.as_bytes().chunks(1));
        prop_assert_eq!(rows, bytewise);
    }

    #[test]
    fn a_part_of_an_answer_is_never_an_answer(text in answer(), end in any::<prop::sample::Index>()) {
        let part = &text.as_bytes()[..end.index(text.len())];
        let (rows, status) = decoded([part]);
        prop_assert_eq!(status, None);
        let whole: ApiUsageQueryResult = serde_json::from_str(&text).unwrap();
        prop_assert!(rows.len() <= whole.results.unwrap_or_default().len());
    }

    #[test]
    fn text_that_is_changed_somewhere_is_refused_where_serde_json_refuses_it(
        text in answer(),
        place in any::<prop::sample::Index>(),
        put in select(vec!["", "{", "}", "[", "]", ",", ":", "\"", "\\", "0", "-", "null", " ", "x", "\u{1}"]),
        places in vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut characters: Vec<_> = text.chars().map(String::from).collect();
        let index = place.index(characters.len());
        characters[index] = put.to_owned();
        let changed = characters.concat();
        let (rows, status) = decoded(cut(changed.as_bytes(), &places));
        match serde_json::from_str::<ApiUsageQueryResult>(&changed) {
            Ok(whole) => {
                prop_assert_eq!(rows, whole.results.unwrap_or_default());
                prop_assert_eq!(status, Some(whole.query_status));
            }
            Err(_) => prop_assert_eq!(status, None, "{}", changed),
        }
    }
}

#[test]
fn many_rows_come_in_order_and_serialize_as_the_service_sends_them() {
    let rows: Vec<_> = (0..10_000)
        .map(|number| json!({"clientId": "a\"b", "clientName": format!("Client {number}"), "date": "2024-02-29T00:00:00Z", "requests": number}))
        .collect();
    let text = json!({"queryStatus": "Complete", "results": rows}).to_string();
    let mut decoder = RowDecoder::new();
    let mut input = text.as_bytes();
    let mut read = Vec::new();
    let mut batches = 0;
    let decoded = std::iter::from_fn(|| decoder.decode(&mut input).unwrap());
    for batch in decoded
        .collect::<Vec<_>>()
        .into_iter()
        .chain(decoder.finish().unwrap())
    {
        assert_eq!((batch.get(0).is_some(), batch.get(batch.len())), (true, None));
        read.extend(batch.iter().map(|row| serde_json::to_value(row).unwrap()));
        batches += 1;
    }
    assert_eq!(read, rows);
    assert!(batches > 1 && decoder.rows() == 10_000);
}

#[test]
fn every_field_of_a_row_is_streamed() {
    let mut members = Map::new();
    for (number, key) in keys(Value::is_string).into_iter().enumerate() {
        members.insert(key, json!(format!("text {number}")));
    }
    for (number, key) in keys(Value::is_number).into_iter().enumerate() {
        members.insert(key, json!(number));
    }
    members.insert("date".to_owned(), json!("2020-02-02T00:00:00Z"));
    let text = json!({"results": [members]}).to_string();
    let (rows, _) = decoded([text.as_bytes()]);
    assert_eq!(serde_json::to_value(&rows[0]).unwrap(), Value::Object(members));
}

#[test]
fn a_platform_is_not_read_from_rows_of_queries() {
    let text = r#"{"results":[{"platform":"x","requests":1},{"platform":{"id":7},"requests":2}]}"#;
    let mut decoder = RowDecoder::new();
    assert!(decoder.decode(&mut text.as_bytes()).unwrap().is_none());
    let batch = decoder.finish().unwrap().unwrap();
    let rows: Vec<_> = batch.iter().map(|row| (row.platform, row.requests)).collect();
    assert_eq!(rows, [(None, Some(1)), (None, Some(2))]);
}

#[test]
fn an_error_is_given_again_and_says_where_it_is() {
    let text = r#"{"results":[{"requests":1},{"requests":true}]}"#;
    let mut decoder = RowDecoder::new();
    let mut input = text.as_bytes();
    assert_eq!(decoder.decode(&mut input).unwrap().unwrap().len(), 1);
    let first = decoder.decode(&mut input).unwrap_err().to_string();
    assert!(first.contains("row 2, byte 42"), "{first}");
    assert_eq!(decoder.decode(&mut input).unwrap_err().to_string(), first);
    assert_eq!(decoder.finish().unwrap_err().to_string(), first);
}

#[test]
fn debug_shows_no_text_of_an_unread_answer() {
    let mut decoder = RowDecoder::new();
    decoder
        .decode(&mut &b"{\"results\":[{\"clientId\":\"someone"[..])
        .unwrap();
    assert_eq!(format!("{decoder:?}"), "RowDecoder { rows: 0, .. }");
}
