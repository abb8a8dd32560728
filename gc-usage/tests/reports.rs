//! `report` and `check`, as people and other programs read them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{command, run};
use insta::assert_snapshot;
use serde_json::Value;

const MONTH: [&str; 3] = ["--demo", "--month", "2024-03"];

#[test]
fn the_report_in_every_format() {
    for format in ["text", "markdown"] {
        let report = "report --top 3 --allotment 2000000 --price-per-request 0.0005 --format";
        let seen = run(command(report).arg(format).args(MONTH));
        assert_snapshot!(format!("report_as_{format}"), seen);
    }
    let seen = run(command("report")
        .args(MONTH)
        .args(["--licences", "cx3=10,cx1=4", "--format", "json"]));
    let report: Value = serde_json::from_str(&seen.out).unwrap();
    let sum = |list: &str| {
        let counts = report[list].as_array().unwrap().iter();
        counts.map(|one| one["requests"].as_i64().unwrap()).sum::<i64>()
    };
    let totals = &report["totals"];
    let requests = totals["requests"].as_i64().unwrap();
    assert_eq!(["days", "clients", "endpoints"].map(sum), [requests; 3]);
    assert_eq!(report["days"].as_array().unwrap().len(), 31);
    assert_eq!(report["month"]["allotment"], 1_700_000);
    assert!(totals["status429"].as_i64().unwrap() < totals["status400"].as_i64().unwrap());
}

#[test]
fn the_current_month_is_projected() {
    let mut report = command("report --demo --last 2d --allotment 1 --format json");
    let report: Value = serde_json::from_str(&run(&mut report).out).unwrap();
    let month = &report["month"];
    let number = |value: &Value| value.as_i64().unwrap();
    let [low, high] = [0, 1].map(|place| number(&month["range"][place]));
    let projected = number(&month["projected"]);
    assert!(
        [number(&month["requests"]), low, projected, high].is_sorted(),
        "{month}"
    );
}

