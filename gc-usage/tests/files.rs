//! A file is written completely or not at all.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink},
    path::Path,
    process::Stdio,
};

use common::{Seen, Service, command, entries, in_shell, ready, run, signal, until};
use nix::{
    sys::{signal::Signal, stat::Mode},
    unistd::mkfifo,
};
use usage_sim::{Fault, Simulator};

const QUERY: &str = "query --interval 2024-02-01/2024-02-07 --format csv";
const ROWS: usize = 10_000;
const OLD: &[u8] = b"the old one";

/// The current length of the hidden file, if there is one.
fn part(directory: &Path) -> Option<u64> {
    let part = entries(directory)
        .into_iter()
        .find(|name| name.ends_with(".part"))?;
    fs::metadata(directory.join(part)).ok().map(|part| part.len())
}

/// Runs a command that replaces a file, kills it when a condition holds, and returns the file.
fn killed(service: &Service, when: impl Fn(&Path) -> bool) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("usage.csv");
    fs::write(&path, OLD).unwrap();
    let id = service.submit();
    // `results` does not wait before the first poll, so the kill does not come during that wait.
    let mut command = service.command(&format!("results {id}"));
    let command = command.arg("--output").arg(&path).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    until("the moment of the kill", || when(&path));
    signal(process.id(), Signal::SIGKILL);
    process.wait().unwrap();
    fs::read(&path).unwrap()
}

#[test]
fn a_kill_at_any_time_leaves_the_old_file_or_the_complete_new_one() {
    let simulator = || Simulator::builder().rows(ROWS as u64);
    let service = Service::start(simulator());
    let new = service
        .run(&format!("results {} --format csv", service.submit()))
        .out;
    assert_eq!(new.lines().count(), ROWS + 1);
    let length = new.len() as u64;

    // The response stops, so the new file cannot be complete.
    for (bytes, writes) in [(0, false), (1, false), (1_500_000, true)] {
        let stalled = Service::start(simulator().fault(Fault::on_results().stall_body_after(bytes)));
        let left = killed(&stalled, |path| {
            stalled.has_responded("/results")
                && (!writes || part(path.parent().unwrap()).is_some_and(|length| length > 0))
        });
        assert!(left == OLD, "{bytes}: {} bytes", left.len());
    }

    // The new file exists, and the command may or may not have ended.
    for _ in 0..5 {
        let left = killed(&service, |path| fs::read(path).unwrap() != OLD);
        assert!(left == new.as_bytes(), "{} bytes", left.len());
    }

    // At different lengths of the hidden file, up to the rename.
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
fn an_interrupted_or_failed_command_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("usage.csv");
    let output = ["--output", path.to_str().unwrap()];
    for (ending, code, text) in [
        (Signal::SIGINT, 130, "interrupted"),
        (Signal::SIGTERM, 143, "terminated"),
        (Signal::SIGHUP, 129, "the terminal was closed"),
    ] {
        if is_ignored(ending) {
            continue;
        }
        let running = Service::start(Simulator::builder().running_polls(1_000_000));
        let mut command = running.command(QUERY);
        let process = command.args(output).stderr(Stdio::piped()).spawn().unwrap();
        running.until_polled();
        assert_eq!(entries(directory.path()).len(), 1, "it writes a hidden file");
        signal(process.id(), ending);
        let seen = Seen::from(process.wait_with_output().unwrap());
        let message = format!("error: {text}\nhint: the query continues at the service");
        seen.fails(code, &message);
        assert_eq!(entries(directory.path()), [""; 0]);
    }

    let cut = Fault::on_results().always().cut_body_after(40_000);
    let service = Service::start(ready().rows(ROWS as u64).fault(cut));
    fs::write(&path, OLD).unwrap();
    let seen = run(service.command(QUERY).args(output).args(["--timeout", "5s"]));
    assert_eq!(seen.code, 4, "{seen}");
    assert_eq!(entries(directory.path()), ["usage.csv"]);
    assert_eq!(fs::read(&path).unwrap(), OLD);
}

const DEMO: &str = "query --demo --interval 2024-02-01/2024-02-02 --format csv";

/// A command of the shell, in which `"$@"` is `gc-usage` with the arguments of [`DEMO`].
fn shell(script: &str, directory: &Path) -> Seen {
    run(in_shell(script, &command(DEMO)).current_dir(directory))
}

