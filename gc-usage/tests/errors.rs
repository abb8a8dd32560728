//! Error messages as users read them: what failed, why, and what to do.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Seen, Service, command, run, transcript};
use insta::assert_snapshot;
use usage_sim::{Fault, Simulator, SimulatorBuilder};

const QUERY: &str = "query --interval 2024-02-01/2024-02-07";

fn simulator() -> SimulatorBuilder {
    Simulator::builder().running_polls(0)
}

/// Queries a service. Its URL is replaced by a name.
fn query(builder: SimulatorBuilder, options: &str) -> Seen {
    let service = Service::start(builder);
    let seen = run(service.command(QUERY).args(options.split_whitespace()));
    seen.naming(&[(&service.simulator.url(), "[url]")])
}

#[test]
fn settings_that_are_missing_or_wrong() {
    let with = |settings: &[(&str, &str)]| {
        let names: Vec<_> = settings.iter().map(|(name, _)| *name).collect();
        let seen = run(command(QUERY).envs(settings.iter().copied()));
        (format!("{QUERY} with {names:?}"), seen)
    };
    let token = ("GENESYSCLOUD_ACCESS_TOKEN", "token");
    assert_snapshot!(
        "settings",
        transcript([
            with(&[]),
            with(&[token]),
            with(&[("GENESYSCLOUD_OAUTHCLIENT_ID", "id")]),
            with(&[("GENESYSCLOUD_OAUTHCLIENT_SECRET", "secret-that-is-not-shown")]),
            with(&[token, ("GENESYSCLOUD_REGION", "mypurecloud.it")]),
        ])
    );
}

#[test]
fn options_that_are_wrong() {
    let yesterday = (common::today() - chrono::Days::new(1)).to_string();
    let seen = |options| {
        let seen = run(command(options).env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
        assert_eq!((seen.code, &*seen.out), (2, ""), "{options}: {seen}");
        (options, seen.naming(&[(&yesterday, "[yesterday]")]))
    };
    let wrong = [
        "query --demo --interval 2020-02-30/2020-03-01",
        "query --demo --since 2999-01-01 --until 2999-01-02",
        "query --demo --since 2024-02-02 --until 2024-02-01",
        "query --demo --last 30d --month 2024-02",
        "query --demo --until 2024-02-01",
        "query --demo --last 30",
        "query --demo --metrics status200,foo",
        "query --region eu-wst-1",
        "query --demo --group-by klient",
        "check --demo",
        "report --demo --licences cx33=1",
        "check --demo --max-429-share 1",
        "report --demo --price-per-request 0.1",
        "query --demo --metrics status200 --sort requests",
        "query --demo --sort date",
        "query --proxy http://me:hidden@proxy.corp:3128",
        "query --region eu-west-1 --ca-cert no-such.pem",
        "report --demo --month 2999-01",
        "simulate --results no-such-file.json",
        "simulate --results Cargo.toml",
    ];
    assert_snapshot!("options", transcript(wrong.map(seen)));
}

#[test]
fn a_login_or_a_permission_that_is_refused() {
    let service = Service::start(simulator());
    let mut wrong = service.command(QUERY);
    let seen = run(wrong.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "not-the-secret"));
    assert!(!seen.err.contains("not-the-secret"));
    let mut all = vec![("query with a wrong secret", seen)];
    let refused = Fault::on_submit().always().status(403).body(
        "application/json",
        r#"{"message":"Unable to perform the requested action. You must have at least one of the following permissions assigned: oauth:client:view, usage:organization:view","code":"missing.any.permissions","status":403,"contextId":"c","details":[],"errors":[]}"#,
    );
    all.push(("query without permission", query(simulator().fault(refused), "")));
    let service = Service::start(simulator());
    all.push(("login", run(&mut service.command("login --check"))));
    let refused = Fault::on_results().always().status(403);
    let service = Service::start(simulator().fault(refused));
    let seen = run(&mut service.command("login --check"));
    all.push(("login without permission", seen));
    assert_snapshot!("access", transcript(all));
}

