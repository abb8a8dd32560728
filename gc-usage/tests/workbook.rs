//! Excel workbooks, as another program reads them: the same rows as in CSV, with real dates and numbers, and texts as text.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{fs, io::Cursor, path::Path, process::Command};

use calamine::{Data, Range, Reader as _, Xlsx, open_workbook_from_rs};
use common::{Seen, Service, command, entries, home, in_shell, profile, run};
use serde_json::{Value, json};

const WEEK: &str = "--interval 2024-02-01/2024-02-07 --granularity day";

/// A sheet of a workbook. It has no formulas.
fn sheet(bytes: Vec<u8>, name: &str) -> Range<Data> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), [name]);
    assert!(
        workbook
            .worksheet_formula(name)
            .unwrap()
            .used_cells()
            .next()
            .is_none()
    );
    workbook.worksheet_range(name).unwrap()
}

/// What a command writes to standard output, which is no terminal.
fn piped(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    output.stdout
}

/// The cells of a sheet as CSV would show them. Panics at a cell that has another type than its column.
fn cells(sheet: &Range<Data>) -> Vec<Vec<String>> {
    let headings: Vec<_> = sheet.rows().next().unwrap().iter().map(Data::to_string).collect();
    let rows = sheet.rows().skip(1).map(|row| {
        let cells = headings
            .iter()
            .zip(row)
            .map(|(heading, cell)| match (&**heading, cell) {
                (_, Data::Empty) => String::new(),
                ("date", Data::DateTime(date)) => date.as_datetime().unwrap().date().to_string(),
                ("requests" | "query" | "jobs" | "difference", Data::Float(count)) => format!("{count:.0}"),
                (heading, Data::Float(count)) if heading.starts_with("status") => format!("{count:.0}"),
                (heading, Data::String(text)) if !heading.starts_with("status") => text.clone(),
                (heading, cell) => panic!("{heading} is {cell:?}"),
            });
        cells.collect::<Vec<_>>()
    });
    let rows: Vec<_> = rows.collect();
    [vec![headings], rows].concat()
}

/// The cells of a CSV file.
fn csv_cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let records = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect());
    records.collect()
}

/// Checks that a command writes the same cells in both formats.
fn assert_same(what: &str, mut command: impl FnMut() -> Command) -> usize {
    let csv = run(command().args(["--format", "csv"]));
    assert_eq!(csv.code, 0, "{what}: {csv}");
    let expected = csv_cells(&csv.out);
    let written = cells(&sheet(piped(command().args(["--format", "xlsx"])), "Rows"));
    assert_eq!(written, expected, "{what}");
    expected.len() - 1
}

#[test]
fn a_workbook_has_the_cells_of_csv_with_every_option() {
    let all = "--month 2024-03 --granularity day --group-by client,user,organization,template-uri,method";
    for options in [
        all,
        "--month 2024-03",
        "--month 2024-03 --sort client",
        "--month 2024-03 --group-by client,template-uri --sort status429 --top 5 --metrics status429,requests",
        "--month 2024-03 --granularity week --client Wallboard --method get,post --template-uri api/*",
        "--last 7d --source jobs --group-by client,platform --sort requests",
    ] {
        let rows = assert_same(options, || command(&format!("query --demo {options}")));
        assert!(rows > 0, "{options}");
    }
    let none = r#"{"results":[],"queryStatus":"Complete"}"#;
    let service = Service::replaying(none);
    assert_eq!(
        assert_same("no rows", || service.command(&format!("query {WEEK}"))),
        0
    );
    let id = service.submit();
    assert_same("results", || {
        service.command(&format!("results {id} --granularity day"))
    });
}

#[test]
fn several_organizations_have_a_column_of_profiles() {
    let rows = |client: &str| {
        let row = json!({"clientName": client, "requests": 7, "date": "2024-02-01T00:00:00Z"});
        json!({"results": [row], "queryStatus": "Complete"}).to_string()
    };
    let services = ["first", "second"].map(|client| Service::replaying(rows(client)));
    let profiles = ["a", "b"].iter().zip(&services);
    let profiles = profiles.map(|(name, service)| profile(name, &service.simulator.url(), "demo-secret"));
    let home = home(&profiles.collect::<String>(), "");
    let rows = assert_same("two organizations", || {
        let mut query = command(&format!("query {WEEK} --sort client --profile a,b"));
        query.env("HOME", home.path());
        query
    });
    assert_eq!(rows, 2);
}

