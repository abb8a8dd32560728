//! `cargo xtask bench`: the client compared with plain reqwest and serde_json, as whole processes with the same response.

mod process;
mod report;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};

use crate::cargo;
use process::{Measured, Simulator, run, run_writing};
use report::Table;

/// What to measure.
#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Number of rows of the response. Can be given several times.
    #[arg(long, value_name = "N", default_values_t = [1_000, 100_000, 1_000_000])]
    rows: Vec<u64>,
    /// How often each side runs. The figures are medians.
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// How the response is sent. Can be given several times.
    #[arg(long, value_enum, default_values_t = [Encoding::Plain, Encoding::Gzip])]
    encoding: Vec<Encoding>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Encoding {
    Plain,
    Gzip,
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
        }
    }
}

/// The ways of the client to read a response: the argument of `bench-ours`, and the name in tables.
const WAYS: [(&str, &str); 4] = [
    ("wait", "`wait()`"),
    ("rows", "`rows()`"),
    ("batches", "`row_batches()`"),
    ("aggregate", "aggregation"),
];
/// The command as a user runs it: it accepts gzip, and waits before its first poll.
const CSV: &str = "`gc-usage query --output usage.csv`";
/// The positions of those in [`WAYS`] whose memory does not grow with the response.
const STREAMED: std::ops::Range<usize> = 1..WAYS.len();

/// Small responses are fetched so often that the start of the process does not matter.
const ROWS_A_PROCESS: u64 = 100_000;

pub(crate) fn bench(root: &Path, args: &BenchArgs) -> Result<()> {
    let programs = Programs::build(root)?;
    for encoding in &args.encoding {
        let mut tables = Vec::new();
        for rows in &args.rows {
            let table = measure(&programs, *rows, *encoding, args.runs)?;
            println!("{}", table.markdown());
            tables.push(table);
        }
        if let [.., smaller, larger] = &tables[..] {
            println!("{}", larger.growth_from(smaller, STREAMED));
        }
    }
    small_calls(root)
}

/// The programs. Each is built alone, so that none gets the features of another.
struct Programs {
    simulator: PathBuf,
    baseline: PathBuf,
    ours: PathBuf,
    responses: PathBuf,
}

impl Programs {
    fn build(root: &Path) -> Result<Self> {
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
        let responses = target.join("bench");
        std::fs::create_dir_all(&responses)?;
        Ok(Self {
            simulator: program("gc-usage"),
            baseline: program("bench-baseline"),
            ours: program("bench-ours"),
            responses,
        })
    }

    /// Runs the command that writes the rows to a CSV file.
    fn csv(&self, simulator: &Simulator) -> Result<Measured> {
        let directory = tempfile::tempdir_in(&self.responses)?;
        let file = directory.path().join("usage.csv");
        let mut command = Command::new(&self.simulator);
        command
            .args([
                "query",
                "--granularity",
                "day",
                "--group-by",
                "client,user,template-uri,method",
            ])
            .args(["--api-url", &simulator.url, "--output"])
            .arg(&file)
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret")
            .env_remove("GENESYSCLOUD_ACCESS_TOKEN");
        run_writing(&mut command, &file)
    }

    /// A file with a response of this number of rows, made once by the simulator.
    fn response(&self, rows: u64) -> Result<PathBuf> {
        let simulator = Simulator::start(&self.simulator, &["--rows", &rows.to_string()])?;
        let file = self.responses.join(format!("rows-{rows}.json"));
        let unfinished = tempfile::NamedTempFile::new_in(&self.responses)?.into_temp_path();
        let mut save = Command::new(&self.baseline);
        save.args([&simulator.url, "plain", "1"]).arg(&*unfinished);
        run(&mut save)?;
        unfinished.persist(&file)?;
        Ok(file)
    }
}

/// What is measured with one response.
#[derive(Clone, Copy)]
enum Side {
    Baseline,
    /// One of [`WAYS`].
    Way(usize),
    Csv,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline: reqwest + serde_json",
            Self::Way(place) => WAYS[place].1,
            Self::Csv => CSV,
        }
    }
}

fn fetch(
    program: &Path,
    simulator: &Simulator,
    encoding: Encoding,
    repeats: u64,
    way: Option<&str>,
) -> Result<Measured> {
    let mut command = Command::new(program);
    command.args([&simulator.url, encoding.name(), &repeats.to_string()]);
    run(command.args(way))
}

fn measure(programs: &Programs, rows: u64, encoding: Encoding, runs: u32) -> Result<Table> {
    let response = programs.response(rows)?;
    let response = response
        .to_str()
        .context("the target directory's path is not UTF-8")?;
    let simulator = Simulator::start(&programs.simulator, &["--results", response])?;
    let repeats = (ROWS_A_PROCESS / rows.max(1)).clamp(1, 100);
    let one = |side: Side| -> Result<Measured> {
        let before = simulator.cpu()?;
        let mut measured = match side {
            Side::Baseline => fetch(&programs.baseline, &simulator, encoding, repeats, None),
            Side::Way(place) => fetch(&programs.ours, &simulator, encoding, repeats, Some(WAYS[place].0)),
            Side::Csv => programs.csv(&simulator),
        }?;
        measured.simulator = simulator.cpu()? - before;
        ensure!(
            measured.rows == rows * repeats,
            "{} rows were read, not {}",
            measured.rows,
            rows * repeats
        );
        Ok(measured)
    };
    // This warms up, and makes the simulator compress the response.
    let expected = one(Side::Baseline)?.sum;
    let mut all = vec![Side::Baseline];
    all.extend((0..WAYS.len()).map(Side::Way));
    if repeats == 1 && matches!(encoding, Encoding::Gzip) {
        all.push(Side::Csv);
    }
    let mut sides = vec![Vec::new(); all.len()];
    for number in 0..runs {
        eprintln!("{rows} rows, {}: run {} of {runs}", encoding.name(), number + 1);
        let mut order: Vec<_> = (0..sides.len()).collect();
        if number % 2 == 1 {
            order.reverse();
        }
        for side in order {
            let measured = one(all[side])?;
            ensure!(
                measured.sum == expected,
                "the sum of {} is {}, that of the baseline {expected}",
                all[side].name(),
                measured.sum
            );
            sides[side].push(measured);
        }
    }
    let names = all.iter().map(|side| side.name());
    Ok(Table {
        title: format!("{} rows, {}", report::grouped(rows), encoding.name()),
        repeats,
        sides: names.zip(sides).collect(),
    })
}

fn small_calls(root: &Path) -> Result<()> {
    let mut bench = cargo::command(root);
    bench.args([
        "bench",
        "--locked",
        "--quiet",
        "--package",
        "usage-client",
        "--bench",
        "small_calls",
    ]);
    succeed(&mut bench)
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}
