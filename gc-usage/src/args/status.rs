//! `gc-usage status`.

use clap::Args;

use super::connection::ConnectionArgs;
use crate::resume::execution_id;

#[derive(Args)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct StatusArgs {
    /// Execution id, as printed by `gc-usage submit`.
    #[arg(value_name = "ID", value_parser = execution_id)]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
