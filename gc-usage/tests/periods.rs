//! Periods that have started but have no data yet, with each command.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use chrono::{Days, NaiveDate};
use common::{Seen, Service, command, run, today};
use serde_json::Value;
use usage_sim::Simulator;

/// Runs a command, again if midnight passed in between.
fn on_one_day(mut run: impl FnMut(NaiveDate) -> Seen) -> (Seen, NaiveDate) {
    loop {
        let day = today();
        let seen = run(day);
        if day == today() {
            return (seen, day);
        }
    }
}

#[test]
fn a_period_that_starts_today_is_not_an_error_and_sends_no_query() {
    let service = Service::start(Simulator::builder());
    let text = |day: NaiveDate| {
        let yesterday = day - Days::new(1);
        format!(
            "there is no data for {day} yet; data arrives a day later, and the last day with data is {yesterday} (UTC)"
        )
    };
    for options in [
        "--since {}",
        "--interval {}/{}",
        "--last 1d --until {}",
        "--since {} --until {}",
    ] {
        let on_that_day = |arguments: &str| {
            on_one_day(|day| {
                let options = options.replace("{}", &day.to_string());
                run(service.command(arguments).args(options.split(' ')))
            })
        };
        let (seen, day) = on_that_day("check --max-requests 5 --allotment 7");
        assert_eq!((seen.code, seen.out), (0, format!("ok   {}\n", text(day))));
        let (seen, _) = on_that_day("check --max-requests 5 --format openmetrics");
        seen.prints("gc_usage_over_limit{limit=\"max-requests\"} 0\n");
        let (seen, day) = on_that_day("check --max-requests 5 --format json");
        let checked: Value = serde_json::from_str(&seen.out).unwrap();
        assert_eq!(seen.code, 0);
        assert!(
            checked["isOver"] == false && checked["noDataYet"] == true,
            "{seen}"
        );
        assert_eq!(checked["period"]["first"], day.to_string());

        let (seen, day) = on_that_day("report");
        seen.prints(&text(day)[1..]);
        let (seen, day) = on_that_day("report --format markdown");
        seen.prints(&text(day)[1..]);
        assert!(seen.out.starts_with("# API usage, "), "{seen}");
        let (seen, _) = on_that_day("report --format json");
        let report: Value = serde_json::from_str(&seen.out).unwrap();
        assert!(
            report["noDataYet"] == true && report["totals"].is_null(),
            "{seen}"
        );

        for (format, out) in [
            ("csv", "interval,granularity,date,"),
            ("jsonl", ""),
            ("table", "No rows.\n"),
            ("markdown", "No rows.\n"),
        ] {
            let (seen, day) = on_that_day(&format!("query --format {format}"));
            // CSV has a line of headings.
            let has_no_row = seen.out.lines().count() == usize::from(!out.is_empty());
            let begins = seen.out.starts_with(out);
            assert!(seen.code == 0 && begins && has_no_row, "{format}: {seen}");
            assert_eq!(seen.err, format!("note: {}\n", text(day)));
        }
        let (seen, _) = on_that_day("query --format json");
        let response: Value = serde_json::from_str(&seen.out).unwrap();
        assert_eq!((seen.code, &response["results"]), (0, &Value::Array(Vec::new())));

        // There is no id to print.
        let (seen, day) = on_that_day("submit");
        assert_eq!((seen.code, seen.err), (2, format!("error: {}\n", text(day))));
    }
    assert_eq!(service.simulator.requests().len(), 0);
}

#[test]
fn settings_are_checked_even_without_a_query() {
    let (seen, _) = on_one_day(|day| run(command("check --max-requests 5 --since").arg(day.to_string())));
    seen.fails(2, "no credentials");
}

#[test]
fn a_future_period_is_an_error() {
    for line in ["query", "report", "check --max-requests 5", "submit"] {
        for options in [
            "--since 2999-01-01",
            "--month 2999-01",
            "--interval 2999-01-01/2999-01-02",
            "--last 1d --until 2999-01-01",
        ] {
            let seen = run(&mut command(&format!("{line} {options} --demo")));
            seen.is(2, "");
            seen.warns("there is no data for 2999-01-01 yet");
        }
    }
}

#[test]
fn until_sets_the_end_of_last() {
    let service = Service::ready();
    for line in ["query --format csv", "report", "check --max-requests 5", "submit"] {
        let until = |start: &str| service.run(&format!("{line} {start} --until 2024-03-10"));
        let seen = until("--last 7d");
        assert!(seen.code <= 1, "{seen}");
        for conflict in ["--month 2024-02", "--interval 2024-02-01/2024-02-02"] {
            until(conflict).fails(2, "cannot be used with");
        }
    }
    let queries = service.queries();
    assert_eq!(queries.len(), 4);
    for query in queries {
        let interval = query["interval"].as_str().unwrap();
        assert!(interval.contains("/2024-03-"), "{interval}");
        assert!(!interval.contains(&today().to_string()[..7]), "{interval}");
    }
}
