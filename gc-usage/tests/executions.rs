//! Queries that one command submits, and whose rows another command fetches.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
};

use common::{Service, command, ready, run, signal};
use nix::sys::signal::Signal;
use usage_sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Fault, Simulator};

const RECORDED: &str = "{\"results\": [ {\"clientName\":\"A\",\"requests\":7, \"new\":null} ],\n \"queryStatus\":\"Complete\"}\n";

/// A service whose results are always this response.
fn responding(body: &str) -> Service {
    let fault = Fault::on_results().always().status(200);
    Service::start(Simulator::builder().fault(fault.body("application/json", body.to_owned())))
}

#[test]
fn submit_then_status_then_results() {
    let service = Service::start(Simulator::builder().running_polls(3).results(RECORDED));
    let submitted = service.run("submit --month 2024-02 --granularity day");
    assert_eq!((submitted.code, submitted.err.as_str()), (0, ""));
    let id = submitted.out.trim_end();
    assert_eq!(id.len(), 36, "{submitted}");

    let seen = service.run(&format!("status {id}"));
    seen.is(6, "Running\n");
    seen.warns(&format!("gc-usage results {id} --wait"));
    service.run(&format!("results {id}")).is(6, "");

    let seen = service.run(&format!("results {id} --wait --format jsonl --granularity day"));
    seen.is(
        0,
        "{\"granularity\":\"Day\",\"clientName\":\"A\",\"requests\":7}\n",
    );
    service.run(&format!("status {id}")).is(0, "Complete, 1 row\n");
    service.run(&format!("results {id} --raw")).is(0, RECORDED);
}

#[test]
fn raw_waits_with_an_option_and_refuses_an_incomplete_response() {
    let service = Service::start(Simulator::builder().running_polls(2).results(RECORDED));
    let id = service.submit();
    service.run(&format!("results {id} --raw")).is(6, "");
    service.run(&format!("results {id} --raw --wait")).is(0, RECORDED);
    for fault in [
        Fault::on_results().always().cut_body_after(20),
        Fault::on_results().always().query_status("Failed"),
    ] {
        let service = Service::start(ready().results(RECORDED).fault(fault));
        let seen = service.run(&format!("results {} --raw", service.submit()));
        assert!(seen.code >= 4 && seen.out.is_empty(), "{seen}");
    }
}

