//! Several organizations in parallel. If one fails, the results of the others are not lost.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    process::{Command, Stdio},
};

use common::{Seen, Service, command, home, profile, ready, run, signal, transcript};
use insta::assert_snapshot;
use nix::sys::signal::Signal;
use serde_json::Value;
use usage_sim::Fault;

fn response(client: &str, requests: u32) -> String {
    format!(
        r#"{{"results":[{{"clientId":"{client}","clientName":"{client}","templateUri":"api/v2/users","requests":{requests},"status200":{requests},"date":"2024-02-01T00:00:00Z"}}],"queryStatus":"Complete"}}"#
    )
}

/// Two organizations that work, and one whose query fails.
struct Organizations {
    home: tempfile::TempDir,
    services: Vec<Service>,
}

impl Organizations {
    fn start() -> Self {
        let failing = Fault::on_results().always().query_status("Failed");
        let services = [
            ready().results(response("first", 10)),
            ready().results(response("second", 5)),
            ready().fault(failing),
        ];
        let services: Vec<_> = services.into_iter().map(Service::start).collect();
        let profiles = ["a", "b", "failing"].iter().zip(&services);
        let profiles = profiles.map(|(name, service)| profile(name, &service.simulator.url(), "demo-secret"));
        let home = home(&profiles.collect::<String>(), "");
        Self { home, services }
    }

    fn command(&self, line: &str) -> Command {
        let mut command = command(line);
        command.env("HOME", self.home.path());
        command
    }

    fn run(&self, line: &str) -> Seen {
        run(&mut self.command(line))
    }

    fn query(&self, options: &str) -> Seen {
        self.run(&format!("query --month 2024-02 --sort requests {options}"))
    }
}

const BOTH: &str = "--profile a --profile b";

#[test]
fn rows_of_two_organizations_have_a_column_for_the_profile() {
    let organizations = Organizations::start();
    let formats = ["table", "csv", "jsonl", "markdown"];
    let in_format = |format| (format, organizations.query(&format!("{BOTH} --format {format}")));
    assert_snapshot!("two", transcript(formats.map(in_format)));
    let (_, seen) = in_format("json");
    let response: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(response["organizations"][1]["profile"], "b");
    assert_eq!(response["organizations"][1]["queryStatus"], "Complete");
    assert_eq!(response["results"][0]["profile"], "a");
}

#[test]
fn a_failure_is_reported_and_the_other_organizations_are_shown() {
    let organizations = Organizations::start();
    let seen = organizations.query("--all-profiles --format csv");
    assert_snapshot!("one_failed", seen);
    let seen = organizations.query("--all-profiles --format json");
    let response: Value = serde_json::from_str(&seen.out).unwrap();
    let reason = "the service reports that the query failed; it gives no reason";
    assert_eq!(response["organizations"][2]["error"], reason);
    let path = organizations.home.path().join("usage.csv");
    let seen = organizations.query(&format!("--profile failing --output {}", path.display()));
    assert_eq!(seen.code, 5, "{seen}");
    assert!(!path.exists());
}

