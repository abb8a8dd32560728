//! Output on a terminal: progress, widths and colours.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read as _,
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use common::{Service, command, ready, signal};
use nix::{
    pty::{Winsize, openpty},
    sys::signal::Signal,
};
use usage_sim::{Fault, Simulator};

/// Runs a command whose standard error is a terminal. Returns the text on the terminal, and the exit code.
fn on_terminal(command: &mut Command, until: impl FnOnce(u32) + Send + 'static) -> (String, Option<i32>) {
    command.stdout(Stdio::null());
    attached(command, 100, Command::stderr, until)
}

/// Runs a command whose standard output is a terminal of this width.
fn page_on_terminal(command: &mut Command, columns: u16) -> (String, Option<i32>) {
    command.stderr(Stdio::null());
    let (page, code) = attached(command, columns, Command::stdout, |_| {});
    (page.replace("\r\n", "\n"), code)
}

/// Runs a command with a terminal instead of one of its outputs.
fn attached(
    command: &mut Command,
    columns: u16,
    output: fn(&mut Command, Stdio) -> &mut Command,
    until: impl FnOnce(u32) + Send + 'static,
) -> (String, Option<i32>) {
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let pty = openpty(&size, None).unwrap();
    let mut process = output(command, Stdio::from(pty.slave)).spawn().unwrap();
    // The copy in the command would keep the terminal open.
    output(command, Stdio::null());
    let reader = thread::spawn(move || {
        let mut terminal = File::from(pty.master);
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        // After the other side is closed, reading from a terminal is an error, not the end.
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
fn progress_shows_state_times_and_rows_and_is_cleared() {
    let service = Service::start(Simulator::builder().running_polls(4).rows(20_000));
    let mut query = service.command("query --month 2024-02 --format csv");
    query.env("TERM", "xterm");
    let (seen, code) = on_terminal(&mut query, |_| {});
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("submitting"), "{seen:?}");
    for part in [
        "Running for ",
        " s; polled once, again in ",
        " s; polled 2 times, again in ",
        " rows, ",
        " MiB, ",
    ] {
        assert!(seen.contains(part), "{part}: {seen:?}");
    }
    // The times advance without a response.
    let waits = seen.split("polled 3 times, again in ").skip(1);
    let waits: BTreeSet<_> = waits.filter_map(|rest| rest.split(" s").next()).collect();
    assert!(waits.len() >= 3, "{waits:?}");
    // There is room for the ^C that a terminal writes after the line.
    let lines = seen.split("\u{1b}[2K").map(|line| line.trim_end_matches('\r'));
    assert!(lines.clone().any(|line| line.chars().count() > 50));
    assert!(lines.clone().all(|line| line.chars().count() <= 96), "{seen:?}");
    // At the end, the line is cleared.
    let seen = seen.trim_end_matches(['\r', '\n']);
    assert!(seen.ends_with("\u{1b}[2K"), "{seen:?}");
}

#[test]
fn ctrl_c_clears_the_line_before_it_says_how_to_continue() {
    let service = Arc::new(Service::start(Simulator::builder().running_polls(1_000_000)));
    let mut query = service.command("query --month 2024-02");
    query.env("TERM", "xterm");
    let (seen, code) = on_terminal(&mut query, {
        let service = service.clone();
        move |process| {
            service.until_polled();
            signal(process, Signal::SIGINT);
        }
    });
    // Without the signal, it would wait for 15 minutes.
    assert_eq!(code, Some(130), "{seen}");
    let last = seen.rsplit("\u{1b}[2K").next().unwrap();
    assert!(last.trim_start().starts_with("error: interrupted"), "{seen:?}");
    assert!(last.contains("gc-usage results "), "{seen:?}");
}

#[test]
fn a_dumb_terminal_gets_no_progress() {
    let service = Service::start(Simulator::builder().running_polls(1));
    let mut query = service.command("query --month 2024-02");
    let (seen, code) = on_terminal(query.env("TERM", "dumb"), |_| {});
    assert_eq!((seen.as_str(), code), ("", Some(0)));
}

#[test]
fn a_written_file_is_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    for (arguments, text) in [
        (
            "query --month 2024-03 -o usage.csv",
            "wrote 8 rows to usage.csv\r\n",
        ),
        (
            "query --month 2024-03 --top 1 -o one.json",
            "wrote 1 row to one.json\r\n",
        ),
        ("report --month 2024-03 -o report.md", "wrote report.md\r\n"),
        (
            "check --month 2024-03 --max-requests 9000000 -o usage.prom",
            "wrote usage.prom\r\n",
        ),
    ] {
        let mut command = common::command(arguments);
        command.arg("--demo").current_dir(&directory).env("TERM", "xterm");
        let (seen, code) = on_terminal(&mut command, |_| {});
        assert!(code == Some(0) && seen.ends_with(text), "{seen:?}");
        // Without a terminal, there is no confirmation.
        let seen = common::run(&mut command);
        assert!(!seen.err.contains("wrote"), "{seen}");
    }
    let mut command = common::command("query --demo -o - --format csv");
    let (seen, _) = on_terminal(command.env("TERM", "xterm"), |_| {});
    assert!(!seen.contains("wrote"), "{seen:?}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for arguments in [
        "query --demo --month 2024-03 --group-by client,template-uri",
        "query --demo --month 2024-03 --group-by client,user,method,template-uri",
        "report --demo --month 2024-03 --licences cx3=12,cx2=4",
    ] {
        for columns in [40, 80, 120] {
            let (page, code) = page_on_terminal(command(arguments).env("NO_COLOR", "1"), columns);
            assert!(code == Some(0) && page.contains("{conversationId}"), "{page}");
            for line in page.lines() {
                assert!(line.chars().count() <= columns.into(), "{columns}: {line}");
            }
        }
    }
}

#[test]
fn progress_shows_the_wait_for_a_retry() {
    // The wait is long enough to be drawn.
    let down = Fault::on_submit().times(1).status(503).header("retry-after", "1");
    let service = Service::start(ready().fault(down));
    let mut query = service.command("query --month 2024-02");
    let (seen, code) = on_terminal(query.env("TERM", "xterm"), |_| {});
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("submitting: 503, try 2, again in "), "{seen:?}");
}

