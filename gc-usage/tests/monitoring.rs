//! What docs/monitoring.md shows works: the units, the alert rules, and the metrics in Prometheus.
//!
//! The tests need `promtool`, `prometheus` and `prometheus-node-exporter`: in the directory `GC_USAGE_TEST_MONITORING`, into
//! which `.ci/monitoring --install` puts them, or on the PATH.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::{MetadataExt as _, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use common::{Service, command, home, in_shell, profile, run, until};
use serde_json::Value;
use usage_sim::Simulator;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

fn docs(path: &str) -> PathBuf {
    Path::new(DOCS).join(path)
}

/// The path of a program. `None` if it is missing, which is a failure in CI.
fn program(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("GC_USAGE_TEST_MONITORING").or_else(|| env::var_os("PATH"));
    let paths = paths.unwrap_or_default();
    let mut places = env::split_paths(&paths).map(|directory| directory.join(name));
    let found = places.find(|path| path.is_file());
    if found.is_none() {
        let is_ci = env::var_os("CI").is_some_and(|ci| !ci.is_empty());
        assert!(!is_ci, "there is no {name}: run .ci/monitoring --install");
        eprintln!(
            "skipped: there is no {name}: run .ci/monitoring --install, and set GC_USAGE_TEST_MONITORING"
        );
    }
    found
}

/// A server on a free port, until it is dropped.
struct Server {
    process: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(command: &mut Command) -> Self {
        command.arg("--web.listen-address=127.0.0.1:0");
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        // Reads to the end, so that the server never waits for its log.
        thread::spawn(move || {
            log.lines()
                .map_while(Result::ok)
                .for_each(|line| drop(sender.send(line)))
        });
        let mut server = Self {
            process,
            address: String::new(),
        };
        let mut seen = String::new();
        while server.address.is_empty() {
            let Ok(line) = lines.recv_timeout(Duration::from_secs(60)) else {
                panic!("{command:?} does not start:\n{seen}");
            };
            if let Some((_, address)) = line.split_once("msg=\"Listening on\" address=") {
                address.split(' ').next().unwrap().clone_into(&mut server.address);
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        server
    }

    /// The body of a response, if there is one.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).ok()?;
        let mut response = String::new();
        stream.read_to_string(&mut response).ok()?;
        let (_, body) = response.split_once("\r\n\r\n")?;
        Some(body.to_owned())
    }

    /// The part of a response of Prometheus at this pointer.
    fn data(&self, path: &str, pointer: &str) -> Vec<Value> {
        let found = self.get(path).and_then(|body| {
            let body: Value = serde_json::from_str(&body).ok()?;
            body.pointer(pointer)?.as_array().cloned()
        });
        found.unwrap_or_default()
    }

    /// The values of an expression now.
    fn values(&self, expression: &str) -> Vec<f64> {
        let encoded: String = expression.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let found = self.data(&format!("/api/v1/query?query={encoded}"), "/data/result");
        let values = found.iter().map(|sample| sample["value"][1].as_str().unwrap());
        values.map(|value| value.parse().unwrap()).collect()
    }
}

/// The samples of a text file: the series, and its value.
fn samples(path: &Path) -> Vec<(String, f64)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let samples = lines.map(|line| line.rsplit_once(' ').unwrap());
    samples
        .map(|(series, value)| (series.to_owned(), value.parse().unwrap()))
        .collect()
}

/// The command of the unit as systemd would run it, with its state in `state`.
fn exec_start(state: &Path) -> String {
    let unit = fs::read_to_string(docs("monitoring/gc-usage-check.service")).unwrap();
    let mut lines = unit.lines().filter_map(|line| line.strip_prefix("ExecStart="));
    let line = lines.next().unwrap().replace("%%", "%");
    assert!(unit.contains("\nSuccessExitStatus=1\n") && unit.contains("\nUMask=0022\n"));
    let line = line.replace("/var/lib/gc-usage", state.to_str().unwrap());
    let options = line.strip_prefix("/usr/local/bin/gc-usage check ").unwrap();
    format!("umask 0022; \"$@\" {options}")
}

