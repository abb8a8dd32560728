//! The command as a user sees it: exit code, stdout and stderr together.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{io::Read as _, process::Stdio};

use common::{DEMO_NOTICE, Simulation, command, run};
use serde_json::Value;

#[test]
fn the_demo_ends_with_a_table_and_says_that_it_is_made_up() {
    let seen = run(&mut command(&[
        "query",
        "--demo",
        "--interval",
        "2024-02-01/2024-02-29",
    ]));
    assert_eq!((seen.code, seen.err.as_str()), (0, DEMO_NOTICE));
    let lines: Vec<_> = seen.out.lines().collect();
    let words = |line: &str| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(words(lines[1]), "Client Requests 2xx 3xx 4xx (429) 5xx");
    assert!(
        seen.out.contains("Wallboard") && seen.out.contains("Nightly Export"),
        "{}",
        seen.out
    );
    assert!(
        lines[lines.len() - 3].trim_start().starts_with("Total "),
        "{}",
        seen.out
    );
    assert_eq!(
        *lines.last().unwrap(),
        "8 rows (2024-02-01/2024-02-29, UTC days, both included)"
    );
}

#[test]
fn a_table_shows_only_what_was_asked_for() {
    let query = ["query", "--demo", "--interval", "2024-02-01/2024-02-29"];
    let options = [
        "--granularity",
        "week",
        "--group-by",
        "method,client",
        "--metrics",
        "requests,status429",
    ];
    let seen = run(command(&query).args(options));
    let heading = seen
        .out
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert_eq!(heading, "Week of Client Method Requests (429)");
    assert!(seen.out.contains("2024-02-05"));
}

#[test]
fn json_holds_the_query_and_the_service_s_names() {
    let seen = run(&mut command(&[
        "query",
        "--demo",
        "--format",
        "json",
        "--granularity",
        "day",
    ]));
    assert_eq!(seen.code, 0);
    let answer: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(answer["query"]["granularity"], "Day");
    assert_eq!(answer["queryStatus"], "Complete");
    assert!(answer["executionId"].as_str().unwrap().len() == 36);
    let row = &answer["results"][0];
    assert!(
        row["clientName"].is_string() && row["requests"].is_i64() && row["date"].is_string(),
        "{row}"
    );
}

#[test]
fn simulate_replays_a_recorded_answer_to_query() {
    let row = |day: u32| {
        format!(
            r#"{{"clientName":"Recorded","templateUri":"api/v2/users","requests":{day},"date":"2020-02-{day:02}T00:00:00Z"}}"#
        )
    };
    let rows: Vec<_> = (1..=28).map(row).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(
        &mut file,
        format!(r#"{{"results":[{}],"queryStatus":"Complete"}}"#, rows.join(",")).as_bytes(),
    )
    .unwrap();
    let simulation = Simulation::start(&["--results", file.path().to_str().unwrap(), "--running-polls", "0"]);
    let seen = simulation.query(&["--interval", "2020-02-01/2020-02-28", "--format", "json"]);
    assert_eq!((seen.code, seen.err.as_str()), (0, ""));
    let answer: Value = serde_json::from_str(&seen.out).unwrap();
    let requests = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["requests"].as_i64().unwrap());
    assert_eq!(requests.sum::<i64>(), 406);
}

#[test]
fn simulate_serves_as_many_rows_as_asked_for() {
    let simulation = Simulation::start(&["--rows", "1000", "--running-polls", "0"]);
    let seen = simulation.query(&[
        "--group-by",
        "client,user,template-uri,method",
        "--granularity",
        "day",
    ]);
    assert!(seen.out.contains("1,000 rows ("), "{}", seen.err);
}

#[test]
fn without_credentials_it_says_what_to_set_and_names_the_demo() {
    let seen = run(&mut command(&["query"]));
    assert_eq!((seen.code, seen.out.as_str()), (2, ""));
    assert_eq!(
        seen.err,
        "error: no credentials: set GENESYSCLOUD_REGION, GENESYSCLOUD_OAUTHCLIENT_ID and \
         GENESYSCLOUD_OAUTHCLIENT_SECRET, or use a profile\n\
         hint: gc-usage profiles tells where profiles are looked for, gc-usage login --check tries them; without an \
         account, --demo shows made-up data\n"
    );
}

