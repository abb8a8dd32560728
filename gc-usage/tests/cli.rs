//! The command as a user sees it: exit code, stdout and stderr together.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, Stdio},
    thread,
};

use common::{DEMO_NOTICE, Seen, Service, command, home, querying, ready, run};
use serde_json::{Value, json};

/// The words of a line, with single spaces.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_demo_prints_a_table_and_says_that_its_data_is_made_up() {
    let seen = run(&mut command("query --demo --interval 2024-02-01/2024-02-29"));
    assert_eq!((seen.code, seen.err.as_str()), (0, DEMO_NOTICE));
    let lines: Vec<_> = seen.out.lines().collect();
    assert_eq!(words(lines[1]), "Client Requests 2xx 3xx 4xx (429) 5xx");
    seen.prints("Wallboard");
    seen.prints("Nightly Export");
    let [total, .., last] = &lines[lines.len() - 3..] else {
        panic!("{seen}");
    };
    assert!(total.trim_start().starts_with("Total "), "{seen}");
    assert_eq!(*last, "8 rows (2024-02-01/2024-02-29, UTC days, both included)");
}

#[test]
fn a_table_shows_only_the_columns_of_the_query() {
    let query = "query --demo --interval 2024-02-01/2024-02-29 --granularity week --group-by method,client";
    let seen = run(command(query).args(["--metrics", "requests,status429"]));
    let heading = words(seen.out.lines().nth(1).unwrap());
    assert_eq!(heading, "Week of Client Method Requests (429)");
    assert!(seen.out.contains("2024-02-05"));
}

#[test]
fn json_contains_the_query_and_the_service_s_names() {
    let seen = run(&mut command("query --demo --format json --granularity day"));
    assert_eq!(seen.code, 0);
    let response: Value = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(response["query"]["granularity"], "Day");
    assert_eq!(response["queryStatus"], "Complete");
    assert!(response["executionId"].as_str().unwrap().len() == 36);
    let row = &response["results"][0];
    assert!(
        row["clientName"].is_string() && row["requests"].is_i64() && row["date"].is_string(),
        "{row}"
    );
}

/// A running `gc-usage simulate`, and the URL that it printed.
struct Simulation {
    process: Child,
    url: String,
}

