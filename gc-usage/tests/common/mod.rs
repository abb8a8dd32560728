//! Runs the command like a user, without the settings of the developer's machine.

#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    env,
    ffi::OsStr,
    fmt, fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant, SystemTime},
};

use chrono::{DateTime, NaiveDate, Utc};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use usage_sim::{Simulator, SimulatorBuilder};

pub(crate) const DEMO_NOTICE: &str = "Demo: a simulated organization; all of this data is made up.\n";

/// A home directory without files.
const NO_HOME: &str = "/nonexistent";

pub(crate) fn today() -> NaiveDate {
    DateTime::<Utc>::from(SystemTime::now()).date_naive()
}

/// The command with a line of words without quotes.
pub(crate) fn command(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gc-usage"));
    command
        .args(line.split_whitespace())
        .stdin(Stdio::null())
        .env("HOME", NO_HOME);
    let of_genesys = |name: &OsStr| name.to_string_lossy().starts_with("GENESYSCLOUD_");
    let is_proxy = |name: &OsStr| name.to_string_lossy().to_uppercase().ends_with("_PROXY");
    for (name, _) in env::vars_os().filter(|(name, _)| of_genesys(name) || is_proxy(name)) {
        command.env_remove(name);
    }
    // `CI` turns colours on.
    let others = "XDG_CONFIG_HOME CI NO_COLOR CLICOLOR CLICOLOR_FORCE TERM LC_ALL LC_CTYPE LANG";
    for name in others.split(' ') {
        command.env_remove(name);
    }
    command
}

pub(crate) fn signal(process: u32, signal: Signal) {
    let _ = kill(Pid::from_raw(process.try_into().unwrap()), signal);
}

/// A command that runs longer hangs, even on a slow machine.
const HANG: Duration = Duration::from_secs(60);

/// Waits until a condition holds.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < HANG, "it did not happen: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A home directory with the configuration files of both tools. An empty text makes no file.
pub(crate) fn home(ours: &str, gc: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (path, text) in [(".config/gc-usage/config.toml", ours), (".gc/config.toml", gc)] {
        let path = home.path().join(path);
        if !text.is_empty() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    home
}

/// A profile with the demo client of the service at this URL.
pub(crate) fn profile(name: &str, url: &str, secret: &str) -> String {
    format!(
        "[{name}]\napi_url = \"{url}\"\nlogin_url = \"{url}\"\nclient_id = \"demo-client\"\nclient_secret = \"{secret}\"\n"
    )
}

/// The names in a directory, in order.
pub(crate) fn entries(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The exit code and output of a command.
pub(crate) struct Seen {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command until it ends, which must be within a minute.
pub(crate) fn run(command: &mut Command) -> Seen {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id();
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait_with_output()));
    let output = end.recv_timeout(HANG).unwrap_or_else(|_| {
        signal(id, Signal::SIGKILL);
        panic!("{command:?} does not end");
    });
    Seen::from(output.unwrap())
}

/// A shell that runs a script, in which `"$@"` is the command.
pub(crate) fn in_shell(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        shell.current_dir(directory);
    }
    shell
}

impl From<Output> for Seen {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            self.code, self.out, self.err
        )
    }
}

/// What a user sees of several commands, each with a title, for one snapshot.
pub(crate) fn transcript<T: fmt::Display>(commands: impl IntoIterator<Item = (T, Seen)>) -> String {
    let parts = commands.into_iter();
    parts
        .map(|(title, seen)| format!("$ {title}\n{seen}\n"))
        .collect()
}

impl Seen {
    /// Checks the exit code, and that standard error contains a text.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, text: &str) {
        assert!(self.code == code && self.err.contains(text), "{text}: {self}");
    }

    /// Checks that the command succeeded, and that standard output contains a text.
    #[track_caller]
    pub(crate) fn prints(&self, text: &str) {
        assert!(self.code == 0 && self.out.contains(text), "{text}: {self}");
    }

    /// Checks that standard error contains a text.
    #[track_caller]
    pub(crate) fn warns(&self, text: &str) {
        assert!(self.err.contains(text), "{text}: {self}");
    }

    /// Checks that neither output contains a text.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        assert!(
            !self.out.contains(text) && !self.err.contains(text),
            "{text}: {self}"
        );
    }

    /// Checks the exit code and standard output.
    #[track_caller]
    pub(crate) fn is(&self, code: i32, out: &str) {
        assert!(self.code == code && self.out == out, "{code}, {out}: {self}");
    }

    /// Replaces texts that vary by names.
    pub(crate) fn naming(mut self, names: &[(&str, &str)]) -> Self {
        for (text, name) in names {
            self.out = self.out.replace(text, name);
            self.err = self.err.replace(text, name);
        }
        self
    }
}

/// A simulator whose queries are complete at the first poll.
pub(crate) fn ready() -> SimulatorBuilder {
    Simulator::builder().running_polls(0)
}

/// The simulated service in this process, which can have faults, unlike `gc-usage simulate`.
pub(crate) struct Service {
    pub(crate) simulator: Simulator,
    _runtime: Runtime,
}

impl Service {
    pub(crate) fn start(builder: SimulatorBuilder) -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(builder.start()).unwrap();
        Self {
            simulator,
            _runtime: runtime,
        }
    }

    /// A service that responds to all queries with these results at once.
    pub(crate) fn replaying(results: impl Into<Vec<u8>>) -> Self {
        Self::start(ready().results(results.into()))
    }

    /// A service that responds to all queries at once.
    pub(crate) fn ready() -> Self {
        Self::start(ready())
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        querying(&self.simulator.url(), line)
    }

    pub(crate) fn run(&self, line: &str) -> Seen {
        run(&mut self.command(line))
    }

    pub(crate) fn query(&self, options: &str) -> Seen {
        self.run(&format!("query {options}"))
    }

    /// Submits a query, and returns its id.
    pub(crate) fn submit(&self) -> String {
        self.run("submit").out.trim_end().to_owned()
    }

    /// The queries that were submitted.
    pub(crate) fn queries(&self) -> Vec<Value> {
        let requests = self.simulator.requests();
        let queries = requests.iter().filter(|request| request.path.ends_with("/query"));
        queries
            .map(|request| serde_json::from_slice(&request.body).unwrap())
            .collect()
    }

    /// Waits until there was a poll, so the command has the execution id.
    pub(crate) fn until_polled(&self) {
        until("a poll", || self.has_responded("/results"));
    }

    /// Whether the service has responded to a request whose path ends with `path`.
    pub(crate) fn has_responded(&self, path: &str) -> bool {
        let requests = self.simulator.requests();
        requests
            .iter()
            .any(|request| request.path.ends_with(path) && request.status.is_some())
    }
}

/// A command that queries the service at this URL.
pub(crate) fn querying(url: &str, line: &str) -> Command {
    let mut command = command(line);
    command
        .args(["--api-url", url, "--login-url", url])
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret");
    command
}