#[test]
fn no_file_is_written_if_part_of_an_organization_s_rows_is_missing() {
    let organizations = Organizations::start();
    // Enough rows, so that some are read before the cut.
    let row = r#"{"clientId":"second","requests":1,"status200":1,"date":"2024-02-01T00:00:00Z"},"#;
    let rows = format!(r#"{{"results":[{}"#, row.repeat(5000));
    let body = format!("{},{}", rows.trim_end_matches(','), "broken");
    let cut = Fault::on_results()
        .always()
        .status(200)
        .body("application/json", body);
    organizations.services[1].simulator.add_fault(cut);
    let path = organizations.home.path().join("usage.csv");
    for options in ["", "--format=json", "--top=2"] {
        fs::write(&path, "before").unwrap();
        let seen = organizations.query(&format!("{BOTH} {options} --output {}", path.display()));
        assert_eq!((seen.code, seen.out.as_str()), (4, ""), "{seen}");
        seen.warns("usage.csv was not written: only part");
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    }
    // There is no total, which would be wrong.
    let seen = organizations.query(BOTH);
    assert_eq!((seen.code, seen.out.as_str()), (4, ""), "{seen}");
}

#[test]
fn reports_and_checks_of_several() {
    let organizations = Organizations::start();
    let report = organizations.run(&format!("report --month 2024-02 --format json {BOTH}"));
    let reports: Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(reports[0]["profile"], "a");
    assert_eq!(reports[1]["totals"]["requests"], 5);
    let check = |options: &str| organizations.run(&format!("check --month 2024-02 --max-requests {options}"));
    assert_snapshot!(check(&format!("7 {BOTH}")), @r"
    exit 1
    --- stdout
    OVER a: max-requests: 10 requests, at most 7 are allowed
           10 by first
    a: 2024-02-01 to 2024-02-29 (UTC days)
    ok   b: max-requests: 5 requests, at most 7 are allowed
    b: 2024-02-01 to 2024-02-29 (UTC days)
    --- stderr
    ");
    let metrics = check(&format!("7 {BOTH} --format openmetrics"));
    assert_snapshot!("check_two_openmetrics", metrics);
    // It is certain that a limit is exceeded, even if another query failed. The failure is reported too.
    let seen = check("7 --all-profiles");
    seen.fails(1, "profile `failing`: ");
    let seen = check("7000 --all-profiles");
    assert_eq!(seen.code, 5, "{seen}");
    let seen = organizations.run("login --check --all-profiles");
    assert_eq!((seen.code, seen.out.matches(": ok: ").count()), (0, 3), "{seen}");
}

#[test]
fn the_command_to_continue_contains_the_profile() {
    let organizations = Organizations::start();
    let slow = Fault::on_results().always().query_status("Running");
    organizations.services[0].simulator.add_fault(slow);
    let process = organizations
        .command("query --profile a")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    organizations.services[0].until_polled();
    signal(process.id(), Signal::SIGINT);
    Seen::from(process.wait_with_output().unwrap()).warns(" --wait --profile=a");
}

#[test]
fn commands_for_one_organization_refuse_several() {
    let organizations = Organizations::start();
    for arguments in [
        "submit --all-profiles",
        "query --profile a --profile b --region eu-west-1",
        "query --profile a --profile a",
    ] {
        let seen = organizations.run(arguments);
        assert_eq!(seen.code, 2, "{seen}");
    }
}

#[test]
fn a_report_has_an_entry_for_each_organization() {
    let organizations = Organizations::start();
    let report = |format: &str| {
        let options = format!("report --month 2024-02 --all-profiles --format {format}");
        organizations.run(&options)
    };
    let formats = ["text", "markdown"].map(|format| (format, report(format)));
    for (_, seen) in &formats {
        seen.fails(5, "error: profile `failing`: ");
    }
    assert_snapshot!("report_of_three", transcript(formats));
    let seen = report("json");
    let json: Value = serde_json::from_str(&seen.out).unwrap();
    let profiles: Vec<_> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["profile"])
        .collect();
    assert_eq!(profiles, ["a", "b", "failing"]);
    assert_eq!(json[0]["totals"]["requests"], 10);
    assert!(
        json[2]["error"].as_str().unwrap().contains("the query failed"),
        "{seen}"
    );
    assert!(json[2].get("totals").is_none(), "{seen}");
    let seen = report("html");
    assert_eq!(seen.code, 5);
    for part in [
        "<h1>3 organizations, February 2024</h1>",
        "<h2 class=\"organization\" id=\"o1\"><bdi>a</bdi></h2>",
        "id=\"o2-clients\"",
        "<h2><bdi>failing</bdi>: no data</h2>",
    ] {
        assert!(seen.out.contains(part), "{part}: {seen}");
    }
}

#[test]
fn a_broken_profile_is_one_failed_organization() {
    let organizations = Organizations::start();
    let file = organizations.home.path().join(".config/gc-usage/config.toml");
    let profiles = fs::read_to_string(&file).unwrap();
    for (broken, reason) in [
        ("regoin = \"eu-west-1\"\n", "unknown field `regoin`"),
        (
            "region = \"eu-west-1\"\nclient_id = \"c\"\nclient_secret_file = \"~/none\"\n",
            "cannot read ",
        ),
        ("region = \"eu-west-1\"\n", "no credentials"),
    ] {
        let profiles = format!("{}\n[broken]\n{broken}", profiles.replace("failing", "c"));
        fs::write(&file, profiles).unwrap();
        let seen = organizations.query("--profile a,b --profile broken --format csv");
        assert!(
            seen.out.contains("first") && seen.out.contains("second"),
            "{seen}"
        );
        seen.fails(2, "error: profile `broken`: ");
        seen.warns(reason);
        let login = organizations.run("login --all-profiles");
        let works = login.out.matches(": ok: ").count();
        assert_eq!((login.code, works), (2, 3), "{login}");
        let alone = organizations.query("--profile broken");
        alone.fails(2, reason);
        alone.hides("`broken`: ");
        let other = organizations.query("--profile b");
        assert_eq!(other.code, 0, "{other}");
    }
}

#[test]
fn profiles_may_be_separated_by_commas() {
    let organizations = Organizations::start();
    let both = ["--profile", "a", "--profile", "b"];
    for profiles in [&["--profile", "a,b"][..], &["--profile", "a, B"], &both] {
        let mut query = organizations.command("query --month 2024-02 --format csv");
        let seen = run(query.args(profiles));
        assert_eq!((seen.code, seen.out.lines().count()), (0, 3), "{seen}");
    }
    for (profiles, reason) in [
        ("a,b,a", "`a` is named twice"),
        ("a,A", "`a` is named twice"),
        ("a,bb", "there is no profile `bb`"),
        ("a,", "there is no profile ``"),
    ] {
        let seen = organizations.query(&format!("--profile {profiles}"));
        seen.fails(2, reason);
    }
}
