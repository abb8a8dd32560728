//! CSV in every dialect is read again as it was written.

use clap::ValueEnum as _;
use proptest::prelude::*;

use super::{super::formula::escape_formula, *};

const MARK: &str = "\u{feff}";

/// Every combination of options for CSV.
fn dialects() -> impl Iterator<Item = Dialect> {
    let separators = Separator::value_variants().iter();
    separators.flat_map(|separator| {
        [None, Some(Program::Excel)].map(|program| Dialect {
            separator: *separator,
            program,
        })
    })
}

fn csv(dialect: Dialect, rows: &[Value]) -> String {
    let style = Style {
        format: Format::Csv,
        dialect,
    };
    let (page, _) = shown(rows, |context, output| {
        style.export(context, &[], &screen(None, true), output)
    });
    page
}

/// The cells as the csv crate reads them.
fn cells(dialect: Dialect, page: &str) -> Vec<Vec<String>> {
    let page = page.strip_prefix(MARK).unwrap_or(page);
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(dialect.separator.byte())
        .from_reader(page.as_bytes());
    let records = reader.deserialize::<Vec<String>>();
    records.map(Result::unwrap).collect()
}

#[test]
fn the_byte_order_mark_is_only_for_excel_and_comes_before_the_headings() {
    for dialect in dialects() {
        let separator = char::from(dialect.separator.byte());
        for rows in [&rows()[..], &[]] {
            let page = csv(dialect, rows);
            assert_eq!(page.starts_with(MARK), dialect.program.is_some(), "{dialect:?}");
            assert_eq!(page.matches(MARK).count(), usize::from(dialect.program.is_some()));
            let begins = format!("interval{separator}granularity{separator}date{separator}clientId");
            assert!(page.trim_start_matches(MARK).starts_with(&begins), "{page}");
            assert_eq!(page.matches("\r\n").count(), rows.len() + 1);
        }
    }
}

#[test]
fn only_cells_with_the_separator_are_in_quotes() {
    let rows = [json!({"clientName": "a;b,c\td", "requests": 1})];
    for dialect in dialects() {
        let page = csv(dialect, &rows);
        assert!(page.contains("\"a;b,c\td\""), "{page}");
    }
    for (separator, plain) in [
        (Separator::Comma, "a;b\tc"),
        (Separator::Semicolon, "a,b\tc"),
        (Separator::Tab, "a,b;c"),
    ] {
        let dialect = Dialect {
            separator,
            program: None,
        };
        let page = csv(dialect, &[json!({"clientName": plain, "requests": 1})]);
        assert!(page.contains(plain) && !page.contains('"'), "{page}");
    }
}

proptest! {
    #[test]
    fn every_text_is_read_again_with_every_separator(
        texts in prop::collection::vec(any::<String>(), RowRef::TEXTS),
        special in "[a=;,'\"\t\r\n\u{feff}ü ]{0,12}",
        counts in any::<[Option<i64>; RowRef::COUNTS]>(),
    ) {
        let mut texts: Vec<_> = texts.iter().map(|text| Some(&**text)).collect();
        texts[1] = Some(&special);
        let row = RowRef::from_parts(texts.try_into().unwrap(), counts, None);
        let sent = serde_json::to_value(row).unwrap();
        for dialect in dialects() {
            let page = csv(dialect, std::slice::from_ref(&sent));
            let read = cells(dialect, &page);
            prop_assert_eq!(read.len(), 1, "{}", page);
            let by_comma = cells(Dialect::default(), &csv(Dialect::default(), std::slice::from_ref(&sent)));
            prop_assert_eq!(&read, &by_comma);
            for text in ["clientId", "clientName", "templateUri", "httpMethod"] {
                let text = sent[text].as_str().unwrap_or_default();
                prop_assert!(read[0].iter().any(|cell| *cell == escape_formula(text)), "{:?}", text);
            }
        }
    }
}
