//! `gc-usage login`.

use clap::Args;

use super::connection::ConnectionArgs;

#[derive(Args)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct LoginArgs {
    /// Check the login and the permission to see usage. The command does this without the option too.
    #[arg(long, hide = true)]
    pub(crate) check: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
