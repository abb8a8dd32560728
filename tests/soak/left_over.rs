//! Threads, files and connections that a round leaves behind. There must be none.

use std::{
    fmt, fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::service::Services;

/// How long closing everything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Raises the limit of open files, since both ends of each connection are in this process.
#[cfg(unix)]
pub(crate) fn allow_many_files() -> Result<()> {
    use anyhow::Context as _;
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).context("cannot open so many files")
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LeftOver {
    threads: usize,
    /// Open files, sockets among them.
    files: usize,
    /// Connections, seen from the services.
    tasks: usize,
}

impl LeftOver {
    pub(crate) fn now(services: &Services) -> Self {
        let count = |directory| fs::read_dir(directory).map_or(0, Iterator::count);
        Self {
            threads: count("/proc/self/task"),
            files: count("/proc/self/fd"),
            tasks: services.tasks(),
        }
    }

    /// Waits until there is no more than before.
    pub(crate) fn wait_for(self, services: &Services) -> Result<Self> {
        let begun = Instant::now();
        loop {
            let now = Self::now(services);
            if now.threads <= self.threads && now.files <= self.files && now.tasks <= self.tasks {
                return Ok(now);
            }
            ensure!(
                begun.elapsed() < PATIENCE,
                "left over: {now}; before there were {self}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl fmt::Display for LeftOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            threads,
            files,
            tasks,
        } = self;
        write!(
            f,
            "{threads} threads, {files} files, {tasks} tasks of the services"
        )
    }
}