#[test]
fn the_exit_code_of_a_check_is_its_result() {
    for (name, code, options) in [
        ("check_within", 0, "--max-requests 3,000,000 --max-429-share 10%"),
        (
            "check_over",
            1,
            "--max-requests 2000000 --max-error-share 0.5% --allotment 2_000_000",
        ),
        ("check_json", 1, "--max-429-share 1% --format json"),
        ("check_openmetrics", 1, "--licences cx1=10 --format openmetrics"),
    ] {
        let seen = run(command("check").args(MONTH).args(options.split(' ')));
        assert_eq!(seen.code, code, "{seen}");
        assert_snapshot!(name, seen);
    }
    let mut check = command("check --api-url http://127.0.0.1:1 --timeout 200ms --max-requests 1");
    let seen = run(check.env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
    assert_eq!(seen.code, 4, "the check failed: {seen}");
}

#[test]
fn an_allotment_is_compared_with_its_month_and_names_its_clients() {
    // The period ends in a month that is over.
    let seen = run(command("check --demo --format json")
        .args(["--since", "2024-02-20", "--until", "2024-03-10"])
        .args(["--allotment", "1", "--max-requests", "1"]));
    let check: Value = serde_json::from_str(&seen.out).unwrap();
    let whole = run(command("report --format json").args(MONTH));
    let whole: Value = serde_json::from_str(&whole.out).unwrap();
    assert_eq!(check["month"]["daysLeft"], 0, "{check}");
    assert_eq!(check["month"]["requests"], whole["totals"]["requests"]);
    let first = |limit: &str| {
        let findings = check["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["limit"] == limit).unwrap();
        finding["by"][0]["count"].clone()
    };
    assert_eq!(first("allotment"), whole["clients"][0]["requests"]);
    assert_ne!(first("allotment"), first("max-requests"));
}

#[test]
fn the_extension_of_the_file_selects_the_format() {
    let directory = tempfile::tempdir().unwrap();
    let written = |arguments: &str, name: &str| {
        let path = directory.path().join(name);
        let seen = run(command(arguments).args(MONTH).arg("--output").arg(&path));
        assert!(seen.out.is_empty() && seen.code < 2, "{seen}");
        std::fs::read_to_string(path).unwrap()
    };
    let check = "check --max-requests 1";
    assert!(written("report", "usage.md").starts_with("# "));
    assert!(written("report", "usage.txt").starts_with("API usage"));
    assert!(serde_json::from_str::<Value>(&written("report", "usage.json")).is_ok());
    assert!(serde_json::from_str::<Value>(&written(check, "usage.json")).is_ok());
    assert!(written(check, "usage.prom").ends_with("# EOF\n"));
    assert!(written("report", "usage.html").starts_with("<!DOCTYPE html>"));
    let seen = run(command("report --output usage.pdf").args(MONTH));
    assert_snapshot!(seen, @r"
    exit 2
    --- stdout
    --- stderr
    error: --output usage.pdf: the format cannot be derived from the name
    hint: add --format, or use a name that ends in one of .html, .htm, .md, .json, .txt, .xlsx
    ");
    let seen = run(command("report --output -").args(MONTH));
    assert!(seen.code == 0 && seen.out.starts_with("API usage"), "{seen}");
}

#[test]
fn metrics_are_written_completely() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gc_usage.prom");
    let check = "check --max-requests 1 --format openmetrics";
    let seen = run(command(check).args(MONTH).arg("--output").arg(&path));
    assert_eq!((seen.code, seen.out.as_str()), (1, ""));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("gc_usage_over_limit{limit=\"max-requests\"} 1\n"),
        "{text}"
    );
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn bars_of_several_days_show_their_mean() {
    let mut report = command("report --demo --since 2024-01-01 --until 2024-11-05");
    let seen = run(&mut report);
    let chart = seen.out.split_once("Requests per day, mean of 3 days\n");
    let (_, chart) = chart.unwrap_or_else(|| panic!("{seen}"));
    let label = chart.split_whitespace().next().unwrap();
    let largest: u32 = label.replace(',', "").parse().unwrap();
    // The requests of one day. Three days have more than twice as many.
    assert!((60_000..100_000).contains(&largest), "{label}");
}

#[test]
fn a_page_is_opened_only_if_it_was_written_and_never_makes_the_command_fail() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let (page, seen_by_program) = (
        directory.path().join("usage.html"),
        directory.path().join("opened"),
    );
    // The program that opens files on Linux; elsewhere, there is nothing that a test could replace.
    let program = directory.path().join("xdg-open");
    let script = format!(
        "#!/bin/sh\nprintf %s \"$1\" >'{0}.new' && mv '{0}.new' '{0}'\n",
        seen_by_program.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let report = |path: &std::path::Path| {
        let mut report = command("report --open");
        report.args(MONTH).arg("--output").arg(&page).env("PATH", path);
        run(&mut report)
    };
    if cfg!(target_os = "linux") {
        let path = format!("{}:/usr/bin:/bin", directory.path().display());
        let seen = report(std::path::Path::new(&path));
        assert_eq!(seen.code, 0, "{seen}");
        // The program runs on its own.
        common::until("the page is opened", || seen_by_program.exists());
        assert_eq!(
            std::fs::read_to_string(&seen_by_program).unwrap(),
            page.display().to_string()
        );
        let seen = report(std::path::Path::new("/nowhere"));
        assert_eq!(seen.code, 0, "{seen}");
        seen.warns("open it yourself");
    }
    let seen = run(command("report --open").args(MONTH));
    assert_eq!(seen.code, 2, "{seen}");
    let seen = run(command("report --open --output -").args(MONTH));
    seen.fails(2, "--open: standard output");
}

#[test]
fn the_same_data_gives_the_same_page() {
    let page = |epoch: &str| {
        let mut report = command("report --format html --allotment 2000000");
        run(report.args(MONTH).env("SOURCE_DATE_EPOCH", epoch))
    };
    let first = page("1711929600");
    assert_eq!(first.code, 0, "{first}");
    assert!(first.out.contains("1 Apr 2024, 00:00 UTC") && first.out == page("1711929600").out);
    assert!(
        first
            .out
            .contains("<code>gc-usage report --demo --month=2024-03 --allotment=2000000</code>")
    );
    page("yesterday").fails(2, "SOURCE_DATE_EPOCH: expected seconds since 1970");
}
