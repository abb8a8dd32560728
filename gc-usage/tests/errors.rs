//! Error messages as users read them: what failed, why, and what to do.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Seen, Service, command, run};
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
    assert_snapshot!("no_credentials", run(&mut command(QUERY)));
    let with = |name: &str, value: &str| run(command(QUERY).env(name, value));
    assert_snapshot!("no_region", with("GENESYSCLOUD_ACCESS_TOKEN", "token"));
    assert_snapshot!("half_a_login", with("GENESYSCLOUD_OAUTHCLIENT_ID", "id"));
    assert_snapshot!(
        "the_other_half",
        with("GENESYSCLOUD_OAUTHCLIENT_SECRET", "secret-that-nobody-sees")
    );
    let mut wrong = command(QUERY);
    let wrong = wrong
        .env("GENESYSCLOUD_ACCESS_TOKEN", "token")
        .env("GENESYSCLOUD_REGION", "mypurecloud.it");
    assert_snapshot!("wrong_region", run(wrong));
}

#[test]
fn options_that_are_wrong() {
    for (name, options) in [
        ("bad_date", "query --demo --interval 2020-02-30/2020-03-01"),
        ("future", "query --demo --since 2999-01-01 --until 2999-01-02"),
        ("reversed", "query --demo --since 2024-02-02 --until 2024-02-01"),
        ("two_periods", "query --demo --last 30d --month 2024-02"),
        ("until_alone", "query --demo --until 2024-02-01"),
        ("bad_last", "query --demo --last 30"),
        ("misspelt_metric", "query --demo --metrics status200,foo"),
        ("misspelt_region", "query --region eu-wst-1"),
        ("misspelt_group_by", "query --demo --group-by klient"),
        ("no_limits", "check --demo"),
        ("bad_licence", "report --demo --licences cx33=1"),
        ("bad_share", "check --demo --max-429-share 1"),
        ("price_without_allotment", "report --demo --price-per-request 0.1"),
        (
            "sort_by_what_is_left_out",
            "query --demo --metrics status200 --sort requests",
        ),
        ("sort_by_no_date", "query --demo --sort date"),
        (
            "password_in_a_proxy",
            "query --proxy http://me:hidden@proxy.corp:3128",
        ),
        (
            "missing_ca_cert",
            "query --region eu-west-1 --ca-cert no-such.pem",
        ),
        ("future_month", "report --demo --month 2999-01"),
        ("missing_recording", "simulate --results no-such-file.json"),
        (
            "no_recording",
            concat!("simulate --results ", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ),
    ] {
        let seen = run(command(options).env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
        let yesterday = (common::today() - chrono::Days::new(1)).to_string();
        let names = [
            (env!("CARGO_MANIFEST_DIR"), "[here]"),
            (yesterday.as_str(), "[yesterday]"),
        ];
        assert_snapshot!(name, seen.naming(&names));
    }
}

#[test]
fn a_login_or_a_permission_that_is_refused() {
    let service = Service::start(simulator());
    let mut wrong = service.command(QUERY);
    let seen = run(wrong.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "not-the-secret"));
    assert!(!seen.err.contains("not-the-secret"));
    assert_snapshot!("wrong_secret", seen);
    let refused = Fault::on_submit().always().status(403).body(
        "application/json",
        r#"{"message":"Unable to perform the requested action. You must have at least one of the following permissions assigned: oauth:client:view, usage:organization:view","code":"missing.any.permissions","status":403,"contextId":"c","details":[],"errors":[]}"#,
    );
    assert_snapshot!("no_permission", query(simulator().fault(refused), ""));
    let service = Service::start(simulator());
    assert_snapshot!("login_check", run(&mut service.command("login --check")));
    let refused = Fault::on_results().always().status(403);
    let service = Service::start(simulator().fault(refused));
    assert_snapshot!(
        "login_check_without_permission",
        run(&mut service.command("login --check"))
    );
}

#[test]
fn a_service_that_fails() {
    let limited = Fault::on_submit()
        .always()
        .status(429)
        .header("retry-after", "86400");
    assert_snapshot!("daily_limit", query(simulator().fault(limited), ""));
    let down = Fault::on_results().always().status(400);
    assert_snapshot!("bad_request", query(simulator().fault(down), ""));
    let failed = Fault::on_results()
        .always()
        .body("application/json", r#"{"queryStatus":"Failed"}"#);
    assert_snapshot!("failed_query", query(simulator().fault(failed), ""));
    let other = Fault::on_results()
        .always()
        .body("application/json", r#"{"results":[{"requests":"many"}]}"#);
    assert_snapshot!("not_the_api", query(simulator().fault(other), ""));
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
    assert!(
        seen.code == 2 && seen.err.contains("--api-url: ") && seen.err.contains("use https"),
        "{seen}"
    );
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
    assert_snapshot!(
        "unknown_execution",
        run(&mut service.command(&["results", unknown]))
    );
    assert_snapshot!("unknown_status", run(&mut service.command(&["status", unknown])));
    assert_snapshot!("no_id", run(&mut service.command("results ../login")));
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