#[cfg(feature = "sync")]
#[test]
fn rows_of_a_data_set_and_a_comparison_of_sources_are_the_same_as_in_csv() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("usage-data");
    let since = common::today() - chrono::Days::new(3);
    let synced = run(command(&format!("sync --demo --since {since} --to")).arg(&place));
    assert_eq!(synced.code, 0, "{synced}");
    let rows = assert_same("--from", || {
        let mut query = command("query --last 3d --granularity day --group-by client,template-uri --from");
        query.arg(&place);
        query
    });
    assert!(rows > 10, "{rows}");
    let compare = "compare-sources --demo --last 7d --format";
    let csv = run(&mut command(&format!("{compare} csv")));
    let written = sheet(piped(&mut command(&format!("{compare} xlsx"))), "Clients");
    assert_eq!(cells(&written), csv_cells(&csv.out));
}

/// A service with these rows.
fn service(rows: &[Value]) -> Service {
    Service::replaying(json!({"results": rows, "queryStatus": "Complete"}).to_string())
}

fn row(name: &str) -> Value {
    json!({"clientId": "1", "clientName": name, "requests": 7, "date": "2024-02-01T00:00:00Z"})
}

#[test]
fn names_are_text_whatever_they_are() {
    let mut names: Vec<_> = [
        "=1+cmd|' /C calc'!A0",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "＝1",
        "'=1",
        "{=1}",
        "https://example.org/?a=1&b=<2>",
        "mailto:someone@example.org",
        "internal:Sheet1!A1",
        "12345678901234567890",
        "1e5",
        "2024-02-01",
        "TRUE",
        "#N/A",
        " spaces \t around ",
        "line\nbreak",
        "carriage\r\nreturn",
        "controls \u{0}\u{1}\u{b}\u{1f}\u{7f}\u{85}",
        "noncharacters \u{fffe}\u{ffff}",
        "escaped _x0041_ _x005F_x0041_ _x00_ __x000A__ _x00e9_",
        "顧客 😀 \u{202e}",
        "\"quotes\" & <tags> ]]>",
    ]
    .map(str::to_owned)
    .into();
    let mut random = fastrand::Rng::with_seed(5);
    let pieces = [
        "_x", "000A", "_", "=", "\r", "\u{0}", " ", "\n", "é", "&", "<", "\"", "x", "_x005F_",
    ];
    names.extend((0..200).map(|_| {
        let length = random.usize(1..9);
        let pieces = (0..length).map(|_| *random.choice(&pieces).unwrap());
        // The next test says what this would become.
        pieces
            .collect::<String>()
            .replace("_x000A\r", "\r")
            .replace("_x000A\0", "\0")
    }));
    let rows: Vec<_> = names.iter().map(|name| row(name)).collect();
    let service = service(&rows);
    let written = sheet(
        piped(&mut service.command(&format!("query {WEEK} --format xlsx"))),
        "Rows",
    );
    let column = written
        .rows()
        .next()
        .unwrap()
        .iter()
        .position(|cell| *cell == "clientName");
    let read = written.rows().skip(1).map(|row| match &row[column.unwrap()] {
        Data::String(text) => text.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(read.collect::<Vec<_>>(), names);
}

/// Runs a query whose workbook fails. There is no file afterwards, and the hint names CSV.
#[track_caller]
fn fails(service: &Service, text: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut query = service.command(&format!("query {WEEK} --output usage.xlsx"));
    let seen = run(query.current_dir(directory.path()));
    seen.fails(2, text);
    seen.warns("--format csv");
    assert_eq!(entries(directory.path()), [""; 0]);
}

#[test]
fn what_a_workbook_cannot_contain_is_an_error_and_leaves_no_file() {
    let longest = "é".repeat(32_767);
    let workbook = |service: &Service| piped(&mut service.command(&format!("query {WEEK} --format xlsx")));
    let with = |key: &str, value: Value| {
        let mut row = row("a");
        row[key] = value;
        service(&[self::row("b"), row])
    };
    let written = cells(&sheet(workbook(&with("clientName", json!(longest))), "Rows"));
    assert!(written[2].contains(&longest));
    // Excel reads `_x000A_` as a line break. The escape of the carriage return begins with the last underscore.
    fails(
        &with("clientName", json!("_x000A\r")),
        "`clientName` of row 2 is a text with _x000A before a control character",
    );
    fails(
        &with("clientName", json!(format!("{longest}é"))),
        "`clientName` of row 2 is a text of 32,768 characters, but a cell of Excel has at most 32,767",
    );
    let written = cells(&sheet(
        workbook(&with("requests", json!(999_999_999_999_999_i64))),
        "Rows",
    ));
    assert!(written[2].contains(&"999999999999999".to_owned()));
    for count in [1_000_000_000_000_000, i64::MAX, i64::MIN] {
        fails(
            &with("requests", json!(count)),
            &format!("`requests` of row 2 is {count}, but Excel keeps only 15 digits of a number"),
        );
    }
    let written = cells(&sheet(
        workbook(&with("date", json!("1900-01-01T00:00:00Z"))),
        "Rows",
    ));
    assert!(written[2].contains(&"1900-01-01".to_owned()));
    fails(
        &with("date", json!("1899-12-31T00:00:00Z")),
        "`date` of row 2 is 1899-12-31, but Excel has no days before 1900-01-01",
    );
}

#[test]
fn a_full_disk_is_an_error_and_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let query =
        command("query --demo --month 2024-03 --granularity day --group-by client,method,template-uri");
    let shell = |script: &str| -> Seen { run(in_shell(script, &query).current_dir(directory.path())) };
    // The temporary file is larger than the workbook.
    let seen = shell(r#"ulimit -f 8; "$@" --output usage.xlsx"#);
    seen.fails(2, "error: cannot write a temporary file in .: File too large");
    assert_eq!(seen.err.lines().count(), 3, "{seen}");
    assert_eq!(entries(directory.path()), [""; 0]);
    let seen = shell(r#"TMPDIR=/nonexistent "$@" --format xlsx"#);
    seen.fails(
        2,
        "error: cannot write a temporary file in /nonexistent: No such file",
    );
    let seen = shell(r#""$@" --output usage.xlsx; TMPDIR=/nonexistent "$@" --output other.xlsx"#);
    assert_eq!(seen.code, 0, "{seen}");
    assert_eq!(entries(directory.path()), ["other.xlsx", "usage.xlsx"]);
    let [usage, other] =
        ["usage.xlsx", "other.xlsx"].map(|name| fs::read(directory.path().join(name)).unwrap());
    assert_eq!(usage, other, "the same rows make the same file");
    let seen = shell(r#""$@" --output /dev/full --format xlsx"#);
    seen.fails(2, "error: cannot write /dev/full: No space left on device");
    assert_eq!(seen.err.lines().count(), 3, "{seen}");
    let seen = shell(r#""$@" --format xlsx | head -c 100 >/dev/null"#);
    assert_eq!(seen.err.lines().count(), 1, "{seen}");
}

#[test]
fn the_extension_selects_the_format_and_other_spreadsheets_are_refused_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let query = |name: &str| {
        let mut query = command("query --demo --month 2024-02 --output");
        run(query.arg(name).current_dir(directory.path()))
    };
    for name in ["usage.xlsx", "usage.XLSX"] {
        query(name).is(0, "");
        sheet(fs::read(directory.path().join(name)).unwrap(), "Rows");
    }
    let seen = query("usage.ods");
    seen.fails(2, "rows cannot be written as ODS\nhint: use --output usage.xlsx");
    assert!(!Path::new("usage.ods").exists());
}

#[test]
fn a_report_is_a_workbook_with_all_of_its_lists() {
    let directory = tempfile::tempdir().unwrap();
    let report = |options: &str| {
        let mut report = command(&format!("report --demo {options}"));
        run(report.current_dir(directory.path()))
    };
    let seen = report("--month 2024-03 --allotment 2000000 --output usage.xlsx");
    seen.is(0, "");
    let bytes = fs::read(directory.path().join("usage.xlsx")).unwrap();
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = [
        "Summary",
        "Days",
        "Month",
        "Clients",
        "Endpoints",
        "Rate limited",
        "Rows",
    ];
    assert_eq!(workbook.sheet_names(), names);
    let json: Value = serde_json::from_str(&report("--month 2024-03 --format json").out).unwrap();
    for (name, list) in [
        ("Days", "days"),
        ("Rate limited", "rateLimited"),
        ("Rows", "pairs"),
    ] {
        let rows = workbook.worksheet_range(name).unwrap().rows().count() - 1;
        assert_eq!(rows, json[list].as_array().unwrap().len(), "{name}");
    }
    let summary = workbook.worksheet_range("Summary").unwrap();
    let has = |text: &str| {
        summary
            .used_cells()
            .any(|(_, _, cell)| *cell == Data::String(text.to_owned()))
    };
    assert!(has(
        "Demo: a simulated organization; all of this data is made up."
    ));
    assert!(has("March 2024 is over its allotment by 59,182 requests"));

    let seen = report("--month 2024-03 --top 3 --output usage.xlsx");
    seen.fails(2, "--top: a report as JSON or as a workbook always lists all");
    let jobs = report("--last 7d --source jobs --output jobs.xlsx");
    assert_eq!(jobs.code, 0, "{jobs}");
    let bytes = fs::read(directory.path().join("jobs.xlsx")).unwrap();
    let workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    // The counts of jobs say nothing about the allotment of a month.
    assert!(!workbook.sheet_names().contains(&"Month".to_owned()));
    let today = common::today();
    let seen = report(&format!("--interval {today}/{today} --output none.xlsx"));
    assert_eq!(seen.code, 0, "{seen}");
    let none = sheet(fs::read(directory.path().join("none.xlsx")).unwrap(), "Summary");
    assert!(
        none.used_cells()
            .any(|(_, _, cell)| cell.to_string().starts_with("There is no data"))
    );
}
