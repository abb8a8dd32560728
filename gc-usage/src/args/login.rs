//! `gc-usage login`.

use clap::Args;

use super::connection::ConnectionArgs;

#[derive(Args)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct LoginArgs {
    /// Log in, and find out whether the permission to see usage is there; what the command does anyway.
    #[arg(long, hide = true)]
    pub(crate) check: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
