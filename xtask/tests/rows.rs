//! What `cargo xtask codegen` makes of the rows of a document, and which rows it refuses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;

use common::{MODULES, ROWS, codegen, merge, root, text, the_document};
use serde_json::Value;

/// What stands in front of the properties to add: the last text, the last count, and the last members.
const METHOD: &str = "          description: HTTP method of the requests.\n          example: GET\n";
const REQUESTS: &str = "          description: All requests, `status200 + status300 + status400 + status500`.\n          example: 7\n";
const DIMENSION: &str = "        - HttpMethod\n";
const METRIC: &str = "        - Requests\n";

/// The document with lines behind others, or in place of them.
fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(the_document(), |document, (from, to)| {
        assert!(document.contains(from), "`{from}` is not in the document");
        document.replacen(from, to, 1)
    })
}

fn behind(place: &str, lines: &str) -> String {
    format!("{place}{lines}")
}

fn text_property(name: &str) -> String {
    let schema = format!("type: string\n          nullable: true\n          description: Of {name}.");
    property(name, &schema)
}

/// One more property of a row, after the last string.
fn property(name: &str, schema: &str) -> String {
    behind(METHOD, &format!("        {name}:\n          {schema}\n"))
}

/// The code of rows, or the error.
fn generated(document: &str) -> Result<String, String> {
    let root = root(document);
    let output = codegen(root.path(), &[]);
    match output.status.success() {
        true => Ok(fs::read_to_string(root.path().join(ROWS)).unwrap()),
        false => Err(text(&output.stderr)),
    }
}

/// The part of the code from one text up to another.
fn part<'c>(code: &'c str, from: &str, to: &str) -> &'c str {
    let (_, part) = code
        .split_once(from)
        .unwrap_or_else(|| panic!("`{from}` is missing:\n{code}"));
    part.split_once(to)
        .unwrap_or_else(|| panic!("`{to}` is missing behind `{from}`:\n{code}"))
        .0
}

/// The value of a constant.
fn number(code: &str, name: &str) -> usize {
    part(code, &format!("const {name}: usize = "), ";")
        .parse()
        .unwrap()
}

#[test]
fn a_new_text_and_its_dimension_are_in_every_table() {
    let before = generated(&the_document()).unwrap();
    let dimension = behind(DIMENSION, "        - BillingTier\n");
    let code = generated(&changed(&[
        (METHOD, &text_property("billingTier")),
        (DIMENSION, &dimension),
    ]))
    .unwrap();
    for (from, to, has) in [
        (
            "pub struct RowRef<'a> {",
            "\n}",
            "/// Of billingTier.\n    #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub billing_tier: Option<&'a str>,",
        ),
        (
            "pub fn to_row(",
            "\n}",
            "billing_tier: self.billing_tier.map(str::to_owned),",
        ),
        (
            "fn from(row: &'a ApiUsageRow)",
            "\n}",
            "billing_tier: billing_tier.as_deref(),",
        ),
        ("pub fn texts(", "}", "self.billing_tier,"),
        ("fn from_places(", "\n}", "billing_tier: text("),
        (
            "const KEYS:",
            "];",
            "\"httpMethod\",\n        \"billingTier\",\n        \"platform\",",
        ),
        ("fn is_at(", "\n}", "=> key == \"billingTier\","),
        ("fn place_of(", "\n}", "\"billingTier\" => Some("),
        (
            "pub enum Dimension {",
            "\n}",
            "/// Of billingTier.\n    BillingTier,",
        ),
        (
            "impl From<GroupBy> for Dimension {",
            "\n}",
            "GroupBy::BillingTier => Self::BillingTier,",
        ),
        ("fn dimensions(", "}", "self.billing_tier"),
        ("pub struct Group {", "\n}", "pub billing_tier: Option<String>,"),
        ("impl Group {", "\n}", "billing_tier,"),
    ] {
        let part = part(&code, from, to);
        assert!(part.contains(has), "`{has}` is not behind `{from}`:\n{part}");
    }
    for name in ["TEXTS", "DIMENSIONS"] {
        assert_eq!(number(&code, name), number(&before, name) + 1, "{name}");
    }
}

#[test]
fn a_new_count_and_its_metric_are_in_every_table() {
    let before = generated(&the_document()).unwrap();
    let count = behind(
        REQUESTS,
        "        rejected:\n          type: integer\n          format: int64\n          x-metric: Status501\n",
    );
    let metric = behind(METRIC, "        - Status501\n");
    let code = generated(&changed(&[(REQUESTS, &count), (METRIC, &metric)])).unwrap();
    for (from, to, has) in [
        (
            "pub struct RowRef<'a> {",
            "\n}",
            "/// `rejected`, as the service sends it.\n    #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub rejected: Option<i64>,",
        ),
        ("pub fn counts(", "}", "self.rejected,"),
        ("fn from_places(", "\n}", "rejected: count("),
        ("const KEYS:", "];", "\"requests\",\n        \"rejected\","),
        ("fn is_at(", "\n}", "=> key == \"rejected\","),
        ("pub struct Totals {", "\n}", "pub rejected: Option<i64>,"),
        ("fn sums(", "\n}", "&mut self.rejected,"),
    ] {
        let part = part(&code, from, to);
        assert!(part.contains(has), "`{has}` is not behind `{from}`:\n{part}");
    }
    assert_eq!(number(&code, "COUNTS"), number(&before, "COUNTS") + 1);
}

