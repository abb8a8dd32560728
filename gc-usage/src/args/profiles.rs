//! `gc-usage profiles`.

use clap::Args;

use super::connection::ConnectionArgs;

#[derive(Args)]
#[command(mut_arg("demo", |option| option.hide(true)))]
pub(crate) struct ProfilesArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