impl Simulation {
    fn start(arguments: &str) -> Self {
        let mut process = command(&format!("simulate {arguments}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let line = lines.find(|line| line.trim_start().starts_with("API ")).unwrap();
        let url = line.split_whitespace().nth(1).unwrap().to_owned();
        let login = lines
            .find(|line| line.trim_start().starts_with("Login "))
            .unwrap();
        assert!(login.ends_with(&url), "it is the value for --login-url: {login}");
        // The rest is read too, so that the pipe stays open for the process.
        thread::spawn(move || lines.for_each(drop));
        Self { process, url }
    }

    fn query(&self, arguments: &str) -> Seen {
        run(&mut querying(&self.url, &format!("query {arguments}")))
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn simulate_replays_a_recorded_response() {
    let row = |day: u32| {
        format!(
            r#"{{"clientName":"Recorded","templateUri":"api/v2/users","requests":{day},"date":"2020-02-{day:02}T00:00:00Z"}}"#
        )
    };
    let rows: Vec<_> = (1..=28).map(row).collect();
    let response = format!(r#"{{"results":[{}],"queryStatus":"Complete"}}"#, rows.join(","));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("response.json");
    fs::write(&path, response).unwrap();
    let simulation = Simulation::start(&format!("--running-polls 0 --results {}", path.display()));
    let seen = simulation.query("--interval 2020-02-01/2020-02-28 --format json");
    assert_eq!((seen.code, seen.err.as_str()), (0, ""));
    let response: Value = serde_json::from_str(&seen.out).unwrap();
    let rows = response["results"].as_array().unwrap().iter();
    let requests: i64 = rows.map(|row| row["requests"].as_i64().unwrap()).sum();
    assert_eq!(requests, 406);
}

#[test]
fn simulate_serves_the_given_number_of_rows() {
    let simulation = Simulation::start("--rows 1000 --running-polls 0");
    let seen = simulation.query("--group-by client,user,template-uri,method --granularity day");
    assert!(seen.out.contains("1,000 rows ("), "{}", seen.err);
}

#[test]
fn simulate_retires_operations_and_withholds_permissions() {
    let query = "--interval 2020-02-01/2020-02-28";
    let retired = Simulation::start("--retired 410").query(query);
    assert!(
        retired.code != 0 && retired.err.contains("gone"),
        "{}",
        retired.err
    );
    let permission = "--permission usage:client:view --permission usage:simpleSearch:view";
    let forbidden = Simulation::start(permission).query(query);
    assert!(
        forbidden.code != 0 && forbidden.err.contains("missing.any.permissions"),
        "{}",
        forbidden.err
    );
    let allowed = "--permission usage:client:view --permission usage:organization:view";
    assert_eq!(Simulation::start(allowed).query(query).code, 0);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let service = Service::start(ready().rows(5000));
    for format in ["table", "json", "jsonl", "csv", "markdown"] {
        let mut query = service.command(&format!("query --format {format}"));
        let mut process = query
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
fn the_demo_ignores_the_proxy_of_the_environment() {
    let mut command = command("query --demo --interval 2024-02-01/2024-02-01");
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
        let query = format!("query --api-url {url}");
        let seen = run(command(&query).env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
        seen.fails(2, "--api-url");
        seen.hides("hidden");
    }
}

#[test]
fn a_login_host_that_is_down_is_not_a_refused_login() {
    let mut command = command("query --api-url http://127.0.0.1:1 --login-url http://127.0.0.1:1");
    let command = command
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "id")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "secret");
    // The region of the environment is not used, since its token would go to another host.
    let seen = run(command.env("GENESYSCLOUD_REGION", "nowhere"));
    seen.fails(4, "login failed: 127.0.0.1 ");
}

#[test]
fn options_accept_names_of_the_api_and_of_our_tables_in_any_case() {
    let service = Service::ready();
    for options in [
        "--group-by OAuthClientId,TemplateUri --metrics Status429,Requests --granularity Day",
        "--group-by client,endpoint --metrics 429,REQUESTS --granularity daily",
        "--group-by CLIENT,template-uri --metrics status429,requests --granularity DAYS",
    ] {
        let seen = service.query(&format!("--month 2024-02 --format CSV {options}"));
        assert!(seen.code == 0 && seen.out.starts_with("interval,"), "{seen}");
    }
    let queries = service.queries();
    assert_eq!(queries.len(), 3);
    for body in queries {
        assert_eq!(body["groupBy"], json!(["OAuthClientId", "TemplateUri"]));
        assert_eq!(body["metrics"], json!(["Status429", "Requests"]));
        assert_eq!(body["granularity"], "Day");
    }
    for (format, beginning) in [
        ("NDJSON", "{\"interval\""),
        ("Json", "{\"query\""),
        ("md", "| Client "),
    ] {
        let query = "query --demo --month 2024-02 --metrics 2xx --sort 2xx,client --format";
        let seen = run(command(query).arg(format));
        assert!(seen.code == 0 && seen.out.starts_with(beginning), "{seen}");
    }
}

#[test]
fn rows_are_sorted_by_two_keys() {
    let seen = run(&mut command(
        "query --demo --interval 2024-02-01/2024-02-03 --granularity day --sort date,client --format csv",
    ));
    let rows: Vec<_> = seen.out.lines().skip(1).map(str::to_owned).collect();
    let keys = rows.iter().map(|row| {
        let columns: Vec<_> = row.split(',').collect();
        (columns[2].to_owned(), columns[4].to_owned())
    });
    let keys: Vec<_> = keys.collect();
    assert!(keys.len() > 10 && keys.is_sorted(), "{keys:?}");
}

#[test]
fn a_query_is_read_from_a_file_or_standard_input() {
    let service = Service::ready();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("query.json");
    let query = r#"{"interval": "2024-02-01/2024-02-07", "granularity": "Day", "groupBy": ["UserId"], "metrics": ["Requests"]}"#;
    // As the editor of Windows writes it.
    fs::write(&path, format!("\u{feff}{query}\r\n")).unwrap();
    let from_file = |options: &str| run(service.command(options).arg("--file").arg(&path));
    let seen = from_file("query --format csv");
    seen.prints("2024-02-01/2024-02-07,Day,2024-02-0");
    let mut submit = service.command("submit --file -");
    let mut submit = submit
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    submit.stdin.take().unwrap().write_all(query.as_bytes()).unwrap();
    assert!(submit.wait_with_output().unwrap().status.success());
    let query: Value = serde_json::from_str(query).unwrap();
    assert_eq!(service.queries(), [query.clone(), query]);

    let week = |member: &str| format!(r#"{{"interval": "2024-02-01/2024-02-07", {member}}}"#);
    for (text, reason) in [
        (&*week(r#""groupby": ["UserId"]"#), "unknown field `groupby`"),
        (&week(r#""group_by": ["UserId"]"#), "unknown field `group_by`"),
        (&week(r#""granularity": "Hour""#), "Hour"),
        (&week(r#""metrics": ["Status418"]"#), "Status418"),
        (r#"{"groupBy": ["UserId"]}"#, "missing field `interval`"),
        (
            r#"{"interval": "2024-02-30/2024-03-01"}"#,
            "`2024-02-30` does not",
        ),
        (
            r#"{"interval": "2999-01-01/2999-01-02"}"#,
            "no data for 2999-01-01 yet",
        ),
        (r#"["interval"]"#, "not a query"),
        ("", "not a query"),
    ] {
        fs::write(&path, text).unwrap();
        let seen = from_file("query");
        seen.fails(2, "--file: ");
        seen.warns(reason);
    }
    let period = "--last 7d|--month 2024-02|--since 2024-02-01|--interval 2024-02-01/2024-02-02";
    let query = "--group-by user|--metrics requests|--granularity day";
    for conflict in query.split('|').chain(period.split('|')) {
        let seen = service.query(&format!("--file query.json {conflict}"));
        seen.fails(2, "cannot be used with");
    }
    let seen = run(&mut command("submit --file - --client-secret-file -"));
    seen.fails(2, "cannot both read standard input");
    let seen = service.query("--file no-such.json");
    seen.fails(2, "--file: cannot read no-such.json: ");
}

#[test]
fn an_extension_of_another_command_is_refused_with_its_name() {
    for (arguments, texts) in [
        (
            "report -o r.csv",
            &[
                "--output r.csv: a report cannot be written as CSV",
                "to write rows, use gc-usage query --output r.csv",
            ][..],
        ),
        (
            "check --max-requests 5 -o r.jsonl",
            &[
                "the result of a check cannot be written as JSONL",
                "to write rows, use gc-usage query --output r.jsonl",
            ],
        ),
        (
            "check --max-requests 5 -o usage.xlsx",
            &["to write rows, use gc-usage query --output usage.xlsx"],
        ),
        (
            "report --group-by client",
            &["tip: --group-by belongs to gc-usage query"],
        ),
        (
            "query --client Data Lake",
            &["needs quotes: --client 'Data Lake'"],
        ),
    ] {
        let seen = run(command(arguments).arg("--demo"));
        assert_eq!((seen.code, seen.out.as_str()), (2, ""), "{seen}");
        for text in texts {
            assert!(seen.err.contains(text), "{text}: {seen}");
        }
    }
}

#[test]
fn every_help_has_an_example_and_the_manual_its_sections() {
    let commands = "query report check submit results status profiles login simulate completions man";
    for (place, name) in commands.split(' ').enumerate() {
        let seen = run(command(name).arg("--help"));
        seen.prints(&format!("Examples:\n  gc-usage {name}"));
        assert_eq!(seen.out.contains("Exit codes:"), place < 6, "{seen}");
    }
    let check = run(&mut command("check --help"));
    check.prints("cx3-concurrent  182,000");
    check.prints("1 takes precedence over failures");
    let help = run(&mut command("--help"));
    help.prints("GENESYSCLOUD_OAUTHCLIENT_SECRET");
    help.prints("130  ended by Ctrl-C");
    let version = run(&mut command("--version")).out;
    assert_eq!(version, concat!("gc-usage ", env!("CARGO_PKG_VERSION"), "\n"));
    let page = run(&mut command("man")).out;
    for heading in ["SYNOPSIS", "EXAMPLES", "FILES", "ENVIRONMENT", "\"EXIT STATUS\""] {
        assert!(page.contains(&format!("\n.SH {heading}\n")), "{heading}");
    }
    let texts =
        ".TH gc-usage|gc\\-usage query [OPTIONS]|licences|GENESYSCLOUD_REGION|~/.gc/config.toml|over a limit";
    for text in texts.split('|') {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("EXTRA") && !page.contains("(1)"), "{page}");
}

#[test]
fn each_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        run(command("completions").arg(shell)).prints("max-429-share");
    }
}

#[test]
fn completions_know_options_profiles_regions_periods_and_lists() {
    let profiles = "[acme]\nregion = \"eu-west-1\"\n[\"$(touch pwned)\"]\nregion = \"eu-west-1\"\n";
    let home = home(profiles, "");
    let script = run(command("completions bash").env("HOME", home.path())).out;
    assert!(!script.contains("pwned"));
    let completed = |line: &str| {
        let (before, last) = line.rsplit_once(' ').unwrap();
        let previous = before.split(' ').next_back().unwrap();
        let at = line.matches(' ').count();
        let complete = format!(
            "{script}\nCOMP_WORDS=({line}); COMP_CWORD={at}; _gc__usage gc-usage \"{last}\" \"{previous}\"; echo ${{COMPREPLY[@]}}",
        );
        let output = Command::new("bash")
            .args(["-c", &complete])
            .current_dir(&home)
            .output();
        Some(String::from_utf8(output.ok()?.stdout).unwrap())
    };
    for (line, expected) in [
        ("gc-usage query --gran", "--granularity"),
        ("gc-usage query --profile a", "acme"),
        ("gc-usage check --region mypurecloud.i", "mypurecloud.ie"),
        ("gc-usage query --region eu-west-", "eu-west-1 eu-west-2"),
        ("gc-usage report --month t", "this"),
        ("gc-usage query --last 30", "30d"),
        ("gc-usage query --group-by cl", "client"),
        ("gc-usage query --group-by client,te", "client,template-uri"),
        ("gc-usage query --sort date,client,me", "date,client,method"),
    ] {
        let Some(completed) = completed(line) else {
            eprintln!("skipped: there is no bash");
            return;
        };
        assert_eq!(completed.trim_end(), expected, "{line}");
    }
}
