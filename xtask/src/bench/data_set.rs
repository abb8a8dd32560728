//! A data set of `gc-usage sync`, compared with a CSV file of as many rows.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::SystemTime,
};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};

use super::{
    process::{Measured, Simulator, run_writing},
    programs::Programs,
    report::Table,
    written::csv_rows,
};

const DAYS: u64 = 30;

/// The table, and the size of the data set.
pub(super) fn data_set(programs: &Programs, rows: u64, runs: u32) -> Result<String> {
    let yesterday = DateTime::<Utc>::from(SystemTime::now()).date_naive() - Days::new(1);
    let since = yesterday - Days::new(DAYS - 1);
    // A request never covers two months, and the simulator has as many rows for each request.
    let requests = 1 + u64::from(since.month() != yesterday.month());
    let rows = rows / requests * requests;
    let file = programs.directory.join("usage.csv");
    let root = programs.directory.join("lake");
    let start =
        |rows: u64| Simulator::start(&programs.cli, &["--rows", &rows.to_string(), "--no-compression"]);
    let (whole, parts) = (start(rows)?, start(rows / requests)?);
    let mut sides = [
        ("`query --output usage.csv`", Vec::new()),
        ("`sync --to lake`", Vec::new()),
    ];
    for number in 0..runs {
        eprintln!("{rows} rows of {DAYS} days: run {} of {runs}", number + 1);
        for side in if number % 2 == 0 { [0, 1] } else { [1, 0] } {
            let mut measured = match side {
                0 => {
                    let mut query = programs.query(&whole, &file);
                    of_simulator(&whole, query.args(["--since", &since.to_string()]))?
                }
                _ => {
                    remove(&root)?;
                    let mut sync = sync(programs, &parts, &root, since);
                    of_simulator(&parts, &mut sync)?
                }
            };
            measured.rows = if side == 0 {
                csv_rows(&file)?.0
            } else {
                stored(programs, &root)?.0
            };
            ensure!(
                measured.rows == rows,
                "{} wrote {} rows",
                sides[side].0,
                measured.rows
            );
            sides[side].1.push(measured);
        }
    }
    let (_, bytes) = stored(programs, &root)?;
    let csv = file.metadata()?.len();
    fs::remove_file(&file)?;
    remove(&root)?;
    let table = Table {
        data: "bulk",
        rows,
        encoding: "plain",
        repeats: 1,
        sides: sides.into(),
    };
    Ok(format!(
        "{}\nThe data set has {:.2} bytes a row, and the CSV file {:.1}.\n",
        table.markdown(),
        bytes as f64 / rows as f64,
        csv as f64 / rows as f64
    ))
}

fn of_simulator(simulator: &Simulator, command: &mut Command) -> Result<Measured> {
    let before = simulator.cpu()?;
    let mut measured = run_writing(command)?;
    measured.simulator = simulator.cpu()? - before;
    Ok(measured)
}

fn sync(programs: &Programs, simulator: &Simulator, root: &Path, since: NaiveDate) -> Command {
    let mut command = Command::new(&programs.cli);
    command
        .args([
            "sync",
            "--since",
            &since.to_string(),
            "--api-url",
            &simulator.url,
            "--to",
        ])
        .arg(root)
        .stdout(Stdio::null())
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret")
        .env_remove("GENESYSCLOUD_ACCESS_TOKEN");
    command
}

/// The rows and bytes that a data set has, by its own status.
fn stored(programs: &Programs, root: &Path) -> Result<(u64, u64)> {
    let output = Command::new(&programs.cli)
        .args(["sync", "status", "--format", "json", "--to"])
        .arg(root)
        .output()?;
    let status: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let one = &status["organizations"][0];
    let number = |name: &str| {
        one[name]
            .as_u64()
            .with_context(|| format!("no {name} in {status}"))
    };
    Ok((number("rows")?, number("bytes")?))
}

fn remove(root: &Path) -> Result<()> {
    match root.exists() {
        true => Ok(fs::remove_dir_all(root)?),
        false => Ok(()),
    }
}