#[test]
fn only_terminals_get_colours_unless_an_option_or_the_environment_changes_this() {
    let is_coloured = |on_terminal: bool, options: &[&str], environment: &[(&str, &str)]| {
        let mut command = command("report --demo --month 2024-03");
        command.args(options).envs(environment.iter().copied());
        let page = match on_terminal {
            true => page_on_terminal(&mut command, 100).0,
            false => common::run(&mut command).out,
        };
        assert!(page.contains("Wallboard"), "{page}");
        page.contains("\u{1b}[1m")
    };
    for (on_terminal, options, environment, expected) in [
        (true, &[][..], &[("TERM", "xterm")][..], true),
        (true, &[], &[("TERM", "dumb")], false),
        (true, &[], &[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        (true, &[], &[("TERM", "xterm"), ("CLICOLOR", "0")], false),
        (true, &["--color", "never"], &[("TERM", "xterm")], false),
        (false, &[], &[("TERM", "xterm")], false),
        (false, &[], &[("CLICOLOR_FORCE", "1")], true),
        (false, &[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (false, &["--color", "always"], &[("NO_COLOR", "1")], true),
        (false, &["--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
    ] {
        let is_coloured = is_coloured(on_terminal, options, environment);
        let case = format!("terminal: {on_terminal}, {options:?}, {environment:?}");
        assert_eq!(is_coloured, expected, "{case}");
    }
}

#[test]
fn quiet_and_verbose_commands_show_no_progress() {
    let service = Service::start(Simulator::builder().running_polls(1));
    for option in ["-q", "-v"] {
        let mut query = service.command(&format!("query --month 2024-02 {option}"));
        let (seen, code) = on_terminal(query.env("TERM", "xterm"), |_| {});
        assert_eq!(code, Some(0), "{seen}");
        assert!(!seen.contains("again in") && !seen.contains('\u{1b}'), "{seen:?}");
        assert_eq!(seen.is_empty(), option == "-q", "{seen:?}");
    }
}

#[test]
fn a_workbook_is_not_written_to_a_terminal() {
    let service = Service::start(Simulator::builder());
    for line in [
        "query --format xlsx",
        "results 7157a113 --format xlsx --output -",
        "compare-sources --format xlsx",
    ] {
        let (page, code) = page_on_terminal(&mut service.command(line), 80);
        assert_eq!((page.as_str(), code), ("", Some(2)), "{line}");
    }
    assert_eq!(service.simulator.requests().len(), 0);
}
