//! Usage queries and usage jobs as sources of the same counts.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{collections::BTreeMap, process::Stdio};

use common::{Seen, Service, command, ready, run, signal, today};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use usage_sim::{Fault, Simulator};

/// A client of the simulated organization.
const WALLBOARD: &str = "242c00c7-750e-4fdb-9127-561e553496b7";

/// The rows of a command that writes JSON lines.
fn rows(seen: &Seen) -> Vec<Value> {
    assert_eq!(seen.code, 0, "{seen}");
    let rows = seen.out.lines().map(|line| serde_json::from_str(line).unwrap());
    rows.collect()
}

/// The requests of each client and day.
fn requests(rows: &[Value]) -> BTreeMap<(String, String), i64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        *sums.entry((text("clientName"), text("date"))).or_default() += row["requests"].as_i64().unwrap();
    }
    sums
}

/// The bodies of the jobs that were submitted.
fn jobs(service: &Service) -> Vec<Value> {
    let requests = service.simulator.requests();
    let jobs = requests
        .iter()
        .filter(|request| request.method == "POST" && request.path.ends_with("/jobs"));
    jobs.map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect()
}

#[test]
fn jobs_of_200_days_have_the_sums_of_the_query_and_the_clients_of_the_platform() {
    let query = "query --demo --last 200d --granularity day --group-by client";
    let shown = run(&mut command(&format!("{query} --source jobs")));
    assert!(
        shown.code == 0 && shown.out.contains("Wallboard") && shown.out.contains("2xx"),
        "{shown}"
    );
    let of = |source: &str| {
        requests(&rows(&run(&mut command(&format!(
            "{query} --format jsonl --source {source}"
        )))))
    };
    let (queries, mut jobs) = (of("query"), of("jobs"));
    let both = jobs.len();
    jobs.retain(|key, _| queries.contains_key(key));
    assert!(jobs.len() < both, "the platform's own clients are missing");
    assert_eq!(jobs, queries);
    let days: std::collections::BTreeSet<_> = queries.keys().map(|(_, day)| day).collect();
    assert_eq!(days.len(), 200);
}

