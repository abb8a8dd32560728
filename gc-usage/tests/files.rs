//! What is written to a file is there whole or not at all.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use common::{Service, Simulation, command, run, signal};
use nix::sys::signal::Signal;
use usage_sim::{Fault, Simulator};

const QUERY: [&str; 5] = ["query", "--interval", "2024-02-01/2024-02-07", "--format", "csv"];
const ROWS: usize = 5_000;

fn files(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

#[test]
fn two_hundred_kills_at_random_moments_leave_the_old_file_or_the_new_one() {
    let simulation = Simulation::start(&["--rows", &ROWS.to_string(), "--running-polls", "0"]);
    let submitted = run(&mut simulation.command(&["submit"])).out;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.csv");
    // Without the wait before the first poll, in which nothing would be killed.
    let query = || {
        let mut command = simulation.command(&["results", submitted.trim_end()]);
        command.arg("--output").arg(&path);
        command
    };
    let begun = Instant::now();
    assert_eq!(run(&mut query()).code, 0);
    let whole = begun.elapsed();
    let new = fs::read(&path).unwrap();
    assert_eq!(new.iter().filter(|byte| **byte == b'\n').count(), ROWS + 1);
    let mut random = fastrand::Rng::with_seed(5);
    let (mut olds, mut news) = (0, 0);
    for round in 0..200 {
        let old = format!("the old one, {round}");
        fs::write(&path, &old).unwrap();
        let mut process = query().stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(whole.mul_f64(1.3 * random.f64()));
        signal(process.id(), Signal::SIGKILL);
        process.wait().unwrap();
        let left = fs::read(&path).unwrap();
        if left == old.as_bytes() {
            olds += 1;
        } else {
            assert!(left == new, "{round}: {} bytes are neither", left.len());
            news += 1;
        }
    }
    assert!(olds > 20 && news > 10, "{olds} old, {news} new");
}

#[test]
fn an_interrupted_or_failed_command_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.csv");
    let output = ["--output", path.to_str().unwrap()];
    let simulation = Simulation::start(&["--running-polls", "1000000"]);
    let process = simulation
        .command(&QUERY)
        .args(output)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while files(folder.path()).is_empty() {
        assert!(Instant::now() < deadline, "no temporary file appears");
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(300));
    signal(process.id(), Signal::SIGINT);
    let seen = process.wait_with_output().unwrap();
    assert_eq!(seen.status.code(), Some(130));
    assert_eq!(files(folder.path()), [""; 0]);

    let cut = Fault::on_results().always().cut_body_after(40_000);
    let service = Service::start(Simulator::builder().running_polls(0).rows(ROWS as u64).fault(cut));
    fs::write(&path, "the old one").unwrap();
    let seen = run(service.command(&QUERY).args(output).args(["--timeout", "5s"]));
    assert_eq!(seen.code, 4, "{seen}");
    assert_eq!(files(folder.path()), ["usage.csv"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "the old one");
}

#[test]
fn a_file_keeps_its_permissions_and_a_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("usage.csv"), folder.path().join("link.csv"));
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    let query = [
        "query",
        "--demo",
        "--interval",
        "2024-02-01/2024-02-02",
        "--output",
    ];
    let seen = run(command(&query).arg(&link));
    assert_eq!(seen.code, 0, "{seen}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&file).unwrap().starts_with("interval,"));
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
    assert_eq!(files(folder.path()), ["link.csv", "usage.csv"]);
}

#[test]
fn a_full_disk_a_missing_folder_and_a_folder_are_errors() {
    let query = [
        "query",
        "--demo",
        "--interval",
        "2024-02-01/2024-02-02",
        "--format",
        "csv",
        "--output",
    ];
    for (path, code, text) in [
        ("/dev/full", 2, "cannot write /dev/full: No space left on device"),
        (
            "/nonexistent/usage.csv",
            2,
            "cannot write /nonexistent/usage.csv: there is no folder /nonexistent\nhint: create it",
        ),
        ("/tmp", 2, "cannot write /tmp: it is a folder"),
        ("/dev/null", 0, ""),
    ] {
        let seen = run(command(&query).arg(path));
        assert!(seen.code == code && seen.err.contains(text), "{path}: {seen}");
    }
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut process = command(&query[..6]);
    let output = process.stdout(full).stderr(Stdio::piped()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err.contains("cannot write the output: the disk is full\nhint: "),
        "{err}"
    );
}
