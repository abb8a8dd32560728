//! `cargo xtask bench`: the client compared with plain reqwest and serde_json, as whole processes with the same response.

mod data_set;
mod pages;
mod process;
mod programs;
mod report;
mod responses;
mod sides;
mod summary;
mod written;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};

use crate::cargo;
use process::{Measured, Simulator};
use programs::{Programs, succeed};
use report::Table;
use responses::Data;
use sides::{BUFFERED, SIDES, Side};

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
    /// The data set. Can be given several times.
    #[arg(long, value_enum, default_values_t = [Data::Demo, Data::Realistic])]
    data: Vec<Data>,
    /// Number of rows of the data set that `gc-usage sync` writes, of 30 days.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    synced_rows: u64,
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

/// Small responses are fetched so often that the start of the process does not matter.
const ROWS_A_PROCESS: u64 = 100_000;

pub(crate) fn bench(root: &Path, args: &BenchArgs) -> Result<()> {
    let programs = Programs::build(root)?;
    let mut tables = Vec::new();
    for data in &args.data {
        for encoding in &args.encoding {
            let first = tables.len();
            for rows in &args.rows {
                let table = measure(&programs, *data, *rows, *encoding, args.runs)?;
                println!("{}", table.markdown());
                tables.push(table);
            }
            if let [.., smaller, larger] = &tables[first..] {
                println!("{}", larger.growth_from(smaller, &BUFFERED));
            }
        }
    }
    for encoding in &args.encoding {
        println!("{}", pages::pages(&programs, *encoding, args.runs)?.markdown());
    }
    println!("{}", data_set::data_set(&programs, args.synced_rows, args.runs)?);
    small_calls(root)?;
    println!("{}", summary::summary(&tables));
    Ok(())
}

fn measure(programs: &Programs, data: Data, rows: u64, encoding: Encoding, runs: u32) -> Result<Table> {
    let response = data.response(programs, rows)?;
    let bytes = response.metadata()?.len();
    let response = response
        .to_str()
        .context("the target directory's path is not UTF-8")?;
    let mut arguments = vec!["--results", response];
    if matches!(encoding, Encoding::Plain) {
        // gc-usage always accepts gzip.
        arguments.push("--no-compression");
    }
    let simulator = Simulator::start(&programs.cli, &arguments)?;
    let repeats = (ROWS_A_PROCESS / rows.max(1)).clamp(1, 100);
    let one = |name: &str, side: Side| -> Result<Measured> {
        let before = simulator.cpu()?;
        let mut measured = side.run(programs, &simulator, encoding.name(), repeats)?;
        measured.simulator = simulator.cpu()? - before;
        let expected = repeats * if matches!(side, Side::Limit) { bytes } else { rows };
        ensure!(
            measured.rows == expected,
            "{name} read {}, not {expected}",
            measured.rows
        );
        Ok(measured)
    };
    let sides: Vec<_> = SIDES
        .into_iter()
        .filter(|(_, side)| repeats == 1 || !matches!(side, Side::Query(..)))
        .collect();
    // This warms up, and makes the simulator compress the response.
    let (baseline, first) = sides[0];
    let expected = one(baseline, first)?.sum;
    let mut measured = vec![Vec::new(); sides.len()];
    for number in 0..runs {
        eprintln!(
            "{rows} {} rows, {}: run {} of {runs}",
            data.name(),
            encoding.name(),
            number + 1
        );
        let mut order: Vec<_> = (0..sides.len()).collect();
        if number % 2 == 1 {
            order.reverse();
        }
        for place in order {
            let (name, side) = sides[place];
            let run = one(name, side)?;
            ensure!(
                run.sum == expected || matches!(side, Side::Limit),
                "the sum of {name} is {}, that of the baseline {expected}",
                run.sum
            );
            measured[place].push(run);
        }
    }
    let names = sides.into_iter().map(|(name, _)| name);
    Ok(Table {
        data: data.name(),
        rows,
        encoding: encoding.name(),
        repeats,
        sides: names.zip(measured).collect(),
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
