//! `gc-usage sync`, and `--from` of other commands: what a data set has after runs that succeed, fail, are killed or overlap.

#![cfg(all(unix, feature = "sync"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::Duration,
};

use chrono::{Days, NaiveDate};
use common::{
    DEMO_NOTICE, Seen, Service, command, entries, home, in_shell, profile, ready, run, signal, today,
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use usage_sim::{Fault, Simulator};

/// A data set in a directory.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("lake")
    }

    /// The options of a run since some days ago.
    fn since(&self, days: u64) -> String {
        format!("sync --to {} --since {}", self.root().display(), ago(days))
    }

    fn status(&self) -> Value {
        let seen = run(&mut command(&format!(
            "sync status --to {} --format json",
            self.root().display()
        )));
        assert_eq!(seen.code, 0, "{seen}");
        serde_json::from_str(&seen.out).unwrap()
    }

    /// The status of the only organization.
    fn one(&self) -> Value {
        let all = self.status()["organizations"].take();
        assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
        all[0].clone()
    }

    /// All files below the root, with their content.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.root(), &mut files);
        files
    }

    /// The days that have an object.
    fn days(&self) -> Vec<String> {
        let objects = self
            .files()
            .into_keys()
            .filter(|path| path.ends_with("usage.parquet"));
        let days = objects.map(|path| {
            let day = path.parent().unwrap().file_name().unwrap();
            day.to_str().unwrap().trim_start_matches("day=").to_owned()
        });
        days.collect()
    }

    /// The rows of a period by client and day, from the data set.
    fn rows(&self, days: u64) -> Seen {
        run(&mut command(&format!(
            "query --from {} --last {days}d {DETAILS}",
            self.root().display()
        )))
    }
}

/// Everything that the service counts by.
const DETAILS: &str = "--granularity day --group-by client,user,organization,endpoint,method --format csv --sort date,client,endpoint,method";

fn collect(directory: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => collect(&entry, files),
            false => {
                files.insert(entry.clone(), fs::read(&entry).unwrap());
            }
        }
    }
}

fn ago(days: u64) -> NaiveDate {
    today() - Days::new(days)
}

/// Lines of a table in any order: rows with equal keys of the order may come in another one.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_first_run_stores_all_days_and_a_second_run_only_asks_for_the_last_ones() {
    let (service, place) = (Service::ready(), Place::new());
    let seen = service.run(&place.since(40));
    seen.prints(&format!("default: stored 40 days of {} to {}: ", ago(40), ago(1)));
    let first = place.files();
    let status = place.one();
    assert_eq!(status["organization"], "default");
    assert_eq!(
        (&status["days"], &status["missingDays"]),
        (&json!(40), &json!([]))
    );
    assert_eq!(status["source"], "query");
    assert_eq!(status["firstDay"], ago(40).to_string());
    // One request for each month, by day and everything that the service counts by.
    let queries = service.queries();
    for query in &queries {
        assert_eq!(query["granularity"], "Day");
        assert_eq!(
            query["groupBy"],
            json!([
                "OAuthClientId",
                "UserId",
                "OrganizationId",
                "TemplateUri",
                "HttpMethod"
            ])
        );
    }
    let months: std::collections::BTreeSet<_> =
        (1..=40).map(|day| ago(day).format("%Y-%m").to_string()).collect();
    assert_eq!(queries.len(), months.len());

    let again = service.run(&format!("sync --to {}", place.root().display()));
    again.prints(&format!("default: stored 2 days of {} to {}: ", ago(40), ago(1)));
    let later = &service.queries()[queries.len()..];
    let asked: Vec<_> = later
        .iter()
        .map(|query| query["interval"].as_str().unwrap())
        .collect();
    assert!(
        asked.first().unwrap().starts_with(&ago(2).to_string())
            && asked.last().unwrap().ends_with(&ago(1).to_string()),
        "{asked:?}"
    );
    let second = place.files();
    assert_eq!(first.len(), second.len());
    let changed = second
        .iter()
        .filter(|(path, bytes)| first[*path] != **bytes)
        .count();
    assert!(changed <= 2, "{changed}");
    assert_eq!(place.one()["rows"], status["rows"]);

    let none = service.run(&format!("sync --to {} --refresh 0d", place.root().display()));
    none.is(
        0,
        &format!("default: nothing to do; it has {} to {}\n", ago(40), ago(1)),
    );
    assert_eq!(service.queries().len(), queries.len() + later.len());
}

