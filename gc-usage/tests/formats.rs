//! Rows in every format, also as other programs read them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use common::{Seen, Service, command, run, transcript};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Names with characters that are special in spreadsheets, quotes, tables and terminals.
const RESPONSE: &str = r#"{"results":[
    {"clientId":"1","clientName":"=1+cmd|' /C calc'!A0","organizationId":"","userId":"","templateUri":"api/v2/users/{userId}","httpMethod":"GET","status200":1000,"status300":0,"status400":20,"status500":1,"status429":20,"requests":1021,"date":"2024-02-01T00:00:00Z"},
    {"clientId":"2","clientName":"Quotes \" and, commas | pipes\nand lines","organizationId":"","userId":"","templateUri":"-2+3","httpMethod":"POST","status200":5,"status300":0,"status400":0,"status500":0,"status429":0,"requests":5,"date":"2024-02-01T00:00:00Z"},
    {"clientId":"3","clientName":"","organizationId":"","userId":"","templateUri":"@SUM(A1)","httpMethod":"+1","status200":7,"requests":7,"date":"2024-02-02T00:00:00Z","new":{"later":[1]}}
],"queryStatus":"Complete"}"#;

const FORMATS: [&str; 5] = ["table", "csv", "json", "jsonl", "markdown"];

/// The rows of a service in a format.
fn in_format<'f>(service: &Service, format: &'f str) -> (&'f str, Seen) {
    (format, service.query(&format!("{WEEK} --format {format}")))
}

const WEEK: &str = "--interval 2024-02-01/2024-02-07 --granularity day";

#[test]
fn odd_names_in_every_format() {
    let service = Service::replaying(RESPONSE);
    assert_snapshot!(
        "odd_names",
        transcript(FORMATS.map(|format| in_format(&service, format)))
    );
}