#[test]
fn rows_with_a_platform_have_a_column_for_it() {
    let service = Service::ready();
    let query = "--source jobs --last 7d --group-by platform,method --sort method";
    for (format, heading) in [
        ("csv", ",httpMethod,platform,requests,"),
        ("table", " Method   Platform "),
        ("md", "| Method | Platform |"),
    ] {
        let seen = service.query(&format!("{query} --format {format}"));
        seen.prints(heading);
        seen.prints("Integration");
    }
    let seen = service.query(&format!("{query} --format json"));
    let page: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(page["query"]["groupBy"], json!(["Platform", "HttpMethod"]));
    assert_eq!(page["jobIds"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(page["queryStatus"], "Succeeded");
    let seen = service.query("--source jobs --last 7d --format csv");
    assert!(seen.code == 0 && !seen.out.contains("platform"), "{seen}");
}

#[test]
fn each_source_refuses_what_it_cannot_count_by_and_says_what_to_do() {
    let refused = |options: &str, reason: &str, way: &str| {
        let seen = run(&mut command(&format!("{options} --demo --last 7d")));
        seen.fails(2, reason);
        seen.warns(way);
        assert!(!seen.err.contains("Demo"), "{options} was sent: {seen}");
    };
    let jobs = "query --source jobs --group-by";
    refused(
        "query --group-by platform",
        "only usage jobs do",
        "add --source jobs",
    );
    refused(
        &format!("{jobs} organization"),
        "count only its own requests",
        "--for-client ID",
    );
    refused(
        &format!("{jobs} client --for-client a"),
        "all rows",
        "leave `client` out",
    );
    refused(
        &format!("{jobs} user --for-client a"),
        "by user",
        "leave --for-client out",
    );
    refused(
        "query --group-by user --for-client a",
        "by user",
        "leave --for-client out",
    );
    refused(
        "query --client x --for-client a",
        "all rows are of one client",
        "use one of both",
    );
    for option in [
        "--allotment 5",
        "--licences cx3=1",
        "--allotment 5 --price-per-request 1",
    ] {
        refused(
            &format!("report --source jobs {option}"),
            "more requests than are billed",
            "--source query",
        );
    }
    refused(
        "check --source jobs --allotment 5",
        "more requests than are billed",
        "--source query",
    );
    let seen = run(&mut command("results a b"));
    seen.fails(2, "only one id");
    seen.warns("--source jobs");
    let seen = run(&mut command("results a --raw --source jobs"));
    seen.fails(2, "come in pages");
}

#[test]
fn filters_with_exact_values_are_sent_and_change_no_result() {
    let service = Service::ready();
    let id = WALLBOARD;
    let filters = [
        (format!("--client {id}"), json!({"oauthClientIds": [id]})),
        ("--method get".to_owned(), json!({"httpMethods": ["GET"]})),
        (
            "--template-uri /api/v2/users --template-uri api/v2/users/search".to_owned(),
            json!({"templateUris": ["api/v2/users", "api/v2/users/search"]}),
        ),
        ("--client Wallboard --method G*".to_owned(), json!({})),
        ("--template-uri api/v2/users*".to_owned(), json!({})),
    ];
    for (options, sent) in filters {
        let of = |source: &str| {
            let seen = service.query(&format!("--last 7d {options} --format jsonl --source {source}"));
            requests(&rows(&seen))
        };
        let (queries, mut of_jobs) = (of("query"), of("jobs"));
        // The platform's own clients use some of these endpoints too.
        of_jobs.retain(|key, _| queries.contains_key(key));
        assert!(
            !queries.is_empty() && queries == of_jobs,
            "{options}: {queries:?} {of_jobs:?}"
        );
        let body = jobs(&service).pop().unwrap();
        for filter in ["oauthClientIds", "httpMethods", "templateUris"] {
            assert_eq!(body[filter], sent[filter], "{options}: {body}");
        }
        assert!(
            body["groupBy"]
                .as_array()
                .unwrap()
                .contains(&json!("OauthClientName")),
            "{body}"
        );
    }
}

#[test]
fn one_client_is_asked_for_with_its_own_permission() {
    let service = Service::start(ready().permissions(["usage:client:view".to_owned()]));
    let all = service.query("--last 7d");
    all.fails(3, "missing.any.permissions");
    all.warns("Usage > Organization > View");
    let jobs = service.query("--last 7d --source jobs");
    jobs.fails(3, "usage:organization:view");
    jobs.warns("Usage > Organization > View");
    let of = |source: &str| {
        let seen = service.query(&format!(
            "--last 7d --for-client {WALLBOARD} --group-by template-uri --format jsonl --source {source}"
        ));
        rows(&seen)
            .iter()
            .map(|row| row["requests"].as_i64().unwrap())
            .sum::<i64>()
    };
    assert!(of("query") > 0 && of("query") == of("jobs"));
    for source in ["query", "jobs"] {
        let options = format!("--for-client {WALLBOARD} --source {source}");
        let report = service.run(&format!("report --last 7d {options}"));
        report.prints("api/v2/routing/queues/{queueId}/members");
        let client = if source == "jobs" { WALLBOARD } else { "Wallboard" };
        report.prints(client);
        let submitted = service.run(&format!("submit --last 7d {options}"));
        let id = submitted.out.trim_end();
        service.run(&format!("status {id} {options}")).prints("e");
        service.run(&format!("results {id} {options}")).prints("1 row");
    }
    let service = Service::start(ready().permissions(["usage:organization:view".to_owned()]));
    let seen = service.query(&format!("--last 7d --for-client {WALLBOARD} --source jobs"));
    seen.fails(3, "usage:client:view");
    seen.warns("Usage > Client > View");
}

#[test]
fn submit_prints_an_id_for_each_job_and_results_joins_their_rows() {
    let service = Service::start(Simulator::builder().running_polls(1));
    let query = "--last 200d --granularity day --source jobs";
    let submitted = service.run(&format!("submit {query}"));
    let ids: Vec<_> = submitted.out.lines().collect();
    assert_eq!((submitted.code, ids.len()), (0, 3), "{submitted}");
    let all = ids.join(" ");
    let status = service.run(&format!("status {all} --source jobs"));
    let lines: String = ids.iter().map(|id| format!("{id} Queued\n")).collect();
    status.is(6, &lines);
    status.warns(&format!("gc-usage results {all} --wait --source=jobs"));
    let joined = service.run(&format!("results {all} --wait --source jobs --format jsonl"));
    let queried = service.query(&format!("{query} --format jsonl"));
    let without_interval = |rows: Vec<Value>| {
        let rows = rows.into_iter().map(|mut row| {
            let members = row.as_object_mut().unwrap();
            members.remove("interval");
            members.remove("granularity");
            row
        });
        rows.collect::<Vec<_>>()
    };
    assert_eq!(without_interval(rows(&joined)), without_interval(rows(&queried)));
    let lines: String = ids.iter().map(|id| format!("{id} Succeeded\n")).collect();
    service.run(&format!("status {all} --source jobs")).is(0, &lines);
    service
        .run(&format!("status {} --source jobs", ids[0]))
        .is(0, "Succeeded\n");
}

#[test]
fn ctrl_c_and_the_deadline_name_all_jobs() {
    let service = Service::start(Simulator::builder().running_polls(1_000_000));
    let query = "--last 100d --granularity week --source jobs";
    let seen = service.query(&format!("{query} --wait-timeout 1s"));
    seen.fails(6, "continue to wait with: gc-usage results ");
    let (_, command) = seen.err.split_once("gc-usage results ").unwrap();
    let (ids, options) = command.split_once(" --wait ").unwrap();
    assert_eq!(ids.split(' ').count(), 2, "{seen}");
    assert!(
        options.contains("--granularity=week") && options.contains(" --source=jobs "),
        "{seen}"
    );

    let process = service
        .command(&format!("query {query}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let polls = service.simulator.requests().len() + 4;
    common::until("a poll of a job", || service.simulator.requests().len() > polls);
    signal(process.id(), Signal::SIGINT);
    let seen = Seen::from(process.wait_with_output().unwrap());
    seen.fails(130, "show its rows later with: gc-usage results ");
    let (_, command) = seen.err.split_once("gc-usage results ").unwrap();
    assert!(
        command.contains(" --wait --granularity=week --source=jobs "),
        "{seen}"
    );
}

#[test]
fn limits_of_jobs_reach_the_user_with_the_option_to_change() {
    let seen = run(&mut command("query --demo --source jobs --last 100d"));
    seen.fails(2, "90 days");
    seen.warns("hint: add --granularity day");
    let seen = run(&mut command(
        "query --demo --source jobs --since 2020-01-01 --granularity day",
    ));
    let first = today() - chrono::Months::new(12);
    seen.fails(2, &first.to_string());
    seen.warns("--source query");
}

#[test]
fn a_retired_query_names_the_jobs() {
    for status in [404, 410] {
        let service = Service::start(ready().retired(status));
        for line in ["query --last 7d", "report --last 7d", "submit --last 7d"] {
            let seen = service.run(line);
            seen.fails(4, &status.to_string());
            seen.warns("hint: the service may have retired usage queries, which usage jobs replace: add --source jobs");
            let seen = service.run(&format!("{line} --source jobs"));
            assert_eq!(seen.code, 0, "{seen}");
        }
    }
}

#[test]
fn an_unknown_client_of_for_client_is_not_taken_for_a_retired_service() {
    for source in ["query", "jobs"] {
        let seen = Service::start(ready()).query(&format!("--last 7d --for-client nobody --source {source}"));
        seen.fails(4, "404");
        seen.warns("hint: check the id of --for-client");
    }
}

#[test]
fn a_job_that_failed_or_was_cancelled_says_so() {
    for status in ["Failed", "Cancelled"] {
        let service = Service::start(ready().fault(Fault::on_job_results().always().query_status(status)));
        let query = "--last 7d --source jobs";
        service.query(query).fails(5, "the job ");
        let submitted = service.run(&format!("submit {query}"));
        let id = submitted.out.trim_end();
        let seen = service.run(&format!("status {id} --source jobs"));
        seen.is(5, &format!("{status}\n"));
    }
}

#[test]
fn a_request_from_a_file_has_the_names_of_its_source() {
    let service = Service::ready();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("query.json");
    let interval = format!("{0}/{0}", today() - chrono::Days::new(3));
    let of_jobs = json!({"interval": interval, "groupBy": ["OauthClientName"], "platforms": ["Api"]});
    std::fs::write(&path, of_jobs.to_string()).unwrap();
    let from_file = |options: &str| {
        let mut query = service.command(&format!("query {options}"));
        run(query.arg("--file").arg(&path))
    };
    from_file("--source jobs --method GET").prints("Wallboard");
    let body = jobs(&service).pop().unwrap();
    assert_eq!(body["platforms"], json!(["Api"]));
    assert_eq!(body["groupBy"], json!(["OauthClientName", "HttpMethod"]));
    from_file("").fails(2, "`OauthClientName` is not a GroupBy");
}

#[test]
fn reports_and_checks_of_jobs_leave_out_the_month() {
    let service = Service::ready();
    let report = service.run("report --last 7d --source jobs");
    report.prints("say nothing about the allotment of a month");
    assert!(!report.out.contains("projected"), "{report}");
    let json = |line: &str| serde_json::from_str::<Value>(&service.run(line).out).unwrap();
    let of_jobs = json("report --last 7d --source jobs --format json");
    let of_query = json("report --last 7d --format json");
    assert!(of_jobs.get("month").is_none() && of_query.get("month").is_some());
    let requests = |report: &Value| report["totals"]["requests"].as_i64().unwrap();
    assert!(requests(&of_jobs) > requests(&of_query));
    let check = service.run("check --last 7d --source jobs --max-requests 1 --format openmetrics");
    assert_eq!(check.code, 1, "{check}");
    assert!(!check.out.contains("gc_usage_month"), "{check}");
}

#[test]
fn compare_sources_shows_what_only_the_jobs_count() {
    let of = |options: &str| {
        let seen = run(&mut command(&format!(
            "compare-sources --demo --last 7d {options}"
        )));
        assert_eq!(seen.code, 0, "{seen}");
        seen.out
    };
    let text = of("");
    assert!(text.contains("that only the jobs count: "), "{text}");
    assert!(
        text.contains("Genesys's own clients are only in the jobs"),
        "{text}"
    );
    assert!(!text.contains("that both count differently"), "{text}");
    let json: Value = serde_json::from_str(&of("--format json")).unwrap();
    let total = &json["total"];
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    assert_eq!(
        number(&total["jobs"]) - number(&total["query"]),
        number(&total["difference"])
    );
    let clients = json["clients"].as_array().unwrap();
    let only_jobs: i64 = clients
        .iter()
        .filter(|client| client["query"].is_null())
        .map(|client| number(&client["jobs"]))
        .sum();
    assert!(
        only_jobs > 0 && only_jobs == number(&total["difference"]),
        "{json}"
    );
    assert_eq!(of("--format jsonl").lines().count(), clients.len());
    let csv = of("--format csv");
    assert!(
        csv.starts_with("clientId,clientName,query,jobs,difference\r\n"),
        "{csv}"
    );
    assert!(of("--format md").starts_with("| Client | Query | Jobs | Difference |\n"));
}