#[test]
fn a_text_that_nothing_groups_by_is_carried() {
    let code = generated(&changed(&[(METHOD, &text_property("tier"))])).unwrap();
    assert!(part(&code, "pub struct RowRef<'a> {", "\n}").contains("pub tier: Option<&'a str>,"));
    assert!(
        !part(&code, "pub struct Group {", "\n}").contains("tier"),
        "{code}"
    );
}

#[test]
fn a_text_that_only_other_rows_have_is_in_every_table_but_not_in_the_row_of_the_service() {
    const OTHERS: &str = "      x-other-dimensions:\n";
    let other = behind(OTHERS, "        Other_Text: Of others.\n");
    let code = generated(&changed(&[(OTHERS, &other)])).unwrap();
    for (from, to, has) in [
        (
            "pub struct RowRef<'a> {",
            "\n}",
            "/// Of others.\n    #[serde(rename = \"Other_Text\", skip_serializing_if = \"Option::is_none\")]\n    pub other_text: Option<&'a str>,",
        ),
        ("fn from(row: &'a ApiUsageRow)", "\n}", "other_text: None,"),
        (
            "pub fn texts(",
            "}",
            "self.http_method,\n            self.other_text,",
        ),
        ("fn from_places(", "\n}", "other_text: text(6),"),
        (
            "const KEYS:",
            "];",
            "\"httpMethod\",\n        \"Other_Text\",\n        \"platform\",\n        \"status200\",",
        ),
        (
            "pub enum Dimension {",
            "\n}",
            "HttpMethod,\n    /// Of others.\n    OtherText = 128,",
        ),
        (
            "fn dimensions(",
            "}",
            "self.http_method,\n            self.other_text,",
        ),
        ("pub struct Group {", "\n}", "pub other_text: Option<String>,"),
    ] {
        let part = part(&code, from, to);
        assert!(part.contains(has), "`{has}` is not behind `{from}`:\n{part}");
    }
    for (from, to) in [
        ("fn is_at(", "\n}"),
        ("fn place_of(", "\n}"),
        ("pub fn to_row(", "\n}"),
        ("let ApiUsageRow {", "}"),
        ("impl From<GroupBy> for Dimension {", "\n}"),
    ] {
        let part = part(&code, from, to);
        assert!(!part.to_lowercase().contains("other"), "`{from}`:\n{part}");
    }
}

#[test]
fn a_document_whose_rows_are_the_only_ones_has_the_dimensions_of_queries_alone() {
    let only = "      x-other-dimensions:\n        platform: Platform of the requests. Only rows of usage jobs have it.\n";
    let code = generated(&changed(&[(only, "")])).unwrap();
    assert!(!code.to_lowercase().contains("platform"), "{code}");
}

#[test]
fn names_of_any_spelling_are_those_of_the_document() {
    let code = generated(&changed(&[(METHOD, &text_property("Probe_Text"))])).unwrap();
    assert!(
        part(&code, "pub struct RowRef<'a> {", "\n}").contains(
            "#[serde(rename = \"Probe_Text\", skip_serializing_if = \"Option::is_none\")]\n    pub probe_text: "
        ),
        "{code}"
    );
    assert!(
        part(&code, "fn is_at(", "\n}").contains("key == \"Probe_Text\""),
        "{code}"
    );
}

#[test]
fn a_document_without_rows_has_no_code_of_them() {
    let root = common::generated(&the_document().replace("ApiUsageRow", "Line"));
    assert!(!root.path().join(ROWS).exists());
    let modules = fs::read_to_string(root.path().join(MODULES)).unwrap();
    assert!(!modules.contains("mod rows"));
}

#[test]
fn rows_that_the_crate_cannot_hold_are_refused_with_place_and_reason() {
    let cases: Vec<Value> = serde_saphyr::from_str(include_str!("rows.yml")).unwrap();
    for case in cases {
        let mut document: Value = serde_saphyr::from_str(&the_document()).unwrap();
        merge(&mut document["components"]["schemas"], &case["schemas"]);
        let expected = case["error"].as_str().unwrap();
        let expected = format!("error: openapi/usage.yaml: #/components/schemas/{expected}");
        match generated(&document.to_string()) {
            Ok(_) => panic!("it was not refused: {expected}"),
            Err(error) => assert!(error.starts_with(&expected), "{expected}\nis not\n{error}"),
        }
    }
}
