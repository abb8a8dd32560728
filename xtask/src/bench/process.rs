//! One run of a process: its output, its time and its memory.

use std::{
    io::{BufRead as _, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};

/// How often the memory of a running process is read.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The result of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Measured {
    pub(super) rows: u64,
    pub(super) sum: i64,
    pub(super) peak_kib: u64,
    pub(super) wall: Duration,
    /// User and system time.
    pub(super) cpu: Duration,
    /// The CPU time of the simulator during the run.
    pub(super) simulator: Duration,
}

/// Runs one side of the benchmark. No other child process may end during the run.
pub(super) fn run(command: &mut Command) -> Result<Measured> {
    let mut measured = Measured::default();
    let output = measured.time(|| {
        let output = command.stderr(Stdio::inherit()).output();
        output.with_context(|| format!("cannot run {command:?}"))
    })?;
    ensure!(output.status.success(), "{command:?} failed: {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    (measured.rows, measured.sum, measured.peak_kib) =
        printed(&text).with_context(|| format!("{command:?} printed {text:?}, not rows, sum and peak"))?;
    Ok(measured)
}

/// Runs `gc-usage`, which writes rows to a file. Its memory is read while it runs.
pub(super) fn run_writing(command: &mut Command) -> Result<Measured> {
    let mut measured = Measured::default();
    let (status, peak_kib) = measured.time(|| {
        let child = command.spawn();
        let mut child = child.with_context(|| format!("cannot run {command:?}"))?;
        let mut peak_kib = 0;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok((status, peak_kib));
            }
            peak_kib = peak(child.id()).unwrap_or(peak_kib);
            thread::sleep(LOOK_EVERY);
        }
    })?;
    ensure!(status.success(), "{command:?} failed: {status}");
    measured.peak_kib = peak_kib;
    Ok(measured)
}

impl Measured {
    /// Does the work, and keeps its time.
    fn time<T>(&mut self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = cpu_of_children()?;
        let started = Instant::now();
        let done = work()?;
        self.wall = started.elapsed();
        self.cpu = cpu_of_children()? - before;
        Ok(done)
    }
}

/// The peak memory of a running process so far.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn printed(text: &str) -> Option<(u64, i64, u64)> {
    let mut words = text.split_whitespace();
    Some((
        words.next()?.parse().ok()?,
        words.next()?.parse().ok()?,
        words.next()?.parse().ok()?,
    ))
}

/// The CPU time of the child processes that have ended.
fn cpu_of_children() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| {
        Duration::new(
            time.tv_sec().unsigned_abs(),
            time.tv_usec().unsigned_abs() as u32 * 1_000,
        )
    };
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// A simulator in its own process, which ends when this is dropped.
pub(super) struct Simulator {
    child: Child,
    /// Kept open, because the simulator ends if it cannot print.
    out: Option<Lines<BufReader<ChildStdout>>>,
    pub(super) url: String,
}

impl Simulator {
    pub(super) fn start(program: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["simulate", "--running-polls", "0"]).args(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {command:?}"))?;
        let out = child.stdout.take().map(|out| BufReader::new(out).lines());
        let mut simulator = Self {
            child,
            out,
            url: String::new(),
        };
        for line in simulator.out.iter_mut().flatten() {
            if let Some(url) = line?.trim().strip_prefix("API ") {
                simulator.url = url.trim().to_owned();
                return Ok(simulator);
            }
        }
        bail!("the simulator printed no address")
    }

    /// The CPU time so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let file = format!("/proc/{}/stat", self.child.id());
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {file}: this needs Linux"))?;
        cpu_in_stat(&text).with_context(|| format!("{file} is not as expected: {text}"))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// User and system time, the 14th and 15th field, in hundredths of a second.
fn cpu_in_stat(text: &str) -> Option<Duration> {
    // The second field is a name in parentheses, which may hold spaces.
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_after_a_name_with_spaces_and_parentheses() {
        let text = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 2 3 4 150 25 0 0 20 0 3 0 100 1 2";
        assert_eq!(cpu_in_stat(text), Some(Duration::from_millis(1_750)));
        assert_eq!(cpu_in_stat("7 (a) S 1"), None);
    }

    #[test]
    fn the_output_of_a_side_is_read_or_refused() {
        assert_eq!(printed("3 -7 1024\n"), Some((3, -7, 1024)));
        assert_eq!(printed("3 7"), None);
        assert_eq!(printed("three 7 1"), None);
    }
}