#[test]
fn one_large_name_makes_no_other_row_large() {
    let row = |name: &str| format!(r#"{{"clientName":"{name}","requests":7,"date":"2024-02-01T00:00:00Z"}}"#);
    let large = "n".repeat(200_000);
    let mut rows = vec![row("a"); 300];
    rows[7] = row(&large);
    let response = format!(r#"{{"results":[{}],"queryStatus":"Complete"}}"#, rows.join(","));
    let service = Service::replaying(response);
    for format in FORMATS {
        let (_, seen) = in_format(&service, format);
        assert!(seen.code == 0 && seen.out.contains(&large), "{}", seen.err);
        assert!(seen.out.len() < 2_000_000, "{format}: {}", seen.out.len());
    }
    let report = service.run("report --interval 2024-02-01/2024-02-07");
    assert!(report.code == 0 && report.out.len() < 2_000_000, "{}", report.err);
}

#[test]
fn the_extension_of_the_file_selects_the_format_and_an_unknown_one_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::replaying(RESPONSE);
    for (name, begins) in [
        ("rows.csv", "interval,granularity,"),
        ("rows.JSON", "{\"query\":{\"granularity\":\"Day\""),
        (
            "rows.jsonl",
            "{\"interval\":\"2024-02-01/2024-02-07\",\"granularity\":\"Day\",\"clientId\":\"1\"",
        ),
        ("rows.md", "| Day | Client |"),
        ("rows.txt", "─"),
    ] {
        let path = directory.path().join(name);
        let mut query = service.command(&format!("query {WEEK}"));
        let seen = run(query.arg("--output").arg(&path));
        seen.is(0, "");
        assert_eq!(seen.err, "", "{name}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(begins), "{name}: {text}");
    }
    let seen = service.query(&format!("{WEEK} --output rows.xls"));
    assert_snapshot!(seen, @r"
    exit 2
    --- stdout
    --- stderr
    error: --output rows.xls: rows cannot be written as XLS
    hint: use --output rows.xlsx
    ");
}

/// Reads the output with a Python program, which must not fail. Returns false if there is no Python.
fn is_read(program: &str, format: &str, seen: &Seen) -> bool {
    let reader = Command::new("python3")
        .args(["-c", program, format])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut reader) = reader else {
        eprintln!("skipped: there is no python3");
        return false;
    };
    let mut input = reader.stdin.take().unwrap();
    input.write_all(seen.out.as_bytes()).unwrap();
    drop(input);
    let output = reader.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{seen}\n{err}");
    true
}

#[test]
fn other_programs_can_read_the_formats() {
    let service = Service::replaying(RESPONSE);
    let program = r#"
import csv, io, json, sys
text = sys.stdin.buffer.read().decode()
kind = sys.argv[1]
if kind == "csv":
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert all(None not in row and None not in row.values() for row in rows), rows
    assert text.count("\r\n") == len(rows) + 1, text
    names = [row["clientName"].removeprefix("'") for row in rows]
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values()), row
    requests = [int(row["requests"]) for row in rows]
    missing = rows[2]["status400"]
else:
    if kind == "json":
        rows = json.loads(text)["results"]
    else:
        rows = [json.loads(line) for line in text.splitlines()]
        assert all(row["granularity"] == "Day" for row in rows), rows
    names = [row["clientName"] for row in rows]
    requests = [row["requests"] for row in rows]
    missing = rows[2].get("status400", "")
assert names == ["=1+cmd|' /C calc'!A0", "Quotes \" and, commas | pipes\nand lines", ""], names
assert requests == [1021, 5, 7], requests
assert missing == "", missing
"#;
    for format in ["csv", "json", "jsonl"] {
        let seen = service.query(&format!("{WEEK} --format {format}"));
        if !is_read(program, format, &seen) {
            return;
        }
    }
}

#[test]
fn no_spreadsheet_runs_a_cell_with_any_separator() {
    let names = [
        "Sales;=1+1;x",
        "Sales,-1",
        "Sales\t@x",
        "a;\"=1+1\"",
        "\0=1",
        "a;\u{1} ＝1",
        "'=1",
        "line\r\n+1",
        "plain; and simple",
    ];
    let rows = names.map(|name| json!({"clientId": "1-2", "clientName": name, "requests": -7}));
    let response = json!({"results": rows, "queryStatus": "Complete"});
    let service = Service::replaying(response.to_string());
    let seen = service.query("--interval 2024-02-01/2024-02-07 --format csv");
    let program = r#"
import csv, io, re, sys
text = sys.stdin.buffer.read().decode()
for delimiter in ",;\t":
    for row in csv.reader(io.StringIO(text.replace("\0", "\1"), newline=""), delimiter=delimiter):
        for cell in row:
            seen = cell.lstrip("\1 \"")
            is_number = re.fullmatch(r"-?\d+", cell)
            assert is_number or not seen.startswith(("=", "+", "-", "@", "＝", "\t", "\r")), (delimiter, cell)
"#;
    assert!(seen.out.contains("plain; and simple"), "{seen}");
    is_read(program, "csv", &seen);
}

#[test]
fn csv_for_excel_has_a_byte_order_mark_and_the_separator_of_the_country() {
    let names = ["Zürich; Genève", "comma, \"quote\"", "tab\there", "顧客"];
    let rows = names.map(|name| json!({"clientId": "1", "clientName": name, "requests": 7}));
    let response = json!({"results": rows, "queryStatus": "Complete"}).to_string();
    let service = Service::replaying(response);
    let directory = tempfile::tempdir().unwrap();
    let plain = service.query(&format!("{WEEK} --format csv")).out;
    for (options, mark, separator) in [
        ("--csv-for excel", "\u{feff}", ","),
        ("--csv-for EXCEL --csv-separator semicolon", "\u{feff}", ";"),
        ("--csv-separator ;", "", ";"),
        ("--csv-separator \\t", "", "\t"),
        ("--csv-separator tab", "", "\t"),
        ("--csv-separator ,", "", ","),
    ] {
        let path = directory.path().join("rows.csv");
        let mut query = service.command(&format!("query {WEEK} {options}"));
        run(query.arg("--output").arg(&path)).is(0, "");
        let text = fs::read_to_string(&path).unwrap();
        let headings = format!("{mark}interval{separator}granularity{separator}date{separator}");
        assert!(text.starts_with(&headings), "{options}: {text}");
        let on_stdout = service.query(&format!("{WEEK} --format csv {options}"));
        assert_eq!(on_stdout.out, text, "{options}");
        let program = r#"
import csv, io, sys
text = sys.stdin.buffer.read().decode("utf-8-sig")
rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=sys.argv[1]))
names = [row["clientName"] for row in rows]
assert names == ["Zürich; Genève", 'comma, "quote"', "tab\there", "顧客"], names
assert all(row["requests"] == "7" and None not in row for row in rows), rows
"#;
        is_read(program, separator, &on_stdout);
        if mark.is_empty() && separator == "," {
            assert_eq!(text, plain);
        }
    }
}

#[test]
fn options_for_csv_are_refused_where_they_would_have_no_effect() {
    let refused = [
        "query --demo --csv-for excel",
        "query --demo --output rows.json --csv-separator tab",
        "compare-sources --demo --csv-for excel --format markdown",
        "query --demo --format csv --csv-separator |",
        "query --demo --format csv --csv-for numbers",
        "results 7157a113 --raw --csv-for excel",
    ];
    let directory = tempfile::tempdir().unwrap();
    let seen = refused.map(|line| (line, run(command(line).current_dir(&directory))));
    assert_snapshot!("refused_options_for_csv", transcript(seen));
    assert_eq!(common::entries(directory.path()), [""; 0]);
}

