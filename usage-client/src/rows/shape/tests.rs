use std::fmt::Write as _;

use proptest::{prelude::*, sample::select};
use serde::de::{DeserializeSeed as _, IgnoredAny};

use super::*;
use crate::{generated::rows::RowRef, rows::parse::AddRow};

/// A row like those of the service.
const ROW: &str = r#"{"clientId":"7de3af06-c0b3-4f9b-af45-72f4a14037cc","clientName":"Client Creds","organizationId":"","userId":"","templateUri":"api/v2/users/{userId}","httpMethod":"GET","status200":20,"status300":0,"status400":1,"status500":0,"status429":0,"requests":21,"date":"2020-02-02T00:00:00Z"}"#;

/// Longer than any literal, so that what comes before it is read.
const BEHIND: &str = "]                                                                ";

/// The row at the start of a text, and where it ends.
type Read = Option<(PackedRows, usize)>;

fn by_shape(shape: &Shape, text: &str) -> Read {
    let mut rows = PackedRows::default();
    rows.rows.push(PackedRow::default());
    let end = shape.read(text, 0, &mut rows.rows[0])?;
    Some((rows, end))
}

fn by_serde_json(text: &str) -> Read {
    let mut rows = PackedRows::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let row = AddRow {
        text,
        keys: Keys::Query,
        packed: &mut rows,
    };
    row.deserialize(&mut deserializer).ok()?;
    Some((rows, deserializer.into_iter::<IgnoredAny>().byte_offset()))
}

fn unpacked<'a>(read: &'a Read, text: &'a str) -> Option<(RowRef<'a>, usize)> {
    let (rows, end) = read.as_ref()?;
    Some((rows.unpack(&rows.rows[0], text), *end))
}

/// Checks that the shape reads nothing that `serde_json` does not, and returns whether it read the row.
fn agrees(shape: &Shape, row: &str) -> bool {
    let text = format!("{row}{BEHIND}");
    let read = by_shape(shape, &text);
    if read.is_some() {
        assert_eq!(
            unpacked(&read, &text),
            unpacked(&by_serde_json(&text), &text),
            "{row}"
        );
    }
    read.is_some()
}

fn shape_of(row: &str) -> Shape {
    Shape::of(row, Keys::Query).expect(row)
}

#[test]
fn rows_that_differ_in_their_values_have_the_same_shape() {
    let shape = shape_of(ROW);
    for (old, new) in [
        ("", ""),
        ("Client Creds", ""),
        ("Client Creds", "Zürich 日本 !#[]^_`\u{7f}\u{80}"),
        ("\"Client Creds\"", "null"),
        (":20,", ":0,"),
        (":20,", ":9,"),
        (":20,", ":987,"),
        (":20,", ":1234567,"),
        (":20,", ":12345678,"),
        (":20,", ":123456789,"),
        (":20,", ":123456789012345678,"),
        (":20,", ":null,"),
        ("2020-02-02T00:00:00Z", "2020-02-02T09:00:00.5+02:00"),
        ("2020-02-02T00:00:00Z", "2020-02-02"),
        ("2020-02-02T00:00:00Z", ""),
        ("\"2020-02-02T00:00:00Z\"", "null"),
    ] {
        let row = ROW.replacen(old, new, 1);
        assert!(agrees(&shape, &row), "{row}");
        assert_eq!(Shape::of(&row, Keys::Query), Some(shape_of(ROW)), "{row}");
    }
}

