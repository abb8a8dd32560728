//! `gc-usage simulate`.

use std::path::PathBuf;

use clap::Args;

use super::values;

#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// Port on the loopback address; 0 selects any free port.
    #[arg(long, default_value_t = 0, value_parser = values::port)]
    pub(crate) port: u16,

    /// Respond to every query with this recorded response.
    #[arg(long, value_name = "FILE", conflicts_with = "rows")]
    pub(crate) results: Option<PathBuf>,

    /// Respond to every query with this many synthetic rows.
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(crate) rows: Option<u64>,

    /// Respond "Running" this many times before the rows.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = values::times)]
    pub(crate) running_polls: u32,

    /// Never compress a response, even for a client that accepts gzip.
    #[arg(long)]
    pub(crate) no_compression: bool,

    /// Status of the response to a submitted query.
    #[arg(long, value_name = "STATUS", default_value = "200", value_parser = values::submit_status)]
    pub(crate) submit_status: u16,
}
