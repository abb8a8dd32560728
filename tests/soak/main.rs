//! Stress test: 500 tasks make 10,000 queries, and cancel many of them. The service fails one attempt in five. Rounds are
//! repeated until the time is over. Every answer must be right, and nothing may be left over.
//!
//! `cargo run --release -p usage-tests --bin soak -- --seconds 120`

mod left_over;
mod query;
mod service;

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use left_over::LeftOver;
use query::{Expected, Outcome, Queries};
use service::Services;

const TASKS: u64 = 500;

/// Queries by five hundred tasks on a bad day, on each kind of runtime in turn.
#[derive(Parser)]
struct Args {
    /// No round begins after so many seconds; the first two always do.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// How many queries each task makes in a round.
    #[arg(long, default_value_t = 20)]
    queries_each: u64,
    /// Decides what is asked and cancelled, and when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    match soak(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn soak(args: &Args) -> Result<()> {
    #[cfg(unix)]
    left_over::allow_many_files()?;
    let services = Services::start()?;
    let expected = Arc::new(services.expected()?);
    let before = LeftOver::now(&services);
    let begun = Instant::now();
    for round in 0.. {
        if round > 1 && begun.elapsed() >= Duration::from_secs(args.seconds) {
            break;
        }
        let (name, builder) = match round % 2 {
            0 => ("multi-thread", Builder::new_multi_thread()),
            _ => ("current-thread", Builder::new_current_thread()),
        };
        let line = one_round(builder, &services, &expected, args, round)
            .and_then(|line| before.wait_for(&services).map(|left| format!("{line}; {left}")));
        println!(
            "{name}: {}",
            line.with_context(|| format!("round {round}, {name}"))?
        );
    }
    println!(
        "nothing lost, doubled or left over in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

/// All queries once, on a runtime of their own.
fn one_round(
    mut builder: Builder,
    services: &Services,
    expected: &Arc<Expected>,
    args: &Args,
    round: u64,
) -> Result<String> {
    let (each, seed) = (args.queries_each, args.seed.wrapping_add(round));
    let runtime = builder.enable_all().build()?;
    let begun = Instant::now();
    let retries = Arc::new(AtomicU64::new(0));
    let line = runtime.block_on(async {
        let queries = Queries::new(&services.small, &services.bulk, expected, &retries)?;
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (queries, mut random) = (queries.clone(), fastrand::Rng::with_seed(seed << 32 | task));
                tokio::spawn(async move {
                    let mut whole = 0;
                    for _ in 0..each {
                        whole += u64::from(queries.one(&mut random).await? == Outcome::Whole);
                    }
                    anyhow::Ok(whole)
                })
            })
            .collect();
        let mut whole = 0;
        for task in tasks {
            whole += task.await??;
        }
        let took = begun.elapsed();
        // The same client must still be fast: cancelled calls hold up no other.
        let calm = Instant::now();
        queries.small(0).await?;
        ensure!(
            calm.elapsed() < Duration::from_secs(10),
            "a query took {:?} afterwards",
            calm.elapsed()
        );
        let all = TASKS * each;
        anyhow::Ok(format!(
            "{all} queries in {:.1} s, {whole} compared, {} cancelled, {} attempts failed",
            took.as_secs_f64(),
            all - whole,
            retries.load(Ordering::Relaxed)
        ))
    })?;
    no_task(&runtime)?;
    Ok(line)
}

/// Waits until the runtime has no task any more.
fn no_task(runtime: &Runtime) -> Result<()> {
    let begun = Instant::now();
    loop {
        // On a current-thread runtime, tasks run only during `block_on`.
        runtime.block_on(async { tokio::time::sleep(Duration::from_millis(10)).await });
        let tasks = runtime.metrics().num_alive_tasks();
        if tasks == 0 {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < left_over::PATIENCE,
            "{tasks} tasks are left over"
        );
    }
}
