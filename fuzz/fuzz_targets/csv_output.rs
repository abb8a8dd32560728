//! Rows that are written as CSV are read again as they were, and no cell of text is one that a spreadsheet would run, whether
//! it separates cells by commas, semicolons or tabs.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use usage_client::ApiUsageRow;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    profile: &'a str,
    rows: Vec<Row<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Row<'a> {
    texts: [Option<&'a str>; 6],
    counts: [Option<i64>; 6],
}

const TEXTS: [&str; 6] = [
    "clientId",
    "clientName",
    "organizationId",
    "userId",
    "templateUri",
    "httpMethod",
];
const COUNTS: [&str; 6] = [
    "requests",
    "status200",
    "status300",
    "status400",
    "status429",
    "status500",
];
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

fuzz_target!(|input: Input<'_>| {
    let rows: Vec<ApiUsageRow> = input.rows.iter().map(row).collect();
    let file = gc_usage::fuzzing::csv(input.profile, &rows);
    let mut reader = csv::Reader::from_reader(&file[..]);
    let heading = reader.headers().expect("a heading").clone();
    let place = |name: &str| {
        heading
            .iter()
            .position(|column| column == name)
            .expect("a column")
    };
    let records: Vec<_> = reader.records().map(|record| record.expect("a record")).collect();
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().zip(&input.rows) {
        assert_eq!(text_of(&record[place("profile")]), input.profile);
        for (name, text) in TEXTS.iter().zip(row.texts) {
            let cell = &record[place(name)];
            for piece in cell.split([',', ';', '\t', '\r', '\n']) {
                assert!(!piece.starts_with(SIGNS), "{cell:?}");
            }
            assert_eq!(text_of(cell), text.unwrap_or_default());
        }
        for (name, count) in COUNTS.iter().zip(row.counts) {
            let text = count.map(|count| count.to_string()).unwrap_or_default();
            assert_eq!(record[place(name)], text);
        }
    }
});

fn row(row: &Row<'_>) -> ApiUsageRow {
    let texts = TEXTS
        .iter()
        .zip(row.texts)
        .map(|(name, text)| (*name, Value::from(text)));
    let counts = COUNTS
        .iter()
        .zip(row.counts)
        .map(|(name, count)| (*name, Value::from(count)));
    let members: Map<_, _> = texts
        .chain(counts)
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    serde_json::from_value(members.into()).expect("a row")
}

/// A cell without the apostrophes that keep it from being run: one in front of each piece that would be.
fn text_of(cell: &str) -> String {
    let mut text = String::new();
    let mut begins = true;
    for (at, letter) in cell.char_indices() {
        if !(begins && letter == '\'' && would_run(&cell[at..])) {
            text.push(letter);
        }
        begins = matches!(letter, ',' | ';' | '\t' | '\r' | '\n');
    }
    text
}

fn would_run(rest: &str) -> bool {
    rest.trim_start_matches('\'').starts_with(['\t', '\r', '\n'])
        || rest
            .trim_start_matches(gc_usage::fuzzing::passes_over)
            .starts_with(SIGNS)
}