#[test]
fn status_and_raw_say_why_there_are_no_rows() {
    for (body, code, out, reason) in [
        (
            r#"{"queryStatus":"Failed","errorBody":{"message":"too much","code":"query.too.big"}}"#,
            5,
            "Failed\n",
            "failed: query.too.big: too much",
        ),
        (
            r#"{"queryStatus":"FAILED","failureReason":"too much"}"#,
            5,
            "Failed\n",
            "failed: too much",
        ),
        (r#"{"queryStatus":"Failed"}"#, 5, "Failed\n", "it gives no reason"),
        (
            r#"{"message":"gone","code":"not.found","status":404}"#,
            4,
            "",
            "200 OK with an error in its body: not.found: gone",
        ),
    ] {
        let service = responding(body);
        let id = service.submit();
        let status = service.run(&format!("status {id}"));
        let raw = service.run(&format!("results {id} --raw"));
        for (seen, out) in [(status, out), (raw, "")] {
            seen.is(code, out);
            seen.warns(reason);
        }
    }
}

#[test]
fn a_response_that_is_always_cut_leaves_the_id_to_continue_with() {
    let row = r#"{"clientId":"a","requests":1},"#;
    let rows = row.repeat(5000);
    let rows = rows.trim_end_matches(',');
    let results = format!(r#"{{"results":[{rows}],"queryStatus":"Complete"}}"#);
    let cut = Fault::on_results().always().cut_body_after(100_000);
    let service = Service::start(ready().results(results).fault(cut));
    let seen = service.query("--format csv --timeout 1s");
    seen.fails(4, "\n  execution id: ");
}

#[test]
fn a_login_that_fails_names_no_execution() {
    let refusing = Fault::on_results().always().status(400);
    for service in [Service::start(ready().fault(refusing)), responding("[")] {
        let seen = service.run("login");
        assert_eq!(seen.code, 4, "{seen}");
        seen.hides("00000000-0000");
    }
}

#[test]
fn ctrl_c_stops_at_once_and_says_how_to_continue() {
    let service = Service::start(Simulator::builder().running_polls(1_000_000));
    let mut process = service
        .command("query --month 2024-02 --granularity day --sort date --top 2")
        .args(["--client", "Data Lake*", "--format", "csv"])
        .args(["--csv-for", "excel", "--csv-separator", ";"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    service.until_polled();
    signal(process.id(), Signal::SIGINT);
    let mut lines = BufReader::new(process.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "error: interrupted");
    let hint = lines.next().unwrap();
    let (_, resume) = hint.split_once("show its rows later with: gc-usage ").unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(130));
    let mut out = String::new();
    process.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(out, "");

    // The command works in another shell. Only the secrets come from the environment.
    let options = " --granularity=day --sort=date --top=2 --client='Data Lake*' --format=csv --csv-for=excel \
                   --csv-separator=semicolon ";
    assert!(resume.contains(options), "{resume}");
    let resume = resume.replace("'Data Lake*'", "Data?Lake*");
    service
        .simulator
        .add_fault(Fault::on_results().always().query_status("Complete"));
    let seen = run(command(&resume)
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", DEMO_CLIENT_ID)
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", DEMO_CLIENT_SECRET));
    assert!(seen.code == 0 && resume.starts_with("results "), "{seen}");
    assert!(seen.out.starts_with("\u{feff}interval;"), "{seen}");
}

#[test]
fn a_query_that_still_runs_is_not_complete_and_failing_polls_are_a_failure() {
    let running = Service::start(Simulator::builder().running_polls(1_000_000));
    let query = "query --month 2024-02 --metrics status429 --top 2";
    let seen = run(running.command(query).args(["--wait-timeout", "1s"]));
    seen.fails(6, " --wait --sort=status429 --top=2 ");
    let down = Fault::on_results().always().status(503);
    let down = Service::start(Simulator::builder().fault(down));
    // Enough time for one response, on a slow machine too.
    let seen = run(down.command(query).args(["--wait-timeout", "4s"]));
    assert_eq!(seen.code, 4, "{seen}");
}

#[test]
fn results_without_wait_poll_once_and_report_failures() {
    let down = Fault::on_results().always().status(503);
    let down = Service::start(Simulator::builder().fault(down));
    let id = down.submit();
    let seen = down.run(&format!("results {id} --format csv --timeout 2s"));
    seen.fails(4, "503 Service Unavailable");

    let once = Fault::on_results().status(503);
    let once = Service::start(ready().results(RECORDED).fault(once));
    let seen = once.run(&format!("results {} --format csv", once.submit()));
    seen.prints(",A,");
}

#[test]
fn a_demo_has_no_execution_to_fetch() {
    for fetch in ["results", "status"] {
        let seen = run(command(fetch).args(["6c5795e1", "--demo"]));
        seen.fails(2, "has no execution yet\nhint: ");
    }
}

#[test]
fn an_interrupted_demo_offers_no_command_to_continue() {
    let mut process = command("query --demo --last 1d")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("Demo: "));
    signal(process.id(), Signal::SIGINT);
    let err: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(process.wait().unwrap().code(), Some(130));
    assert_eq!(err, ["error: interrupted"]);
}

#[test]
fn an_unusual_id_stays_one_word_in_a_command_and_is_escaped() {
    let submitted = |id: &str| {
        let body = format!(r#"{{"executionId":"{id}"}}"#);
        let submit = Fault::on_submit().always().body("application/json", body);
        Service::start(Simulator::builder().fault(submit))
    };
    let running = Fault::on_results()
        .always()
        .body("application/json", r#"{"queryStatus":"Running"}"#);
    for (id, word) in [
        (
            "x; touch pwned #",
            "gc-usage results 'x; touch pwned #' --wait --",
        ),
        ("$(id)", "gc-usage results '$(id)' --wait --"),
        ("-rf", " -- -rf\n"),
    ] {
        let service = submitted(id);
        service.simulator.add_fault(running.clone());
        let seen = service.run("query --wait-timeout 1s");
        seen.fails(6, word);
    }
    // An id with control characters cannot be used in other commands.
    for command in ["submit", "query"] {
        let seen = submitted("7157a113\\u001b[31m\\rx").run(command);
        seen.fails(4, "no usable id: ");
        assert!(!seen.err.replace('\n', "").contains(char::is_control), "{seen}");
    }
    // Nor can an id that a script would read as an option, as several words or as names of files.
    for id in ["--output=owned.csv", "x --raw", "-", "x\u{2003}y", "*", "[a-z]*"] {
        let seen = submitted(id).run("submit");
        seen.is(4, "");
        seen.warns("no usable id: ");
    }
    submitted("7157a113\\r\\n").run("submit").is(0, "7157a113\n");
}

#[test]
fn an_id_with_a_line_break_of_windows_is_the_same_id() {
    let service = Service::replaying(RECORDED);
    let id = format!("{}\r\n", service.submit());
    run(service.command("status").arg(id)).is(0, "Complete, 1 row\n");
    for (wrong, text) in [
        (
            "a\rb",
            "contains no control characters, but this one does: `a\\rb`",
        ),
        (" ", "cannot be empty"),
    ] {
        run(service.command("results").arg(wrong)).fails(2, text);
    }
}

#[test]
fn an_unusual_status_is_shown_on_one_line() {
    for (body, line) in [
        (r#"{"queryStatus":"Half\u001b[31mway"}"#, "Half\\u{1b}[31mway\n"),
        (r#"{"queryStatus":""}"#, "no status\n"),
    ] {
        let service = responding(body);
        let seen = service.run(&format!("status {}", service.submit()));
        seen.is(6, line);
    }
}

#[test]
fn a_command_that_does_not_wait_refuses_a_wait_timeout() {
    for (arguments, text) in [
        ("submit --demo", "gc-usage submit does not wait for a query"),
        ("status 7157a113", "gc-usage status does not wait for a query"),
        ("login --check --demo", "gc-usage login does not wait for a query"),
        (
            "results 7157a113",
            "without --wait, gc-usage results does not wait",
        ),
    ] {
        let seen = run(command(arguments).args(["--wait-timeout", "5s"]));
        seen.fails(2, text);
    }
}
