//! Exit codes and rows of commands that cannot write their output, notes or file.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    process::{Command, Output, Stdio},
};

use common::{Seen, Service, command, entries, home, in_shell, profile, ready, run};
use usage_sim::{Fault, Simulator};

const MONTH: [&str; 3] = ["--demo", "--month", "2024-03"];

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe whose reader has gone.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn code(command: &mut Command, out: impl Into<Stdio>, err: impl Into<Stdio>) -> i32 {
    command.stdout(out).stderr(err).status().unwrap().code().unwrap()
}

#[test]
fn the_exit_code_counts_even_if_nothing_reads_the_output() {
    let check = |limit: &str, format: &str| {
        let mut check = command(&format!("check --max-requests {limit} --format {format}"));
        check.args(MONTH);
        check
    };
    for format in ["text", "json", "openmetrics"] {
        assert_eq!(code(&mut check("5", format), unread(), unread()), 1, "{format}");
        let within = code(&mut check("5000000", format), unread(), unread());
        assert_eq!(within, 0, "{format}");
        assert_eq!(code(&mut check("5", format), full(), full()), 1, "{format}");
    }
    // Within the limits, a write error is an error like any other.
    assert_eq!(code(&mut check("5000000", "text"), full(), Stdio::null()), 2);
    let seen = run(check("5000000", "text").args(["--output", "/dev/full"]));
    assert_eq!(seen.code, 2, "{seen}");
    let seen = run(check("5", "text").args(["--output", "/dev/full"]));
    seen.fails(1, "cannot write /dev/full");

    let running = Service::start(Simulator::builder().running_polls(1_000_000));
    let mut status = running.command(&format!("status {}", running.submit()));
    assert_eq!(code(&mut status, unread(), unread()), 6);
    let failed = Fault::on_results().always().query_status("Failed");
    let failed = Service::start(ready().fault(failed));
    let mut status = failed.command(&format!("status {}", failed.submit()));
    assert_eq!(code(&mut status, unread(), Stdio::null()), 5);
    assert_eq!(code(&mut status, full(), Stdio::null()), 5);

    // The id is not lost.
    let mut submit = running.command("submit");
    let submitted = submit.stdout(full()).stderr(Stdio::piped()).output().unwrap();
    let hint = "the query was submitted; show its rows with: gc-usage results ";
    Seen::from(submitted).fails(2, hint);

    // For a report, a write error decides the exit code, unless the query failed.
    let mut report = command("report");
    assert_eq!(code(report.args(MONTH), full(), Stdio::null()), 2);
    let down = Fault::on_submit().always().status(400);
    let down = Service::start(Simulator::builder().fault(down));
    assert_eq!(code(&mut down.command("report"), unread(), Stdio::null()), 4);
}

#[test]
fn a_refused_login_decides_the_exit_code_even_if_nothing_reads_the_output() {
    let service = Service::start(Simulator::builder());
    let url = service.simulator.url();
    let profiles = profile("good", &url, "demo-secret") + &profile("wrong", &url, "not-the-secret");
    let home = home(&profiles, "");
    let mut login = command("login --check --profile good --profile wrong");
    login.env("HOME", home.path());
    assert_eq!(code(&mut login, unread(), Stdio::null()), 3);
    assert_eq!(code(&mut login, full(), Stdio::null()), 3);
    login = command("login --check --profile good");
    assert_eq!(code(login.env("HOME", home.path()), unread(), Stdio::null()), 0);
}

/// Why standard error cannot be written.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Full,
    Unread,
    Closed,
}

/// Runs a command whose standard error cannot be written.
fn run_with(trouble: Trouble, command: &mut Command) -> Output {
    let command = match trouble {
        Trouble::Full => command.stderr(full()),
        Trouble::Unread => command.stderr(unread()),
        Trouble::Closed => &mut in_shell("exec \"$@\" 2>&-", command),
    };
    command.output().unwrap()
}

#[test]
fn a_command_does_not_need_standard_error() {
    for trouble in [Trouble::Full, Trouble::Unread, Trouble::Closed] {
        works_with(trouble);
    }
}

fn works_with(trouble: Trouble) {
    let directory = tempfile::tempdir().unwrap();
    // Each command keeps its exit code. A panic would be 101.
    for (arguments, expected) in [
        ("report --demo --month 2024-03", 0),
        ("check --demo --max-requests 5", 1),
        ("submit --demo", 0),
        ("login --check --demo", 0),
        ("query --demo --client nobody", 0),
        ("query --demo --since 2024-03-01 --until 2999-01-01", 0),
        ("query --demo -vv", 0),
        ("query --last 0d", 2),
        ("query", 2),
        ("query --demo --output none/rows.csv", 2),
        ("query -v --api-url http://127.0.0.1:1 --timeout 300ms", 4),
        ("profiles", 0),
        ("nonsense", 2),
        ("--help", 0),
    ] {
        let mut command = command(arguments);
        command.env("GENESYSCLOUD_ACCESS_TOKEN", "token");
        let output = run_with(trouble, command.current_dir(&directory));
        assert_eq!(output.status.code(), Some(expected), "{trouble:?}: {arguments}");
    }
    // All rows are written, to standard output or to a file.
    let query = || command("query --demo --month 2024-03 --format csv --top 2");
    let output = run_with(trouble, &mut query());
    let rows = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), rows.lines().count()), (Some(0), 3));
    let path = directory.path().join("rows.csv");
    let to_file = run_with(trouble, query().arg("--output").arg(&path));
    assert_eq!(to_file.status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), rows);
}

#[test]
fn a_link_to_a_missing_file_stays_a_link() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("data")).unwrap();
    symlink("data/usage.csv", at("link.csv")).unwrap();
    symlink("link.csv", at("second.csv")).unwrap();
    symlink("nowhere/usage.csv", at("lost.csv")).unwrap();
    symlink("circle.csv", at("circle.csv")).unwrap();
    let write = |name: &str| run(command("query --output").arg(at(name)).args(MONTH));
    for name in ["link.csv", "second.csv"] {
        let seen = write(name);
        assert_eq!(seen.code, 0, "{seen}");
        assert!(fs::symlink_metadata(at(name)).unwrap().is_symlink());
        let text = fs::read_to_string(at("data/usage.csv")).unwrap();
        assert!(text.starts_with("interval,"), "{text}");
        fs::remove_file(at("data/usage.csv")).unwrap();
    }
    let seen = write("lost.csv");
    seen.fails(2, "there is no directory ");
    let seen = write("circle.csv");
    seen.fails(2, "ymbolic link");
    assert!(fs::symlink_metadata(at("circle.csv")).unwrap().is_symlink());
    assert!(entries(&at("data")).is_empty());
}

#[test]
fn the_name_may_be_as_long_as_the_file_system_allows() {
    let directory = tempfile::tempdir().unwrap();
    for name in [
        "x".repeat(255),
        "x".repeat(241),
        format!("{}.csv", "ü".repeat(125)),
        format!(".{}", "x".repeat(254)),
    ] {
        let seen = run(command("query --format csv --output")
            .arg(directory.path().join(&name))
            .args(MONTH));
        assert_eq!(seen.code, 0, "{seen}");
        assert_eq!(entries(directory.path()), [name.as_str()]);
        fs::remove_file(directory.path().join(&name)).unwrap();
    }
}
