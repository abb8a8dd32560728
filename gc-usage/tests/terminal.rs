//! What a person at a terminal sees, and nobody else: progress.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs::File,
    io::Read as _,
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use common::{Service, signal};
use nix::{
    pty::{Winsize, openpty},
    sys::signal::Signal,
};
use usage_sim::Simulator;

/// Runs a command whose standard error is a terminal; what the terminal got, and the exit code.
fn on_terminal(command: &mut Command, until: impl FnOnce(u32) + Send + 'static) -> (String, Option<i32>) {
    let size = Winsize {
        ws_row: 24,
        ws_col: 100,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let pty = openpty(&size, None).unwrap();
    let mut process = command
        .stdout(Stdio::null())
        .stderr(Stdio::from(pty.slave))
        .spawn()
        .unwrap();
    // The command's own copy of the terminal would keep it open.
    command.stderr(Stdio::null());
    let reader = thread::spawn(move || {
        let mut terminal = File::from(pty.master);
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        // The last reader of a terminal whose other side is closed gets an error, not an end.
        while let Ok(length @ 1..) = terminal.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..length]);
        }
        String::from_utf8_lossy(&seen).into_owned()
    });
    until(process.id());
    let code = process.wait().unwrap().code();
    (reader.join().unwrap(), code)
}

#[test]
fn progress_tells_state_polls_times_and_rows_and_goes_away() {
    let service = Service::start(Simulator::builder().running_polls(2).rows(20_000));
    let mut query = service.command(&["query", "--month", "2024-02", "--format", "csv"]);
    query.env("TERM", "xterm");
    let (seen, code) = on_terminal(&mut query, |_| {});
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("submitting"), "{seen:?}");
    for part in [
        "Running: 1 poll, ",
        " s, next in ",
        "Running: 2 polls, ",
        " rows, ",
        " MiB, ",
    ] {
        assert!(seen.contains(part), "{part}: {seen:?}");
    }
    // The last thing done is to clear the line.
    assert!(
        seen.trim_end_matches(['\r', '\n']).ends_with("\u{1b}[2K") || seen.ends_with("\u{1b}[2K"),
        "{seen:?}"
    );
}

#[test]
fn ctrl_c_clears_the_line_before_it_says_how_to_go_on() {
    let service = Arc::new(Service::start(Simulator::builder().running_polls(1_000_000)));
    let mut query = service.command(&["query", "--month", "2024-02"]);
    query.env("TERM", "xterm");
    let (seen, code) = on_terminal(&mut query, {
        let service = service.clone();
        move |process| {
            service.until_polled();
            signal(process, Signal::SIGINT);
        }
    });
    // It would wait for a quarter of an hour.
    assert_eq!(code, Some(130), "{seen}");
    let last = seen.rsplit("\u{1b}[2K").next().unwrap();
    assert!(
        last.trim_start().starts_with("error: interrupted") && last.contains("gc-usage results "),
        "{seen:?}"
    );
}

#[test]
fn a_dumb_terminal_gets_no_progress() {
    let service = Service::start(Simulator::builder().running_polls(1));
    let mut query = service.command(&["query", "--month", "2024-02"]);
    let (seen, code) = on_terminal(query.env("TERM", "dumb"), |_| {});
    assert_eq!((seen.as_str(), code), ("", Some(0)));
}
