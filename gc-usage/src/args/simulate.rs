//! `gc-usage simulate`.

use std::path::PathBuf;

use clap::Args;

use super::values;

#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// Port on the loopback address; 0 selects any free port.
    #[arg(long, default_value_t = 0, value_parser = values::port)]
    pub(crate) port: u16,

    /// Respond to every query with this recorded response. Jobs keep their rows.
    #[arg(long, value_name = "FILE", conflicts_with = "rows")]
    pub(crate) results: Option<PathBuf>,

    /// Respond to every query and job with this many synthetic rows.
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(crate) rows: Option<u64>,

    /// Respond "Running" this many times before the rows, or first "Queued" to a job.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = values::times)]
    pub(crate) running_polls: u32,

    /// Never compress a response, even for a client that accepts gzip.
    #[arg(long)]
    pub(crate) no_compression: bool,

    /// Status of the response to a submitted query or job.
    #[arg(long, value_name = "STATUS", default_value = "200", value_parser = values::submit_status)]
    pub(crate) submit_status: u16,

    /// Permission of every token, such as usage:organization:view; may be repeated. By default, all of them.
    #[arg(long = "permission", value_name = "PERMISSION")]
    pub(crate) permissions: Vec<String>,

    /// Retire the operations that jobs replace: respond to them with this status.
    #[arg(long, value_name = "STATUS", value_parser = values::retired)]
    pub(crate) retired: Option<u16>,
}
