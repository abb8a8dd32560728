//! The programs that are measured. Each is built alone, so that none gets the features of another.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use super::process::Simulator;
use crate::cargo;

pub(super) struct Programs {
    /// `gc-usage`, which is also the simulator.
    pub(super) cli: PathBuf,
    baseline: PathBuf,
    ours: PathBuf,
    /// Where the benchmark keeps files.
    pub(super) directory: PathBuf,
}

impl Programs {
    pub(super) fn build(root: &Path) -> Result<Self> {
        for package in ["gc-usage", "bench-baseline", "bench-ours"] {
            let mut cargo = cargo::command(root);
            cargo.args(["build", "--release", "--locked", "--quiet", "--package", package]);
            succeed(&mut cargo)?;
        }
        let target = cargo::metadata(root)?.target_directory;
        let program = |name: &str| {
            target
                .join("release")
                .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
        };
        let directory = target.join("bench");
        std::fs::create_dir_all(&directory)?;
        Ok(Self {
            cli: program("gc-usage"),
            baseline: program("bench-baseline"),
            ours: program("bench-ours"),
            directory,
        })
    }

    pub(super) fn baseline(&self, simulator: &Simulator, encoding: &str, repeats: u64, way: &str) -> Command {
        fetch(&self.baseline, simulator, encoding, repeats, way)
    }

    pub(super) fn ours(&self, simulator: &Simulator, encoding: &str, repeats: u64, way: &str) -> Command {
        fetch(&self.ours, simulator, encoding, repeats, way)
    }

    /// The command as a user runs it, with all columns: it accepts gzip, and waits before its first poll.
    pub(super) fn query(&self, simulator: &Simulator, file: &Path) -> Command {
        let mut command = Command::new(&self.cli);
        command
            .args([
                "query",
                "--granularity",
                "day",
                "--group-by",
                "client,user,template-uri,method",
            ])
            .args(["--api-url", &simulator.url, "--output"])
            .arg(file)
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret")
            .env_remove("GENESYSCLOUD_ACCESS_TOKEN");
        command
    }
}

fn fetch(program: &Path, simulator: &Simulator, encoding: &str, repeats: u64, way: &str) -> Command {
    let mut command = Command::new(program);
    command.args([&simulator.url, encoding, &repeats.to_string(), way]);
    command
}

pub(super) fn succeed(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}