#[test]
fn rows_of_a_data_set_are_those_of_the_service() {
    let (service, place) = (Service::ready(), Place::new());
    service
        .run(&format!("{} --verify", place.since(70)))
        .prints("stored 70 days");
    let options = [
        DETAILS,
        "--format csv --sort client",
        "--granularity month --group-by client,method --format csv --sort date,client,method",
        "--granularity week --metrics requests,status429 --format csv --sort date,client",
        "--granularity day --method GET --template-uri api/v2/* --format csv --sort date,client,method,endpoint",
        "--group-by endpoint --top 5",
    ];
    for options in options {
        let asked = service.query(&format!("--last 70d {options}"));
        let read = run(&mut command(&format!(
            "query --from {} --last 70d {options}",
            place.root().display()
        )));
        assert_eq!(
            (read.code, sorted(&read.out)),
            (0, sorted(&asked.out)),
            "{options}: {read}"
        );
        assert!(read.out.lines().count() > 4, "{read}");
    }
    for line in [
        "report --last 14d --allotment 2000000 --price-per-request 0.01",
        "report --last 14d --format json",
        "check --last 14d --max-429-share 0.0001% --format json",
    ] {
        let asked = service.run(line);
        let read = run(&mut command(&format!("{line} --from {}", place.root().display())));
        assert_eq!((read.code, &read.out), (asked.code, &asked.out), "{line}: {read}");
    }
}

#[test]
fn a_period_that_is_not_stored_whole_is_an_error_that_names_the_missing_days() {
    let (service, place) = (Service::ready(), Place::new());
    service.run(&place.since(20)).prints("stored 20 days");
    let object = format!("day={}/usage.parquet", ago(17));
    let files: Vec<_> = place
        .files()
        .into_keys()
        .filter(|path| path.ends_with(&object))
        .collect();
    fs::remove_file(&files[0]).unwrap();
    let from = format!("--from {}", place.root().display());
    let seen = run(&mut command(&format!("query {from} --last 22d")));
    seen.fails(2, &format!("missing: {} to {}, {}", ago(22), ago(21), ago(17)));
    seen.warns(&format!(
        "hint: fetch them with: gc-usage sync --to {}",
        place.root().display()
    ));
    assert_eq!(seen.out, "");
    run(&mut command(&format!("report {from} --last 10d")))
        .fails(2, "the data set does not have all days of");
    let status = place.one();
    assert_eq!(status["missingDays"], json!([ago(17)]));
    // The next run fetches the day.
    service
        .run(&format!("sync --to {} --refresh 0d", place.root().display()))
        .prints("stored 1 day of");
    run(&mut command(&format!("query {from} --last 20d"))).prints("Total");
}

#[test]
fn a_dry_run_asks_for_nothing_and_writes_nothing() {
    let (service, place) = (Service::ready(), Place::new());
    let line = format!("{} --dry-run", place.since(3));
    service.run(&line).prints(&format!(
        "default: would fetch 3 days missing ({} to {}), in ",
        ago(3),
        ago(1)
    ));
    assert!(service.queries().is_empty() && !place.root().exists());
    service.run(&place.since(3)).prints("stored 3 days");
    service.run(&line).prints(&format!(
        "default: would fetch 2 days again ({} to {}), in ",
        ago(2),
        ago(1)
    ));
}