#[test]
fn prometheus_has_every_metric_of_a_check_and_fires_the_alerts() {
    let (Some(node_exporter), Some(prometheus)) =
        (program("prometheus-node-exporter"), program("prometheus"))
    else {
        return;
    };
    let service = Service::start(Simulator::builder().running_polls(0));
    let directory = tempfile::tempdir().unwrap();
    let [state, text, credentials] = ["state", "text", "credentials"].map(|name| {
        let path = directory.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    });

    // As the unit does it: the secret is a credential, and the collector has a link to the file.
    fs::write(credentials.join("client-secret"), "demo-secret\n").unwrap();
    let mut check = service.command("check");
    check.env("CREDENTIALS_DIRECTORY", &credentials);
    check.env_remove("GENESYSCLOUD_OAUTHCLIENT_SECRET");
    run(&mut in_shell(&exec_start(&state), &check)).is(1, "");
    let usage = state.join("usage.prom");
    assert_eq!(fs::metadata(&usage).unwrap().mode() & 0o777, 0o644);
    symlink(&usage, text.join("usage.prom")).unwrap();

    // Several organizations, one of which has an odd name.
    let url = service.simulator.url();
    let profiles = ["acme", r#""a \"b\" \\ü""#].map(|name| profile(name, &url, "demo-secret"));
    let home = home(&profiles.concat(), "");
    let all = text.join("organizations.prom");
    let line = "check --all-profiles --last 1d --max-requests 1 --max-error-share 100%";
    run(command(line).arg("--output").arg(&all).env("HOME", home.path())).is(1, "");

    let exporter = Server::start(Command::new(node_exporter).args([
        "--collector.disable-defaults".to_owned(),
        "--collector.textfile".to_owned(),
        format!("--collector.textfile.directory={}", text.display()),
    ]));
    let config = directory.path().join("prometheus.yml");
    let yaml = format!(
        "global: {{scrape_interval: 100ms, evaluation_interval: 100ms}}\nrule_files: [{:?}]\nscrape_configs:\n- job_name: node\n  \
         static_configs: [{{targets: [{:?}]}}]\n",
        docs("monitoring/alerts.yml"),
        exporter.address
    );
    fs::write(&config, yaml).unwrap();
    let data = directory.path().join("data");
    let prometheus = Server::start(Command::new(prometheus).args([
        format!("--config.file={}", config.display()),
        format!("--storage.tsdb.path={}", data.display()),
    ]));

    until("a scrape", || {
        !prometheus.values("gc_usage_over_limit").is_empty()
    });
    assert_eq!(prometheus.values("node_textfile_scrape_error"), [0.0]);
    assert_eq!(prometheus.values("node_textfile_mtime_seconds").len(), 2);
    let of_unit = samples(&usage);
    let of_all = samples(&all);
    assert!(of_unit.len() > 10 && of_all.len() > 20, "{of_unit:?} {of_all:?}");
    for (series, value) in of_unit.iter().chain(&of_all) {
        // A selector without a label selects all values of it.
        let alone = match series.split_once('{') {
            _ if series.contains("profile=") => series.clone(),
            Some((name, labels)) => format!("{name}{{profile=\"\",{labels}"),
            None => format!("{series}{{profile=\"\"}}"),
        };
        assert_eq!(prometheus.values(&alone), [*value], "{alone}");
    }

    let is_over =
        |(series, value): &&(String, f64)| series.starts_with("gc_usage_over_limit") && *value == 1.0;
    let over = of_unit.iter().chain(&of_all).filter(is_over).count();
    let limits = |alerts: &[Value]| -> BTreeSet<String> {
        let limit = |alert: &Value| alert["labels"]["limit"].as_str().map(str::to_owned);
        alerts.iter().filter_map(limit).collect()
    };
    let firing = || {
        let mut alerts = prometheus.data("/api/v1/alerts", "/data/alerts");
        alerts.retain(|alert| alert["state"] == "firing");
        alerts
    };
    let of_limits = || {
        let mut alerts = firing();
        alerts.retain(|alert| alert["labels"]["alertname"] == "GcUsageOverLimit");
        alerts
    };
    until("an alert for each exceeded limit", || of_limits().len() == over);
    let found = limits(&of_limits());
    assert!(
        found.contains("max-429-share")
            && found.contains("max-requests")
            && !found.contains("max-error-share"),
        "{found:?}"
    );
    let others = firing().into_iter().filter(|alert| {
        let name = alert["labels"]["alertname"].as_str().unwrap();
        !matches!(name, "GcUsageOverLimit" | "GcUsageNearAllotment")
    });
    assert_eq!(others.collect::<Vec<_>>(), [Value::Null; 0]);
    let unhealthy = || {
        let mut rules = prometheus.data("/api/v1/rules", "/data/groups/0/rules");
        assert_eq!(rules.len(), 8);
        rules.retain(|rule| rule["health"] != "ok");
        rules
    };
    until("all rules are evaluated", || unhealthy().is_empty());
}

#[test]
fn the_alert_rules_do_what_their_tests_say() {
    let Some(promtool) = program("promtool") else {
        return;
    };
    for arguments in [
        ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts_test.yml"],
    ] {
        let mut command = Command::new(&promtool);
        let seen = run(command.args(arguments).current_dir(docs("monitoring")));
        assert_eq!(seen.code, 0, "{seen}");
    }
}

#[test]
fn systemd_accepts_the_units() {
    let directory = tempfile::tempdir().unwrap();
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]);
    for name in [
        "gc-usage-check.service",
        "gc-usage-check.timer",
        "gc-usage-check-failed.service",
    ] {
        let unit = fs::read_to_string(docs("monitoring").join(name)).unwrap();
        let copy = directory.path().join(name);
        fs::write(
            &copy,
            unit.replace("/usr/local/bin/gc-usage", env!("CARGO_BIN_EXE_gc-usage")),
        )
        .unwrap();
        verify.arg(copy);
    }
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("skipped: there is no systemd-analyze");
        return;
    }
    let seen = run(&mut verify);
    let ours: Vec<_> = seen
        .err
        .lines()
        .filter(|line| line.contains("gc-usage"))
        .collect();
    // It also checks the units that ours need, which are those of the machine.
    let is_verified = seen.code == 0 || !seen.err.is_empty();
    assert!(is_verified && ours.is_empty(), "{seen}");
}

#[test]
fn the_page_shows_the_files_that_are_tested() {
    let page = fs::read_to_string(docs("monitoring.md")).unwrap();
    let files = fs::read_dir(docs("monitoring")).unwrap();
    for path in files.map(|file| file.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            page.contains(&format!("(monitoring/{name})")),
            "{name} has no link"
        );
        let block = format!("\n{}```\n", fs::read_to_string(&path).unwrap());
        assert!(
            name.starts_with("alerts") || page.contains(&block),
            "the page shows another {name}"
        );
    }
}
