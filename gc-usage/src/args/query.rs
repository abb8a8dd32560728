//! `gc-usage query`.

use clap::Args;

use super::{
    connection::ConnectionArgs, from::FromArgs, rows::ShowArgs, select::SelectArgs, source::SourceArgs,
};

#[derive(Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,

    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) from: FromArgs,

    #[command(flatten)]
    pub(crate) show: ShowArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