#[test]
fn one_of_three_organizations_fails_and_the_others_are_stored() {
    let (service, place) = (Service::ready(), Place::new());
    let url = service.simulator.url();
    let profiles = [
        ("acme", "demo-secret"),
        ("globex", "hunter2"),
        ("initech", "demo-secret"),
    ];
    let profiles = profiles
        .map(|(name, secret)| profile(name, &url, secret))
        .concat();
    let home = home(&profiles, "");
    let seen = run(command(&format!("{} --all-profiles", place.since(3))).env("HOME", home.path()));
    seen.fails(3, "error: profile `globex`: ");
    assert!(
        seen.out.contains("acme: stored 3 days") && seen.out.contains("initech: stored 3 days"),
        "{seen}"
    );
    seen.hides("hunter2");
    let status = place.status();
    let names: Vec<_> = status["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["organization"])
        .collect();
    assert_eq!(names, ["acme", "initech"]);
    // Both are read, or one of them.
    let from = format!("query --from {} --last 3d --format json", place.root().display());
    let both = run(&mut command(&from));
    let both: Value = serde_json::from_str(&both.out).unwrap();
    let one = run(&mut command(&format!("{from} --profile initech")));
    let one: Value = serde_json::from_str(&one.out).unwrap();
    let count = |rows: &Value| rows["results"].as_array().unwrap().len();
    assert_eq!(count(&both), 2 * count(&one));
    run(&mut command(&format!("{from} --profile globex"))).fails(2, "it has acme, initech");
}

#[test]
fn a_cut_answer_changes_nothing_and_is_fetched_again_by_the_next_run() {
    let place = Place::new();
    let first = Service::ready();
    first.run(&place.since(4)).prints("stored 4 days");
    let before = place.files();
    let row = format!(
        r#"{{"clientId":"a","requests":1,"status200":1,"date":"{}T00:00:00Z"}}"#,
        ago(1)
    );
    for cut in [
        format!(r#"{{"results":[{row},{row}"#),
        format!(r#"{{"results":[{row}],"queryStatus":"Failed"}}"#),
    ] {
        let cut = Fault::on_results()
            .always()
            .status(200)
            .body("application/json", cut);
        let seen = Service::start(ready().fault(cut)).run(&format!("{} --refresh 4d", place.since(5)));
        assert!([4, 5].contains(&seen.code), "{seen}");
        assert_eq!(place.files(), before);
    }
    first.run(&place.since(5)).prints("stored 3 days");
    assert_eq!(place.one()["missingDays"], json!([]));
}

#[test]
fn a_request_that_is_too_large_is_cut_in_half() {
    let refused = Fault::on_submit()
        .times(2)
        .status(413)
        .error_code("request.entity.too.large");
    let (service, place) = (Service::start(ready().fault(refused)), Place::new());
    let whole = Place::new();
    // Days of one month, so that they are one request at first.
    let last = ago(1).format("%d").to_string().parse::<u64>().unwrap().min(8);
    service
        .run(&place.since(last))
        .prints(&format!("stored {last} day"));
    assert_eq!(place.one()["missingDays"], json!([]));
    Service::ready().run(&whole.since(last)).prints("stored");
    assert_eq!(place.rows(last).out, whole.rows(last).out);
}

#[test]
fn sums_that_differ_change_nothing_and_name_the_day_the_client_and_the_count() {
    let place = Place::new();
    let day = ago(1);
    let row = |requests: i64| {
        json!({"results": [{
            "clientId": "client-1", "clientName": "One", "organizationId": "", "userId": "", "templateUri": "api/v2/users",
            "httpMethod": "GET", "status200": requests, "status300": 0, "status400": 0, "status500": 0, "status429": 0,
            "requests": requests, "date": format!("{day}T00:00:00Z")
        }], "queryStatus": "Complete"})
        .to_string()
    };
    let service = Service::start(
        ready().results(row(7)).fault(
            Fault::on_results()
                .times(1)
                .status(200)
                .body("application/json", row(8)),
        ),
    );
    let seen = service.run(&format!("{} --verify", place.since(1)));
    seen.fails(4, &day.to_string());
    assert!(
        seen.err.contains("client-1") && seen.err.contains("`status_200`"),
        "{seen}"
    );
    assert_eq!(place.days(), [""; 0]);
    Service::replaying(row(7))
        .run(&format!("{} --verify", place.since(1)))
        .prints("1 rows");
    assert_eq!(place.one()["rows"], 1);
}

#[test]
fn a_day_that_was_corrected_is_replaced_by_the_next_run() {
    let place = Place::new();
    let before = Service::start(ready().seed(1));
    before.run(&place.since(6)).prints("stored 6 days");
    let first = place.rows(6).out;
    // Another seed is another history: the last two days are those of the later answer.
    let after = Service::start(ready().seed(2));
    after
        .run(&format!("sync --to {}", place.root().display()))
        .prints("stored 2 days");
    let asked = |service: &Service, days: u64| service.query(&format!("--last {days}d {DETAILS}")).out;
    assert_eq!(sorted(&first), sorted(&asked(&before, 6)));
    assert_eq!(sorted(&place.rows(2).out), sorted(&asked(&after, 2)));
    let kept = format!("--since {} --until {} {DETAILS}", ago(6), ago(3));
    let stored = run(&mut command(&format!(
        "query --from {} {kept}",
        place.root().display()
    )))
    .out;
    assert_eq!(sorted(&stored), sorted(&before.query(&kept).out));
}

#[test]
fn counts_of_the_other_source_are_refused() {
    let (service, place) = (Service::ready(), Place::new());
    service.run(&place.since(2)).prints("stored 2 days");
    let before = place.files();
    let seen = service.run(&format!("{} --source jobs", place.since(3)));
    seen.fails(2, "the data set has counts of usage queries for `default`");
    assert_eq!(place.files(), before);
    let jobs = service.run(&format!("{} --source jobs --name jobs", place.since(3)));
    jobs.prints("jobs: stored 3 days");
    let read = run(&mut command(&format!(
        "query --from {} --profile jobs --last 3d --group-by client,platform",
        place.root().display()
    )));
    read.prints("Platform");
    let both = run(&mut command(&format!(
        "query --from {} --last 2d",
        place.root().display()
    )));
    both.fails(2, "others of usage jobs, which cannot be compared");
    let priced = run(&mut command(&format!(
        "check --from {} --profile jobs --last 3d --allotment 5",
        place.root().display()
    )));
    priced.fails(2, "usage jobs count more requests than are billed");
}

#[test]
fn names_of_organizations_are_kept_whatever_they_are() {
    let (service, place) = (Service::ready(), Place::new());
    let names = [
        "a/b",
        "a=b",
        "100%",
        "two words",
        "Zürich 日本",
        "007",
        "2026-01-01",
        "__HIVE_DEFAULT_PARTITION__",
        ".hidden",
        "_x",
        "..",
        "a\"b'c",
    ];
    for name in names {
        let seen = run(service.command(&place.since(1)).args(["--name", name]));
        assert_eq!(seen.code, 0, "{name}: {seen}");
    }
    let status = place.status();
    let mut stored: Vec<_> = status["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["organization"].as_str().unwrap())
        .collect();
    stored.sort_unstable();
    let mut expected = names.to_vec();
    expected.sort_unstable();
    assert_eq!(stored, expected);
    assert_eq!(entries(&place.root()), ["_gc_usage_staging", "gc_usage"]);
    for name in names {
        let read = run(
            command(&format!("query --from {} --last 1d", place.root().display())).args(["--profile", name]),
        );
        read.prints("Total");
    }
    run(service.command(&place.since(1)).args(["--name", ""])).fails(2, "--name");
}

#[test]
fn a_killed_run_leaves_whole_days_and_the_next_run_stores_the_rest() {
    let service = Service::start(Simulator::builder().running_polls(0));
    let whole = Place::new();
    service.run(&whole.since(35)).prints("stored 35 days");
    let expected = whole.rows(35).out;
    let place = Place::new();
    let mut random = fastrand::Rng::with_seed(17);
    let mut killed = 0;
    for round in 0..200 {
        if round % 20 == 0 {
            let _ = fs::remove_dir_all(place.root());
        }
        let mut child = service
            .command(&format!("{} --refresh 40d", place.since(35)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(random.u64(0..120_000)));
        signal(child.id(), Signal::SIGKILL);
        killed += usize::from(!child.wait().unwrap().success());
        if round % 20 == 10 {
            // Each day that is there is whole.
            let status = place.status();
            if let Some(one) = status["organizations"].get(0) {
                assert_eq!(one["damagedDays"], json!([]), "{status}");
            }
            for day in place.days().into_iter().step_by(9) {
                let rows = |of: &Place| {
                    let root = of.root();
                    run(&mut command(&format!(
                        "query --from {} --since {day} --until {day} {DETAILS}",
                        root.display()
                    )))
                };
                let (found, expected) = (rows(&place), rows(&whole));
                assert_eq!((found.code, found.out), (0, expected.out), "{day}");
            }
        }
    }
    assert!(killed > 100, "{killed}");
    service.run(&place.since(35)).prints("stored");
    assert_eq!(place.rows(35).out, expected);
    assert_eq!(place.days().len(), 35);
    let left = entries(&place.root().join("_gc_usage_staging"));
    assert!(!left.iter().any(|name| name.starts_with("run-")), "{left:?}");
}

#[test]
fn ctrl_c_keeps_stored_days_and_says_that_the_same_command_goes_on() {
    let place = Place::new();
    Service::ready().run(&place.since(3)).prints("stored 3 days");
    let stored = place.files();
    let service = Service::start(Simulator::builder().running_polls(1_000_000));
    let running = service
        .command(&place.since(40))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    service.until_polled();
    signal(running.id(), Signal::SIGINT);
    let seen = Seen::from(running.wait_with_output().unwrap());
    let hint = "error: interrupted\nhint: stored days are kept; run the same command again to go on\n";
    assert_eq!((seen.code, &seen.out[..], &seen.err[..]), (130, "", hint));
    assert_eq!(place.files(), stored);

    let ready = Fault::on_results().always().query_status("Complete");
    service.simulator.add_fault(ready);
    service.run(&place.since(40)).prints("stored 39 days");
    assert_eq!(place.days().len(), 40);
}

#[test]
fn two_runs_at_once_store_the_same_days() {
    let (service, place, whole) = (Service::ready(), Place::new(), Place::new());
    service.run(&whole.since(30)).prints("stored 30 days");
    let runs: Vec<_> = (0..2)
        .map(|_| {
            service
                .command(&place.since(30))
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(place.rows(30).out, whole.rows(30).out);
    assert_eq!(place.days().len(), 30);
}

#[test]
fn a_full_disk_is_an_error_that_says_so_and_changes_nothing() {
    let (service, place) = (Service::ready(), Place::new());
    service.run(&place.since(2)).prints("stored 2 days");
    let before = place.files();
    // No file may have more than 512 bytes, which is how a limit of the shell imitates a full disk.
    let mut limited = in_shell("ulimit -f 1; exec \"$@\"", &service.command(&place.since(3)));
    let seen = run(&mut limited);
    assert_eq!(seen.code, 2, "{seen}");
    seen.warns("cannot write");
    assert_eq!(place.files(), before);
}

#[test]
fn places_that_cannot_be_data_sets_are_refused() {
    let service = Service::ready();
    let place = Place::new();
    let file = place.0.path().join("file");
    fs::write(&file, "").unwrap();
    let sync = |to: &str| service.run(&format!("sync --to {to} --since {}", ago(1)));
    sync(file.to_str().unwrap()).fails(2, "a part of the path is a file");
    sync("ftp://lake").fails(2, "allowed are a directory, s3://");
    let secret = sync("s3://key:hunter2@lake/x");
    secret.fails(2, "must not contain a user");
    secret.hides("hunter2");
    service.run("sync").fails(2, "--to <PLACE>");
    service
        .run(&format!(
            "sync --to {} --since {}",
            place.root().display(),
            today()
        ))
        .fails(2, "there is no data for");
    run(&mut command(&format!(
        "query --from {} --last 1d",
        place.root().display()
    )))
    .fails(2, "there is no data set");
    let conflict = format!("query --from {} --demo", place.root().display());
    run(&mut command(&conflict)).fails(2, "cannot be used with");
}

#[test]
fn a_demo_has_a_name_of_its_own() {
    let place = Place::new();
    let seen = run(&mut command(&format!("{} --demo", place.since(2))));
    seen.prints("demo: stored 2 days");
    assert_eq!(seen.err, DEMO_NOTICE);
    assert_eq!(place.one()["organization"], "demo");
}

#[test]
fn statements_name_the_place_and_the_organizations() {
    let place = Place::new();
    run(&mut command(&format!("{} --demo", place.since(2)))).prints("demo");
    for (engine, text) in [
        ("duckdb", "hive_partitioning"),
        ("spark", "USING parquet"),
        ("trino", "external_location"),
        ("athena", "projection"),
    ] {
        let seen = run(&mut command(&format!(
            "sync ddl --to {} --engine {engine}",
            place.root().display()
        )));
        if engine == "athena" && seen.code != 0 {
            // Athena reads only buckets.
            seen.fails(2, "s3://");
            continue;
        }
        assert!(
            seen.code == 0
                && seen.out.to_lowercase().contains(&text.to_lowercase())
                && seen.out.contains("status_429"),
            "{engine}: {seen}"
        );
    }
}
