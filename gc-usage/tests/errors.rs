//! Error messages as users read them: what failed, why, and what to do.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Seen, Service, command, ready, run, transcript};
use insta::assert_snapshot;
use usage_sim::{Fault, SimulatorBuilder};

const QUERY: &str = "query --interval 2024-02-01/2024-02-07";
const JSON: &str = "application/json";

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
    let service = Service::ready();
    let mut wrong = service.command(QUERY);
    let seen = run(wrong.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "not-the-secret"));
    seen.hides("not-the-secret");
    let mut all = vec![("query with a wrong secret", seen)];
    let refused = Fault::on_submit().always().status(403).body(
        JSON,
        r#"{"message":"Unable to perform the requested action. You must have at least one of the following permissions assigned: oauth:client:view, usage:organization:view","code":"missing.any.permissions","status":403,"contextId":"c","details":[],"errors":[]}"#,
    );
    all.push(("query without permission", query(ready().fault(refused), "")));
    all.push(("login", Service::ready().run("login --check")));
    let refused = Fault::on_results().always().status(403);
    let service = Service::start(ready().fault(refused));
    all.push(("login without permission", service.run("login --check")));
    assert_snapshot!("access", transcript(all));
}

#[test]
fn a_service_that_fails() {
    let responding = |body: &str| Fault::on_results().always().body(JSON, body.to_owned());
    let limited = Fault::on_submit().always().status(429);
    let faults = [
        ("a daily limit", limited.header("retry-after", "86400")),
        ("400", Fault::on_results().always().status(400)),
        ("a failed query", responding(r#"{"queryStatus":"Failed"}"#)),
        ("invalid rows", responding(r#"{"results":[{"requests":"many"}]}"#)),
    ];
    let with = |(title, fault)| (title, query(ready().fault(fault), ""));
    assert_snapshot!("service", transcript(faults.map(with)));
    let seen = query(ready().running_polls(1_000_000), "--wait-timeout 4s");
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
    // There is no such option.
    seen.hides("by name");
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
    let service = Service::ready();
    let unknown = "6c5795e1-4b3b-4e33-91df-2b1652002e2d";
    let lines = ["results", "status"].map(|name| format!("{name} {unknown}"));
    let lines = lines.into_iter().chain(["results ../login".to_owned()]);
    let seen = lines.map(|line| {
        let seen = service.run(&line);
        (line, seen)
    });
    assert_snapshot!("results", transcript(seen));
}

#[test]
fn each_refusal_has_a_hint() {
    let refused = |fault: Fault, status: u16, code: &str| {
        let body = format!(r#"{{"message":"no","code":"{code}","status":{status}}}"#);
        fault.always().status(status).body(JSON, body)
    };
    let failed = r#"{"queryStatus":"Failed","errorBody":{"message":"too much"}}"#;
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
            Fault::on_results().always().body(JSON, failed),
            5,
            &["the query failed: too much", "execution id: ", "a shorter period"],
        ),
    ] {
        let seen = query(ready().fault(fault), "");
        words.iter().for_each(|word| seen.fails(code, word));
        seen.hides("check id, secret and region");
        seen.hides("hidden");
    }
}

#[test]
fn text_of_the_service_does_not_begin_a_line() {
    let refused = |id: &str| {
        let body = format!(r#"{{"message":"no","code":"no","status":403,"contextId":"{id}"}}"#);
        let refused = Fault::on_submit().always().status(403).body(JSON, body);
        query(ready().fault(refused), "")
    };
    let seen = refused(r"x\nhint: run something");
    let mut hints = seen.err.lines().filter(|line| line.starts_with("hint: "));
    let is_hint = hints.any(|line| line.contains("run something"));
    assert!(seen.code == 3 && !is_hint, "{seen}");
    let seen = refused(&"x".repeat(100_000));
    assert!(seen.code == 3 && seen.err.len() < 5_000, "{}", seen.err.len());
}
