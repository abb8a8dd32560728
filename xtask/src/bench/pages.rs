//! The pages of a job, compared with requesting them one after the other.

use anyhow::{Result, ensure};

use super::{
    Encoding,
    process::{Simulator, run},
    programs::Programs,
    report::Table,
};

const ROWS: u64 = 200_000;
const LIMIT: &str = "limit: request one page after the other";
/// Our sides and their arguments.
const OURS: [(&str, &str); 2] = [
    ("`rows()` of a job", "job-rows"),
    ("`row_batches()` of a job", "job-batches"),
];

pub(super) fn pages(programs: &Programs, encoding: Encoding, runs: u32) -> Result<Table> {
    let rows = ROWS.to_string();
    let mut arguments = vec!["--rows", &rows];
    if matches!(encoding, Encoding::Plain) {
        arguments.push("--no-compression");
    }
    let simulator = Simulator::start(&programs.cli, &arguments)?;
    let encoding = encoding.name();
    let one = |side: usize| {
        let mut command = match side.checked_sub(1) {
            None => programs.baseline(&simulator, encoding, 1, "pages"),
            Some(ours) => programs.ours(&simulator, encoding, 1, OURS[ours].1),
        };
        let before = simulator.cpu()?;
        let mut measured = run(&mut command)?;
        measured.simulator = simulator.cpu()? - before;
        ensure!(measured.rows == ROWS, "{command:?} read {} rows", measured.rows);
        Ok(measured)
    };
    let sides = 0..=OURS.len();
    // This warms up.
    one(0)?;
    let mut measured = vec![Vec::new(); OURS.len() + 1];
    for number in 0..runs {
        eprintln!("pages of a job, {encoding}: run {} of {runs}", number + 1);
        let mut order: Vec<_> = sides.clone().collect();
        if number % 2 == 1 {
            order.reverse();
        }
        for side in order {
            measured[side].push(one(side)?);
        }
    }
    let names = [LIMIT].into_iter().chain(OURS.map(|(name, _)| name));
    Ok(Table {
        data: "job",
        rows: ROWS,
        encoding,
        repeats: 1,
        sides: names.zip(measured).collect(),
    })
}
