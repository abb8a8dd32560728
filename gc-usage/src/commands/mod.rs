//! One file a subcommand.

pub(crate) mod query;
pub(crate) mod simulate;
