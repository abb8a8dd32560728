//! The command as a user runs it, without any setting of whoever runs the tests.

#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

pub(crate) const DEMO_NOTICE: &str = "Demo: a simulated organization; all of this data is made up.\n";

/// A home without any file in it.
const NO_HOME: &str = "/nonexistent";

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gc-usage"));
    command.args(arguments).stdin(Stdio::null()).env("HOME", NO_HOME);
    for name in ["REGION", "OAUTHCLIENT_ID", "OAUTHCLIENT_SECRET", "ACCESS_TOKEN"] {
        command.env_remove(format!("GENESYSCLOUD_{name}"));
    }
    for name in [
        "XDG_CONFIG_HOME",
        "NO_COLOR",
        "TERM",
        "LC_ALL",
        "LC_CTYPE",
        "LANG",
    ] {
        command.env_remove(name);
    }
    command
}

pub(crate) struct Seen {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(command: &mut Command) -> Seen {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Seen {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A running `gc-usage simulate`, with the URL that it printed.
pub(crate) struct Simulation {
    process: Child,
    pub(crate) url: String,
}

impl Simulation {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = command(&["simulate"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let line = lines.find(|line| line.trim_start().starts_with("API ")).unwrap();
        let url = line.split_whitespace().nth(1).unwrap().to_owned();
        // The rest is read too, so that the process does not meet a closed pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url }
    }

    /// One that replays a recorded answer at once.
    pub(crate) fn replaying(folder: &Path, answer: &str) -> Self {
        let path = folder.join("answer.json");
        std::fs::write(&path, answer).unwrap();
        Self::start(&["--running-polls", "0", "--results", path.to_str().unwrap()])
    }

    /// A command that asks it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command
            .args(["--api-url", &self.url, "--login-url", &self.url])
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret");
        command
    }

    pub(crate) fn query(&self, arguments: &[&str]) -> Seen {
        run(self.command(&["query"]).args(arguments))
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