#[test]
fn every_other_row_is_left_to_serde_json() {
    let shape = shape_of(ROW);
    for (old, new) in [
        ("Client Creds", r"Client\u0020Creds"),
        ("Client Creds", "Client \" Creds"),
        ("Client Creds", "Client\nCreds"),
        ("Client Creds", "Client\u{1f}Creds"),
        ("Client Creds", "\u{0}"),
        ("\"Client Creds\"", "7"),
        ("\"Client Creds\"", "nul"),
        ("\"Client Creds\"", "nulll"),
        (":20,", ":020,"),
        (":20,", ":00,"),
        (":20,", ":0123456,"),
        (":20,", ":012345678,"),
        (":20,", ":-20,"),
        (":20,", ":20.0,"),
        (":20,", ":2e1,"),
        (":20,", ":1234567890123456789,"),
        (":20,", ":9223372036854775808,"),
        (":20,", ":\"20\","),
        (":20,", ":,"),
        (":20,", ": 20,"),
        (":20,", ":20 ,"),
        (":20,", ":20é,"),
        (":20,", ":/,"),
        (":20,", "::,"),
        ("2020-02-02T", "2020-02-30T"),
        ("2020-02-02T", "0000-02-02T"),
        ("2020-02-02T", "20200202T"),
        ("2020-02-02T00:00:00Z", "yesterday"),
        ("\"2020-02-02T00:00:00Z\"", "0"),
        ("clientName", "clientNames"),
        ("clientName", "clientname"),
        ("\"requests\"", "\"new\""),
        (r#","userId":"""#, ""),
        ("}", ",\"more\":1}"),
        ("}", "]"),
        ("{", "["),
    ] {
        let at = if old == "}" {
            ROW.len() - 1
        } else {
            ROW.find(old).expect(old)
        };
        let row = format!("{}{new}{}", &ROW[..at], &ROW[at + old.len()..]);
        assert!(!agrees(&shape, &row), "{row}");
    }
}

#[test]
fn a_row_is_not_read_before_all_of_it_has_arrived() {
    let shape = shape_of(ROW);
    for length in 0..ROW.len() {
        assert!(by_shape(&shape, &ROW[..length]).is_none(), "{length}");
    }
}

#[test]
fn a_shape_is_that_of_the_row_with_its_white_space_and_its_unknown_keys() {
    let spaced = ROW.replace("\":", "\" :\t").replace(",\"", ",\r\n          \"");
    let unknown = ROW.replacen(
        "\"userId\"",
        r#""a":true,"b":"x","c":12,"d":null,"e":false,"userId""#,
        1,
    );
    let few = r#"{"requests":7}"#.to_owned();
    for (row, others) in [
        (&spaced, vec![]),
        (
            &unknown,
            vec![r#""b":null,"c":3,"d":"y""#, r#""b":"","c":null,"d":null"#],
        ),
        (&few, vec![]),
        (&"{}".to_owned(), vec![]),
        (&"{ }".to_owned(), vec![]),
    ] {
        let shape = shape_of(row);
        assert!(agrees(&shape, row), "{row}");
        for other in others {
            assert!(agrees(
                &shape,
                &row.replacen(r#""b":"x","c":12,"d":null"#, other, 1)
            ));
        }
        for (old, new) in [
            ("true", "null"),
            ("true", "false"),
            ("12,", "1.2,"),
            ("12,", "\"\","),
        ] {
            let other = row.replacen(old, new, 1);
            assert!(other == *row || !agrees(&shape, &other), "{other}");
        }
    }
    assert!(!agrees(
        &shape_of(&spaced),
        &spaced.replacen("clientName", "clientNamf", 1)
    ));
    let long = format!("{{\"{}\":1,\"requests\":2}}", "k".repeat(100));
    assert!(agrees(&shape_of(&long), &long));
    assert!(!agrees(&shape_of(&long), &long.replacen("kkk", "kk", 1)));
    assert!(!agrees(&shape_of(&long), &long.replacen("kkk", "kkkk", 1)));
    for (row, why) in [
        (r#"{"client\u0049d":"x"}"#, "a key with an escape"),
        (r#"{"new":{"a":1}}"#, "an object"),
        (r#"{"requests":1,"new":["}"]}"#, "a list"),
    ] {
        assert_eq!(Shape::of(row, Keys::Query), None, "{why}");
    }
}

#[test]
fn a_shape_is_learned_from_the_first_row_and_again_when_the_rows_have_changed() {
    let other = r#"{"requests":1,"clientId":"x"}"#;
    let mut learned = LearnedShape::default();
    let mut reads = |row: &str| {
        let (text, mut rows) = (format!("{row}{BEHIND}"), PackedRows::default());
        let end = learned.read(&text, 0, row.len(), &mut rows);
        assert_eq!(rows.rows.len(), usize::from(end.is_some()));
        if end.is_none() {
            learned.learn(row, Keys::Query);
        }
        end
    };
    assert_eq!([reads(ROW), reads(ROW)], [None, Some(ROW.len())]);
    // Single rows of another shape change nothing.
    for _ in 0..10 {
        assert_eq!([reads(other), reads(ROW)], [None, Some(ROW.len())]);
    }
    let misses = (0..100).take_while(|_| reads(other).is_none()).count();
    assert_eq!((misses, reads(ROW)), (4, None));
    // Rows without a common shape are learned from less and less often.
    for length in 0..3_000 {
        reads(&format!("{{\"{}\":1}}", "k".repeat(length)));
    }
    assert_eq!(learned.patience, MAX_MISSES);
}

#[test]
fn a_row_above_the_limit_is_not_read() {
    let text = format!("{ROW}{BEHIND}");
    let mut learned = LearnedShape::default();
    learned.learn(ROW, Keys::Query);
    let mut rows = PackedRows::default();
    assert_eq!(learned.read(&text, 0, ROW.len() - 1, &mut rows), None);
    assert_eq!(learned.read(&text, 0, ROW.len(), &mut rows), Some(ROW.len()));
}

/// A row with any keys in any order, any white space, and values that are mostly those of a shape.
fn rows() -> impl Strategy<Value = String> {
    let space = select(vec!["", "", " ", "\n    "]);
    let value = prop_oneof![
        3 => "\"[ -!#-\\[\\]-~é日]{0,20}\"",
        3 => "[1-9][0-9]{0,19}|0",
        1 => "\"[0-9]{4}-[01][0-9]-[0-3][0-9](T00:00:00(\\.000)?Z)?\"",
        1 => select(vec!["null", "true", "false", "-1", "1.0", "\"\\\"\"", "[]", "{}", "01", "\"\\u0041\""]).prop_map(str::to_owned),
    ];
    let keys = select(
        RowRef::KEYS
            .iter()
            .copied()
            .chain(["new", "x\\n"])
            .collect::<Vec<_>>(),
    );
    (space, prop::collection::vec((keys, value), 0..15)).prop_map(|(space, members)| {
        let mut row = "{".to_owned();
        for (place, (key, value)) in members.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let _ = write!(row, "{comma}{space}\"{key}\":{space}{value}");
        }
        row + space + "}"
    })
}

/// Replaces a part of a text by another text.
fn edits() -> impl Strategy<Value = (usize, usize, String)> {
    let text = prop_oneof![
        "[\"\\\\{}\\[\\]:,.0-9eE+\\- \n\u{0}\u{1f}!#é]{0,3}",
        select(vec![
            "null",
            "true",
            "\"x\"",
            "00",
            "\"2020-02-30\"",
            "123456789012345678",
            "9223372036854775807"
        ])
        .prop_map(str::to_owned),
    ];
    (any::<usize>(), 0..3_usize, text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_shape_reads_what_serde_json_reads(
        row in prop_oneof![rows(), Just(ROW.to_owned())],
        edits in prop::collection::vec(edits(), 0..3),
    ) {
        let text = format!("{row}{BEHIND}");
        let is_row = by_serde_json(&text).is_some_and(|(_, end)| end == row.len());
        if let Some(shape) = Shape::of(&row, Keys::Query).filter(|_| is_row) {
            let mut edited = row.clone();
            for (at, length, text) in &edits {
                let boundary = |at: usize| (at..=edited.len()).find(|at| edited.is_char_boundary(*at)).unwrap_or(0);
                let start = boundary(at % (edited.len() + 1));
                let end = boundary((start + length).min(edited.len()));
                edited.replace_range(start..end, text);
            }
            agrees(&shape, &edited);
        }
    }
}
