//! `gc-usage status`.

use clap::Args;

use super::{connection::ConnectionArgs, source::SourceArgs};
use crate::resume::execution_id;

#[derive(Args)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct StatusArgs {
    /// Execution id, as printed by `gc-usage submit`; with --source jobs, one or more job ids.
    #[arg(value_name = "ID", required = true, value_parser = execution_id)]
    pub(crate) ids: Vec<String>,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
