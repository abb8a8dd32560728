//! Development tasks of this workspace: `cargo xtask <task>`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[cfg(unix)]
mod bench;
mod cargo;
mod changes;
mod codegen;
mod document;
mod escape;
mod imports;
mod isolate;
mod output;
mod postprocess;
mod rows;
mod simplify;
mod upstream;

/// Development tasks of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate the client and its typed mocks from openapi/usage.yaml.
    Codegen {
        /// Write nothing; print what would change, and fail if anything would change.
        #[arg(long)]
        check: bool,
        /// Root directory of the workspace.
        #[arg(long, value_name = "DIR", default_value_os_t = workspace_root())]
        root: PathBuf,
    },
    /// Measure the client against plain reqwest and serde_json, in release mode, as whole processes. Needs Linux.
    #[cfg(unix)]
    Bench(bench::BenchArgs),
    /// Check that no modules of a crate import one another in a cycle, except a parent and its child.
    Imports,
    /// Compare the document with the definition that the service publishes.
    Upstream(upstream::UpstreamArgs),
}

fn main() -> ExitCode {
    let task = Cli::parse().task;
    let failed = match task {
        Task::Upstream(_) => ExitCode::from(upstream::FAILED),
        _ => ExitCode::FAILURE,
    };
    let outcome = match task {
        Task::Codegen { check, root } => codegen::run(&root, check),
        #[cfg(unix)]
        Task::Bench(args) => bench::bench(&workspace_root(), &args).map(|()| ExitCode::SUCCESS),
        Task::Imports => imports::run(&workspace_root()),
        Task::Upstream(args) => upstream::run(&args),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", escape::escape_control_lines(&format!("{error:#}")));
            failed
        }
    }
}

fn workspace_root() -> PathBuf {
    // The value at run time, not at build time: clones may share a target directory.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(here);
    root.pop();
    root
}
