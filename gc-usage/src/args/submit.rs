//! `gc-usage submit`.

use clap::Args;

use super::{connection::ConnectionArgs, select::SelectArgs, source::SourceArgs};

#[derive(Args)]
#[command(mut_arg("wait_timeout", |option| option.hide(true)))]
pub(crate) struct SubmitArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
