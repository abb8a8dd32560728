//! The option that reads a data set in place of asking the service.

use clap::Args;

#[derive(Args, Debug)]
#[command(next_help_heading = "Source")]
pub(crate) struct FromArgs {
    /// Read a data set of gc-usage sync in place of asking the service: a directory, s3://…, gs://… or az://…. --profile
    /// selects some of its organizations.
    #[cfg(feature = "sync")]
    #[arg(
        long,
        value_name = "PLACE",
        conflicts_with_all = [
            "source", "for_client", "all_profiles", "region", "api_url", "login_url", "client_id", "client_secret_file",
            "proxy", "ca_cert", "timeout", "wait_timeout", "demo"
        ]
    )]
    pub(crate) from: Option<String>,
}
