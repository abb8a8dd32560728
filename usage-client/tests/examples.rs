//! Every example runs against the simulator.

use std::{path::PathBuf, process::Command};

fn run(example: &str) -> String {
    run_with(example, &[])
}

fn run_with(example: &str, arguments: &[&str]) -> String {
    // target/PROFILE/deps/this-test, next to target/PROFILE/examples.
    let mut path: PathBuf = std::env::current_exe().expect("tests have a path");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&path);
    command
        .args(arguments)
        .env_remove("GENESYSCLOUD_REGION")
        .env_remove("SIMULATOR_URL");
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{example}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Runs an example, and asserts that it prints all of this.
fn assert_prints(example: &str, parts: &[&str]) {
    let text = run(example);
    for part in parts {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
}

#[test]
fn submit_and_wait_prints_a_line_for_each_client_and_day() {
    let text = run("submit_and_wait");
    let lines = text.lines().filter(|line| line.contains("Wallboard"));
    assert_eq!(lines.count(), 7, "{text}");
}

#[test]
fn resume_by_id_prints_the_id_and_reads_the_rows() {
    let text = run("resume_by_id");
    assert!(text.starts_with("submitted "), "{text}");
    assert!(text.contains("8 rows"), "{text}");
}

#[test]
fn progress_tells_of_the_running_poll() {
    assert_prints("progress", &["poll 1", "Running", "8 rows"]);
}

#[test]
fn own_token_source_reads_rows() {
    assert_prints("own_token_source", &["8 rows"]);
}

#[test]
fn through_a_gateway_reads_rows() {
    assert_prints("through_a_gateway", &["8 rows"]);
}

#[test]
fn raw_operation_shows_status_and_limit() {
    assert_prints("raw_operation", &["status 200 OK", "Running", "requests left"]);
}

#[test]
fn stream_to_csv_writes_every_row() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("usage.csv");
    let text = run_with("stream_to_csv", &[file.to_str().expect("a UTF-8 path")]);
    let lines = std::fs::read_to_string(&file).expect("the file is there");
    let count = format!("{} rows", lines.lines().count() - 1);
    assert!(text.starts_with(&count), "{text}");
    assert!(lines.starts_with("date,client_id,client_name,") && lines.lines().count() > 100);
    let left = std::fs::read_dir(directory.path()).expect("a directory");
    assert_eq!(left.count(), 1, "only the file is left");
}

#[test]
fn totals_by_client_prints_a_line_for_each_client() {
    let text = run("totals_by_client");
    assert!(text.lines().count() == 8 && text.contains("Wallboard"), "{text}");
}