#[test]
fn sources_are_compared_as_csv_for_excel() {
    let compare = |options: &str| {
        let line = format!("compare-sources --demo --month last --format csv {options}");
        let seen = run(&mut command(&line));
        assert_eq!(seen.code, 0, "{seen}");
        seen.out
    };
    let plain = compare("");
    assert!(
        plain.starts_with("clientId,clientName,query,jobs,difference\r\n"),
        "{plain}"
    );
    let excel = compare("--csv-for excel --csv-separator semicolon");
    let rows = excel.strip_prefix('\u{feff}').unwrap();
    // No name of the demo has one of the two separators.
    assert_eq!(rows, plain.replace(',', ";"));
}

#[test]
fn an_empty_result_for_excel_has_the_mark_and_the_headings() {
    let service = Service::replaying(r#"{"results":[],"queryStatus":"Complete"}"#);
    let seen = service.query(&format!("{WEEK} --format csv --csv-for excel"));
    assert!(
        seen.out.starts_with("\u{feff}interval,") && seen.out.lines().count() == 1,
        "{seen}"
    );
}

#[test]
fn rows_are_filtered_sorted_and_counted() {
    let service = Service::replaying(RESPONSE);
    let options = [
        "--top 2",
        "--sort client --format csv",
        "--client *PIPES* --format jsonl",
        "--template-uri /api/v2/users/{userId} --format json",
        "--method post --format jsonl",
        "--client nobody",
    ];
    let seen = options.map(|options| (options, service.query(&format!("{WEEK} {options}"))));
    assert_snapshot!("selected_rows", transcript(seen));
}

#[test]
fn a_filter_also_groups_by_its_dimension() {
    let mut query = command("query --demo --month 2024-02 --method DELETE --format json");
    let response: Value = serde_json::from_str(&run(&mut query).out).unwrap();
    assert_eq!(
        response["query"]["groupBy"],
        json!(["OAuthClientId", "HttpMethod"])
    );
}

#[test]
fn several_patterns_are_combined_and_a_misspelt_one_is_reported() {
    let mut query = command("query --demo --month 2024-02 --method post,put");
    let seen = run(query.args(["--client", "crm connector", "--client", "Chat"]));
    assert_snapshot!("several_filters", seen);
}

#[test]
fn rows_are_sorted_only_by_properties_that_they_have() {
    let query = |options: &str| run(&mut command(&format!("query --demo --month 2024-02 {options}")));
    for options in [
        "--sort status429 --metrics requests",
        "--sort method",
        "--sort client --group-by endpoint",
        "--sort date",
    ] {
        let seen = query(options);
        assert!(seen.code == 2 && seen.out.is_empty(), "{options:?}: {seen}");
    }
    let of = |options: &str| query(&format!("--top 3 --format csv {options}")).out;
    let by_it = of("--metrics status429 --sort status429");
    assert_eq!(of("--metrics status429"), by_it);
    let options = [
        "--metrics status429",
        "--group-by user --metrics requests --top 3",
    ];
    let seen = options.map(|options| (options, query(options)));
    assert_snapshot!("default_order", transcript(seen));
}

#[test]
fn future_days_are_left_out_with_a_note() {
    let yesterday = (common::today() - chrono::Days::new(1)).to_string();
    let mut query = command("query --demo --since 2024-02-01 --until 2999-12-31 --top 1");
    let seen = run(&mut query);
    seen.warns(&format!(
        "note: there is no data after {yesterday} yet; the days until 2999-12-31 are left out\n"
    ));
    seen.prints(&format!("(2024-02-01/{yesterday}, UTC days"));
}

#[test]
fn every_format_shows_that_there_are_no_rows() {
    let service = Service::replaying(r#"{"results":[],"queryStatus":"Complete"}"#);
    assert_snapshot!(
        "no_rows",
        transcript(FORMATS.map(|format| in_format(&service, format)))
    );
}

#[test]
fn a_table_fits_without_unicode_and_in_colour() {
    let query = "query --demo --month 2024-02 --top 2";
    assert_snapshot!("ascii_table", run(command(query).env("LC_ALL", "C")));
    let report = "report --demo --month 2024-02 --top 2 --allotment 2000000";
    assert_snapshot!("ascii_report", run(command(report).env("LC_ALL", "C")));
    let colourful = run(command(report).args(["--color", "always"]));
    assert!(colourful.out.contains("\u{1b}[1mAPI usage") && colourful.out.contains("\u{1b}[31m"));
    let plain = run(command(report).args(["--color", "never"]));
    let mut stripped = colourful.out.clone();
    for code in ["1", "31", "32", "33", "0"] {
        stripped = stripped.replace(&format!("\u{1b}[{code}m"), "");
    }
    // The text without the colours is the same.
    assert_eq!(stripped, plain.out);
}
