//! Rows that are written as CSV, with any separator, are read again as they were, and no cell of text is one that a
//! spreadsheet would run, whether it separates cells by commas, semicolons or tabs.

#![no_main]

use arbitrary::Arbitrary;
use gc_usage::fuzzing::SEPARATORS;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use usage_client::RowRef;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    profile: &'a str,
    separator: u8,
    is_for_excel: bool,
    rows: Vec<Row<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Row<'a> {
    texts: [Option<&'a str>; RowRef::TEXTS],
    counts: [Option<i64>; RowRef::COUNTS],
}

const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

fuzz_target!(|input: Input<'_>| {
    let rows = input.rows.iter();
    let rows: Vec<_> = rows
        .map(|row| RowRef::from_parts(row.texts, row.counts, None))
        .collect();
    let (texts, counts) = names();
    let separator = SEPARATORS[usize::from(input.separator) % SEPARATORS.len()];
    let file = gc_usage::fuzzing::csv(input.profile, &rows, separator, input.is_for_excel);
    let mark = "\u{feff}".as_bytes();
    assert_eq!(file.starts_with(mark), input.is_for_excel);
    let text = file.strip_prefix(mark).unwrap_or(&file);
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text);
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
        for (name, text) in texts.iter().zip(row.texts) {
            let cell = &record[place(name)];
            for piece in cell.split([',', ';', '\t', '\r', '\n']) {
                assert!(!piece.starts_with(SIGNS), "{cell:?}");
            }
            assert_eq!(text_of(cell), text.unwrap_or_default());
        }
        for (name, count) in counts.iter().zip(row.counts) {
            let text = count.map(|count| count.to_string()).unwrap_or_default();
            assert_eq!(record[place(name)], text);
        }
    }
});

/// The names of texts and counts, which are the headings of their columns, in the order of the fields.
fn names() -> (Vec<String>, Vec<String>) {
    let only = |row: RowRef<'_>| {
        let row = serde_json::to_value(row).expect("a row is JSON");
        let members = row.as_object().into_iter().flatten();
        members
            .map(|(name, _): (&String, &Value)| name.clone())
            .next()
            .expect("one member")
    };
    let text = |place: usize| {
        let texts = std::array::from_fn(|other| (other == place).then_some("text"));
        only(RowRef::from_parts(texts, [None; RowRef::COUNTS], None))
    };
    let count = |place: usize| {
        let counts = std::array::from_fn(|other| (other == place).then_some(1));
        only(RowRef::from_parts([None; RowRef::TEXTS], counts, None))
    };
    (
        (0..RowRef::TEXTS).map(text).collect(),
        (0..RowRef::COUNTS).map(count).collect(),
    )
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
            .trim_start_matches(gc_usage::fuzzing::is_skipped)
            .starts_with(SIGNS)
}