#[test]
fn a_file_keeps_its_permissions_and_a_link_stays_one() {
    let directory = tempfile::tempdir().unwrap();
    let [file, link] = ["usage.csv", "link.csv"].map(|name| directory.path().join(name));
    symlink(&file, &link).unwrap();
    // With the bits that the umask would remove, but without those that let others run it as its owner.
    for (old, expected) in [(0o600, 0o600), (0o640, 0o640), (0o666, 0o666), (0o4755, 0o755)] {
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(old)).unwrap();
        let seen = shell(r#"umask 027; "$@" --output link.csv"#, directory.path());
        assert_eq!(seen.code, 0, "{seen}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&file).unwrap().starts_with("interval,"));
        let mode = fs::metadata(&file).unwrap().mode() & 0o7777;
        assert_eq!(mode, expected, "{mode:o} of {old:o}");
    }
    let seen = shell(r#"umask 027; "$@" --output new.csv"#, directory.path());
    let mode = fs::metadata(directory.path().join("new.csv")).unwrap().mode();
    assert_eq!((seen.code, mode & 0o7777), (0, 0o640), "{seen}");
    assert_eq!(entries(directory.path()), ["link.csv", "new.csv", "usage.csv"]);
}

#[test]
fn a_file_of_another_user_keeps_its_owner() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("usage.csv");
    fs::write(&file, "old").unwrap();
    // Only root may give files away.
    let (user, group) = (Some(65534), Some(65533));
    if chown(&file, user, group).is_err() {
        return;
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o660)).unwrap();
    let seen = run(command(DEMO).arg("--output").arg(&file));
    assert_eq!(seen.code, 0, "{seen}");
    let new = fs::metadata(&file).unwrap();
    assert_eq!((Some(new.uid()), Some(new.gid())), (user, group));
    assert_eq!(new.mode() & 0o777, 0o660);
    assert!(fs::read_to_string(&file).unwrap().starts_with("interval,"));
}

#[test]
fn a_link_that_is_changed_later_does_not_lead_to_another_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name| directory.path().join(name);
    fs::write(path("first.csv"), OLD).unwrap();
    fs::write(path("second.csv"), OLD).unwrap();
    symlink("first.csv", path("link.csv")).unwrap();
    let service = Service::start(Simulator::builder().running_polls(1));
    let mut command = service.command(QUERY);
    let mut process = command.arg("--output").arg(path("link.csv")).spawn().unwrap();
    until("the file is open", || part(directory.path()).is_some());
    fs::remove_file(path("link.csv")).unwrap();
    symlink("second.csv", path("link.csv")).unwrap();
    assert!(process.wait().unwrap().success());
    assert_eq!(fs::read(path("second.csv")).unwrap(), OLD);
    assert!(fs::read(path("first.csv")).unwrap().starts_with(b"interval,"));
}

