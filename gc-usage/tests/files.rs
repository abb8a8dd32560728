//! What is written to a file is there whole or not at all.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::Stdio,
};

use common::{Service, command, run, signal, until};
use nix::sys::signal::Signal;
use usage_sim::{Fault, Simulator};

const QUERY: [&str; 5] = ["query", "--interval", "2024-02-01/2024-02-07", "--format", "csv"];
const ROWS: usize = 5_000;
const OLD: &[u8] = b"the old one";

fn files(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

/// The file that is being written, if there is one, and how long it is by now.
fn part(folder: &Path) -> Option<u64> {
    let part = files(folder).into_iter().find(|name| name.ends_with(".part"))?;
    fs::metadata(folder.join(part)).ok().map(|part| part.len())
}

/// A command that writes a file which is there already, killed once something has come about.
fn killed(service: &Service, when: impl Fn(&Path) -> bool) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.csv");
    fs::write(&path, OLD).unwrap();
    let id = run(&mut service.command(&["submit"])).out;
    // Without the wait before the first poll, in which nothing would be killed.
    let mut command = service.command(&["results", id.trim_end()]);
    let command = command.arg("--output").arg(&path).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    until("the moment of the kill", || when(&path));
    signal(process.id(), Signal::SIGKILL);
    process.wait().unwrap();
    fs::read(&path).unwrap()
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_whole_new_one() {
    let simulator = || Simulator::builder().rows(ROWS as u64);
    let service = Service::start(simulator());
    let new = {
        let id = run(&mut service.command(&["submit"])).out;
        run(&mut service.command(&["results", id.trim_end(), "--format", "csv"])).out
    };
    assert_eq!(new.lines().count(), ROWS + 1);
    let length = new.len() as u64;

    // The service holds its answer back, so the new file cannot be whole.
    for (bytes, writes) in [(0, false), (1, false), (250_000, true)] {
        let stalled = Service::start(simulator().fault(Fault::on_results().stall_body_after(bytes)));
        let left = killed(&stalled, |path| {
            stalled.has_answered("/results")
                && (!writes || part(path.parent().unwrap()).is_some_and(|length| length > 0))
        });
        assert!(left == OLD, "{bytes}: {} bytes", left.len());
    }

    // The new file is there, and the command may or may not have ended.
    for _ in 0..5 {
        let left = killed(&service, |path| fs::read(path).unwrap() != OLD);
        assert!(left == new.as_bytes(), "{} bytes", left.len());
    }

    // Wherever the command was: by how much is written, up to the moment in which the name changes hands.
    for step in 0..=20 {
        let left = killed(&service, |path| {
            let enough = part(path.parent().unwrap()).is_some_and(|written| written >= length * step / 20);
            enough || fs::metadata(path).unwrap().len() != OLD.len() as u64
        });
        let is_one = left == OLD || left == new.as_bytes();
        assert!(is_one, "{step}: {} bytes are neither", left.len());
    }
}

#[test]
fn an_interrupted_or_failed_command_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.csv");
    let output = ["--output", path.to_str().unwrap()];
    let running = Service::start(Simulator::builder().running_polls(1_000_000));
    let process = running
        .command(&QUERY)
        .args(output)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    running.until_polled();
    assert_eq!(files(folder.path()).len(), 1, "it writes beside the name");
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
