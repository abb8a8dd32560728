//! Every format contains each property of a row unchanged.

use std::collections::BTreeMap;

use serde_json::Map;

use super::{super::columns::filled, *};

const DATE: &str = "2024-02-03T00:00:00Z";

/// The properties of a row by the service's names, each with a unique value.
fn properties() -> Map<String, Value> {
    let texts: Vec<_> = (0..RowRef::TEXTS).map(|place| format!("text {place}")).collect();
    let mut texts = texts.iter();
    let mut counts = 1_001..;
    let row = RowRef::from_parts(
        std::array::from_fn(|_| texts.next().map(String::as_str)),
        std::array::from_fn(|_| counts.next()),
        DATE.parse().ok(),
    );
    let Ok(Value::Object(properties)) = serde_json::to_value(row) else {
        panic!("a row is not a JSON object");
    };
    assert!(
        properties.len() == RowRef::TEXTS + RowRef::COUNTS + 1,
        "a row of {} strings, {} counts and a date has only these properties: {:?}: run `cargo xtask codegen`",
        RowRef::TEXTS,
        RowRef::COUNTS,
        properties.keys().collect::<Vec<_>>()
    );
    properties
}

/// The output of a row with all properties.
fn written_of_all(format: Format) -> String {
    let rows = [Value::Object(properties())];
    let (page, _) = shown(&rows, |context, output| {
        let context = Context {
            has_platforms: true,
            ..context
        };
        plain(format).export(context, &[], &screen(None, true), output)
    });
    page
}

#[test]
fn each_property_has_a_column_in_csv() {
    let page = written_of_all(Format::Csv);
    let mut reader = ::csv::Reader::from_reader(page.as_bytes());
    let cells: BTreeMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    for (name, value) in properties() {
        let sent = match &value {
            Value::String(text) if text == DATE => "2024-02-03".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let Some(cell) = cells.get(&name) else {
            panic!(
                "`{name}` of RowRef has no column in CSV: add it to COLUMNS in gc-usage/src/export/fields.rs"
            );
        };
        assert!(
            *cell == sent,
            "the CSV column `{name}` has `{cell}` for {sent}: see COLUMNS in gc-usage/src/export/fields.rs"
        );
    }
}

#[test]
fn a_platform_has_a_column_in_csv_only_if_rows_may_have_one() {
    let heading = |page: &str| page.lines().next().map(str::to_owned);
    let with = heading(&written_of_all(Format::Csv)).unwrap();
    let without = heading(&written(Format::Csv, &[], None, &[Value::Object(properties())]).0);
    assert_eq!(without, Some(with.replace(",platform", "")));
    assert_ne!(without, Some(with));
}

#[test]
fn each_property_is_in_json_and_in_json_lines() {
    for (format, pointer, file) in [
        (Format::Json, "/results/0", "json.rs"),
        (Format::Jsonl, "", "jsonl.rs"),
    ] {
        let page: Value = serde_json::from_str(&written_of_all(format)).unwrap();
        let row = page.pointer(pointer).unwrap();
        for (name, value) in properties() {
            let found = &row[&name];
            assert!(
                *found == value,
                "`{name}` of RowRef is {found} in {format:?} for {value}: see gc-usage/src/export/{file}"
            );
        }
    }
}

#[test]
fn each_property_has_a_column_in_tables_and_is_kept_for_them() {
    let page = written_of_all(Format::Markdown);
    let cells: Vec<_> = page.lines().nth(2).unwrap().split('|').map(str::trim).collect();
    for (name, value) in properties() {
        let alone = json!({ name.as_str(): value });
        assert!(
            filled(&row_ref(&alone)) != 0,
            "`{name}` of RowRef has no column in tables: add it to ALL in gc-usage/src/export/columns.rs"
        );
        let cell = match &value {
            Value::String(text) if text == DATE => "2024-02-03".to_owned(),
            Value::String(text) => text.clone(),
            other => crate::text::grouped(other.as_i64().unwrap()),
        };
        // The label of a client is its name.
        assert!(
            name == "clientId" || cells.contains(&&*cell),
            "no cell of a table has `{cell}` of `{name}`: see gc-usage/src/export/columns.rs and row_buffer.rs\n{page}"
        );
    }
}

#[test]
fn each_property_orders_rows_that_are_otherwise_equal() {
    for (name, value) in properties() {
        let less = match &value {
            Value::String(text) if text == DATE => json!("2024-02-02T00:00:00Z"),
            Value::String(_) => json!("a text"),
            _ => json!(1),
        };
        let mut rows = [Value::Object(properties()), Value::Object(properties())];
        rows[1][&name] = less;
        let before = written_in_order(&rows);
        rows.reverse();
        assert!(
            written_in_order(&rows) == before,
            "rows that differ only in `{name}` stay in the order of the service: see `tie_break` in \
             gc-usage/src/export/sorted.rs"
        );
    }
}

/// The rows, sorted by a key in which they are equal.
fn written_in_order(rows: &[Value]) -> Vec<Value> {
    let mut sorted = Sorted::new(vec![SortKey::Method], None);
    for row in rows.iter().map(row_ref) {
        sorted.add(None, &row).unwrap();
    }
    let (rows, _) = sorted.into_rows();
    rows.iter()
        .map(|(_, row)| serde_json::to_value(row).unwrap())
        .collect()
}
