//! The ways to read a response that are compared.

use std::path::Path;

use anyhow::Result;

use super::{
    process::{Measured, Simulator, run, run_writing},
    programs::Programs,
    written::{csv_rows, jsonl_rows},
};

#[derive(Clone, Copy)]
pub(super) enum Side {
    Baseline,
    /// Reads the bytes and counts them, without decoding JSON. They take the place of rows.
    Limit,
    /// `bench-ours` with this argument.
    Ours(&'static str),
    /// `gc-usage` writes a file of this name. The function finds the number of rows in it and their sum.
    Query(&'static str, fn(&Path) -> Result<(u64, i64)>),
}

const BASELINE: &str = "baseline: reqwest + serde_json";
const WAIT: &str = "`wait()`";

/// All sides with their names, the baseline first.
pub(super) const SIDES: [(&str, Side); 9] = [
    (BASELINE, Side::Baseline),
    ("limit: read the bytes", Side::Limit),
    (WAIT, Side::Ours("wait")),
    ("`rows()`", Side::Ours("rows")),
    ("`row_batches()`", Side::Ours("batches")),
    ("aggregation by client and endpoint", Side::Ours("aggregate")),
    (
        "aggregation by client, endpoint and day",
        Side::Ours("aggregate-day"),
    ),
    (
        "`gc-usage query --output usage.csv`",
        Side::Query("usage.csv", csv_rows),
    ),
    (
        "`gc-usage query --output usage.jsonl`",
        Side::Query("usage.jsonl", jsonl_rows),
    ),
];
/// Those that keep the whole response in memory.
pub(super) const BUFFERED: [&str; 2] = [BASELINE, WAIT];

impl Side {
    /// One process that fetches the response this many times, or once if it is `gc-usage`.
    pub(super) fn run(
        self,
        programs: &Programs,
        simulator: &Simulator,
        encoding: &str,
        repeats: u64,
    ) -> Result<Measured> {
        match self {
            Self::Baseline => run(&mut programs.baseline(simulator, encoding, repeats, "rows")),
            Self::Limit => run(&mut programs.baseline(simulator, encoding, repeats, "bytes")),
            Self::Ours(way) => run(&mut programs.ours(simulator, encoding, repeats, way)),
            Self::Query(name, read) => {
                let directory = tempfile::tempdir_in(&programs.directory)?;
                let file = directory.path().join(name);
                let mut measured = run_writing(&mut programs.query(simulator, &file))?;
                (measured.rows, measured.sum) = read(&file)?;
                Ok(measured)
            }
        }
    }
}