#[test]
fn a_missing_or_wrong_region_says_what_to_set() {
    let seen = run(command(&["query"]).env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
    assert_eq!(seen.code, 2);
    assert!(
        seen.err
            .contains("no region: set GENESYSCLOUD_REGION or --region"),
        "{}",
        seen.err
    );
    let with_region = |region| {
        run(command(&["query"])
            .env("GENESYSCLOUD_ACCESS_TOKEN", "token")
            .env("GENESYSCLOUD_REGION", region))
    };
    let seen = with_region("mypurecloud.it");
    assert_eq!(seen.code, 2);
    assert!(
        seen.err.contains(
            "GENESYSCLOUD_REGION: `mypurecloud.it` is not a region; did you mean `mypurecloud.ie`?"
        )
    );
}

#[test]
fn a_wrong_secret_is_an_access_failure_that_speaks_of_the_region() {
    let simulation = Simulation::start(&[]);
    let mut command = command(&["query", "--api-url", &simulation.url]);
    let command = command
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "not-the-secret");
    let seen = run(command);
    assert_eq!((seen.code, seen.out.as_str()), (3, ""));
    assert!(
        seen.err.contains("invalid_client") && seen.err.contains("region"),
        "{}",
        seen.err
    );
    assert!(!seen.err.contains("not-the-secret"));
}

#[test]
fn bad_dates_and_names_are_usage_errors_that_say_what_is_allowed() {
    for (options, part) in [
        (
            ["--interval", "2020-02-30/2020-03-01"],
            "`2020-02-30` does not exist in the calendar",
        ),
        (
            ["--interval", "2999-01-01/2999-01-02"],
            "there is no data of 2999-01-01 yet",
        ),
        (["--group-by", "klient"], "a similar value exists: 'client'"),
        (["--metrics", "status200,foo"], "possible values: status200"),
        (["--region", "eu-west-11"], "did you mean `eu-west-1`?"),
    ] {
        let seen = run(command(&["query"]).args(options));
        assert_eq!((seen.code, seen.out.as_str()), (2, ""), "{options:?}");
        assert!(seen.err.contains(part), "{}", seen.err);
    }
}

#[test]
fn a_missing_recording_is_named() {
    let seen = run(&mut command(&["simulate", "--results", "no-such-file.json"]));
    assert_eq!(seen.code, 2);
    assert!(
        seen.err
            .starts_with("error: --results: cannot read no-such-file.json: "),
        "{}",
        seen.err
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let simulation = Simulation::start(&["--rows", "5000", "--running-polls", "0"]);
    for format in ["table", "json", "jsonl", "csv", "markdown"] {
        let mut command = command(&["query", "--api-url", &simulation.url, "--format", format]);
        let mut process = command
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(process.stdout.take());
        let mut err = String::new();
        process.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = process.wait().unwrap().code();
        assert_eq!((code, err.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn the_demo_does_not_go_to_the_proxy_of_the_environment() {
    let mut command = command(&["query", "--demo", "--interval", "2024-02-01/2024-02-01"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    let seen = run(command.env_remove("NO_PROXY").env_remove("no_proxy"));
    assert_eq!((seen.code, seen.err.as_str()), (0, DEMO_NOTICE));
}

#[test]
fn a_password_in_a_url_is_not_repeated() {
    for url in [
        "https://user:hidden@api.example",
        "https://user:hidden@api.example:99999",
    ] {
        let seen = run(command(&["query", "--api-url", url]).env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
        assert_eq!(seen.code, 2);
        assert!(
            seen.err.contains("--api-url") && !seen.err.contains("hidden"),
            "{}",
            seen.err
        );
    }
}

#[test]
fn a_login_host_that_is_down_is_no_refused_login() {
    let options = [
        "--api-url",
        "http://127.0.0.1:1",
        "--login-url",
        "http://127.0.0.1:1",
    ];
    let mut command = command(&["query"]);
    let command = command
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "id")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "secret");
    // The region of the environment is not asked for a token that would then go to another host.
    let seen = run(command.args(options).env("GENESYSCLOUD_REGION", "nowhere"));
    assert_eq!(seen.code, 4, "{}", seen.err);
    assert!(
        seen.err.contains("login failed: 127.0.0.1 gave no answer"),
        "{}",
        seen.err
    );
}