#[test]
fn a_file_that_the_shell_opened_keeps_its_contents() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.csv");
    for (script, code, has_rows) in [
        (r#""$@" -o /dev/stdout >>log.csv"#, 0, true),
        (r#""$@" -o - >>log.csv"#, 0, true),
        (r#""$@" -o /proc/self/fd/1 >>log.csv"#, 0, true),
        (
            r#"ln -sf /dev/stdout link.csv; "$@" -o link.csv >>log.csv"#,
            0,
            true,
        ),
        (r#"("$@" -o /dev/stdout; echo after) >>log.csv"#, 0, true),
        (r#""$@" -o /dev/fd/3 3>>log.csv"#, 2, false),
        (r#""$@" -o /dev/fd/3 3>&1 | cat >>log.csv"#, 0, true),
    ] {
        fs::write(&path, "old\n").unwrap();
        let seen = shell(script, directory.path());
        assert_eq!(seen.code, code, "{script}: {seen}");
        let log = fs::read_to_string(&path).unwrap();
        assert!(log.starts_with("old\n"), "{script}: {log}");
        assert_eq!(log.contains("\ninterval,"), has_rows, "{script}: {log}");
        let is_appended = log.ends_with("after\n");
        assert_eq!(is_appended, script.contains("after"), "{script}: {log}");
        let is_explained = seen.err.contains("hint: write to it with: --output - >&3");
        assert_eq!(is_explained, code != 0, "{seen}");
    }
}

#[test]
fn a_file_that_grows_beyond_its_limit_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let all = "--granularity day --group-by client,method,template-uri --output usage.csv";
    let seen = shell(&format!(r#"ulimit -f 8; "$@" {all}"#), directory.path());
    seen.fails(2, "cannot write usage.csv: File too large");
    assert_eq!(entries(directory.path()), [""; 0]);
}

/// Whether a process has a handler for a signal.
#[cfg(target_os = "linux")]
fn listens(process: u32, signal: Signal) -> bool {
    has_signal(&process.to_string(), "SigCgt:", signal)
}

/// Whether the tests were started by `nohup`: what they start ignores a hangup too.
fn is_ignored(signal: Signal) -> bool {
    signal == Signal::SIGHUP && cfg!(target_os = "linux") && has_signal("self", "SigIgn:", signal)
}

/// Whether a signal is in one of the sets that Linux shows for a process.
fn has_signal(process: &str, set: &str, signal: Signal) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix(set)).unwrap();
    let mask = u64::from_str_radix(mask.trim(), 16).unwrap();
    mask >> (signal as i32 - 1) & 1 == 1
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_a_command_that_waits_for_the_system() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    // It has no reader.
    let process = command(DEMO)
        .arg("--output")
        .arg(&pipe)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("it listens for signals", || listens(process.id(), Signal::SIGINT));
    signal(process.id(), Signal::SIGINT);
    Seen::from(process.wait_with_output().unwrap()).fails(130, "error: interrupted");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_leaves_no_hidden_file_of_a_command_that_waits_for_the_system() {
    let directory = tempfile::tempdir().unwrap();
    // Nobody types the secret.
    let mut process = command("query --region eu-west-1 --client-id id")
        .args(["--client-secret-file", "-", "--output"])
        .arg(directory.path().join("usage.csv"))
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the hidden file", || part(directory.path()).is_some());
    until("it listens for signals", || listens(process.id(), Signal::SIGINT));
    signal(process.id(), Signal::SIGINT);
    let secret = process.stdin.take();
    assert_eq!(process.wait().unwrap().code(), Some(130));
    drop(secret);
    assert_eq!(entries(directory.path()), [""; 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn an_ignored_signal_stays_ignored() {
    let running = Service::start(Simulator::builder().running_polls(1_000_000));
    let query = running.command(QUERY);
    // As `nohup` does.
    let mut ignoring = in_shell(r#"trap "" HUP; exec "$@""#, &query);
    let process = ignoring.stderr(Stdio::null()).spawn().unwrap();
    running.until_polled();
    assert!(listens(process.id(), Signal::SIGTERM) && !listens(process.id(), Signal::SIGHUP));
    signal(process.id(), Signal::SIGHUP);
    signal(process.id(), Signal::SIGTERM);
    assert_eq!(process.wait_with_output().unwrap().status.code(), Some(143));
}

#[test]
fn a_full_disk_a_missing_directory_and_a_directory_are_errors() {
    for (path, code, text) in [
        ("/dev/full", 2, "cannot write /dev/full: No space left on device"),
        (
            "/nonexistent/usage.csv",
            2,
            "cannot write /nonexistent/usage.csv: there is no directory /nonexistent\nhint: create it",
        ),
        ("/tmp", 2, "cannot write /tmp: it is a directory"),
        ("/dev/null", 0, ""),
    ] {
        let seen = run(command(DEMO).args(["--output", path]));
        seen.fails(code, text);
    }
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut process = command(DEMO);
    let output = process.stdout(full).stderr(Stdio::piped()).output().unwrap();
    Seen::from(output).fails(2, "cannot write the output: the disk is full\nhint: ");
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_the_query() {
    let service = Service::start(Simulator::builder());
    let directory = tempfile::tempdir().unwrap();
    let turned = directory.path().join("turned.csv");
    symlink("turned.csv", &turned).unwrap();
    let too_long = "x".repeat(256);
    for (name, text) in [
        (too_long.as_str(), "File name too long"),
        ("turned.csv", "symbolic links"),
        ("missing/usage.csv", "there is no directory"),
    ] {
        let path = directory.path().join(name);
        let seen = run(service.command(QUERY).arg("--output").arg(path));
        seen.fails(2, text);
    }
    assert_eq!(service.simulator.requests().len(), 0);
    assert!(fs::symlink_metadata(&turned).unwrap().is_symlink());
    assert_eq!(entries(directory.path()), ["turned.csv"]);
}