#[test]
fn a_service_that_fails() {
    let limited = Fault::on_submit()
        .always()
        .status(429)
        .header("retry-after", "86400");
    let down = Fault::on_results().always().status(400);
    let failed = Fault::on_results()
        .always()
        .body("application/json", r#"{"queryStatus":"Failed"}"#);
    let other = Fault::on_results()
        .always()
        .body("application/json", r#"{"results":[{"requests":"many"}]}"#);
    let faults = [
        ("a daily limit", limited),
        ("400", down),
        ("a failed query", failed),
        ("invalid rows", other),
    ];
    let with = |(title, fault)| (title, query(simulator().fault(fault), ""));
    assert_snapshot!("service", transcript(faults.map(with)));
    let never = simulator().running_polls(1_000_000);
    let seen = query(never, "--wait-timeout 4s");
    // The time and the number of polls vary a little.
    let (_, waited) = seen.err.split_once("after ").unwrap();
    let waited = waited.split(" (").next().unwrap().to_owned();
    assert_snapshot!("deadline", seen.naming(&[(waited.as_str(), "[time and polls]")]));
}

#[test]
fn a_host_that_only_programs_can_allow() {
    let seen = run(command(QUERY)
        .args(["--api-url", "http://gateway.corp"])
        .env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
    seen.fails(2, "--api-url: ");
    seen.warns("use https");
    assert!(!seen.err.contains("by name"), "there is no such option: {seen}");
}

#[test]
fn a_network_that_fails() {
    let query = |options: &str| {
        let mut query = command(&format!("{QUERY} --timeout 300ms {options}"));
        run(query.env("GENESYSCLOUD_ACCESS_TOKEN", "token"))
    };
    let unreachable = query("--api-url http://127.0.0.1:1 --login-url http://127.0.0.1:1");
    unreachable.fails(4, "127.0.0.1");
    unreachable.fails(4, "hint: check the network");
    query("--region eu-west-1 --proxy http://127.0.0.1:1").fails(4, "the proxy (--proxy");
}

#[test]
fn results_that_do_not_exist() {
    let service = Service::start(simulator());
    let unknown = "6c5795e1-4b3b-4e33-91df-2b1652002e2d";
    let lines = ["results", "status"].map(|name| format!("{name} {unknown}"));
    let lines = lines.into_iter().chain(["results ../login".to_owned()]);
    let seen = lines.map(|line| {
        let seen = run(&mut service.command(&line));
        (line, seen)
    });
    assert_snapshot!("results", transcript(seen));
}

/// The exit code and error of a query with a fault.
fn failure(fault: Fault) -> (i32, String) {
    let seen = query(simulator().fault(fault), "");
    (seen.code, seen.err)
}

#[test]
fn each_refusal_has_a_hint() {
    let json = "application/json";
    let refused = |fault: Fault, status: u16, code: &str| {
        fault.always().status(status).body(
            json,
            format!(r#"{{"message":"no","code":"{code}","status":{status}}}"#),
        )
    };
    for (fault, code, words) in [
        (
            refused(Fault::on_submit(), 401, "bad.credentials"),
            3,
            &["the access token has expired, or it belongs to another region"][..],
        ),
        (
            refused(Fault::on_login(), 403, "ip.not.authorized"),
            3,
            &[
                "ip.not.authorized: no",
                "the address of this computer is not listed",
            ],
        ),
        (
            refused(Fault::on_results(), 401, "ip.not.authorized"),
            3,
            &["the address of this computer is not listed"],
        ),
        (
            refused(Fault::on_submit(), 403, "not.authorized"),
            3,
            &["Admin > Integrations > OAuth, this client, Roles"],
        ),
        (
            refused(Fault::on_submit(), 500, "internal.server.error"),
            4,
            &["try again later", "status.mypurecloud.com"],
        ),
        (
            Fault::on_results()
                .always()
                .body("text/html", "<html>Wi-Fi login</html>"),
            4,
            &["it is a web page", "a proxy or a Wi-Fi login"],
        ),
        (
            Fault::on_submit()
                .always()
                .status(429)
                .header("retry-after", "99999999999"),
            4,
            &["a wait of more than a year"],
        ),
        (
            Fault::on_submit()
                .always()
                .redirect("https://sso.corp.example/x?key=hidden"),
            4,
            &["a redirect to sso.corp.example", "probably wrong"],
        ),
        (
            Fault::on_results().always().body(
                json,
                r#"{"queryStatus":"Failed","errorBody":{"message":"too much"}}"#,
            ),
            5,
            &["the query failed: too much", "execution id: ", "a shorter period"],
        ),
    ] {
        let (exit, text) = failure(fault);
        assert_eq!(exit, code, "{text}");
        assert!(words.iter().all(|word| text.contains(word)), "{words:?}: {text}");
        assert!(
            !text.contains("check id, secret and region") && !text.contains("hidden"),
            "{text}"
        );
    }
}

#[test]
fn text_of_the_service_does_not_begin_a_line() {
    let body = r#"{"message":"no","code":"no","status":403,"contextId":"x\nhint: run something"}"#;
    let refused = Fault::on_submit()
        .always()
        .status(403)
        .body("application/json", body);
    let seen = query(simulator().fault(refused), "");
    let hints = seen.err.lines().filter(|line| line.starts_with("hint: "));
    assert!(
        seen.code == 3 && !hints.into_iter().any(|line| line.contains("run something")),
        "{seen}"
    );
    let long = format!(
        r#"{{"message":"no","code":"no","status":403,"contextId":"{}"}}"#,
        "x".repeat(100_000)
    );
    let refused = Fault::on_submit()
        .always()
        .status(403)
        .body("application/json", long);
    let seen = query(simulator().fault(refused), "");
    assert!(seen.code == 3 && seen.err.len() < 5_000, "{}", seen.err.len());
}
