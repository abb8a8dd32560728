//! Where to ask, and as whom.

use std::path::PathBuf;

use clap::Args;
use usage_client::Region;

use super::values::Wait;
use crate::shell;

/// The options that say what one organization's profile says; they make no sense for several.
pub(crate) const ONE_PROFILE: [&str; 5] = [
    "region",
    "api_url",
    "login_url",
    "client_id",
    "client_secret_file",
];

#[derive(Args, Clone)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// Profile of gc-usage's config.toml or of the official CLI's ~/.gc/config.toml; several, with commas between them,
    /// ask several organizations.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Vec<String>,

    /// Ask the organizations of all profiles, side by side.
    #[arg(long, conflicts_with_all = ["profile"], conflicts_with_all = ONE_PROFILE)]
    pub(crate) all_profiles: bool,

    /// Region of the organization, by AWS name or domain; --help lists them.
    #[arg(long, long_help = regions())]
    pub(crate) region: Option<Region>,

    /// Base URL of the API instead of the region's.
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,

    /// Base URL of the login instead of the region's.
    #[arg(long, value_name = "URL")]
    pub(crate) login_url: Option<String>,

    /// Id of the OAuth client.
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,

    /// File that holds the OAuth client's secret; - reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,

    /// Proxy for all requests, http://host:port or socks5://host:port.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,

    /// Certificates (PEM) to trust beside the operating system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_cert: Option<PathBuf>,

    /// Longest time for one request, with its retries, and for reading all rows, such as 90s [default: 10m, and 1h for the
    /// rows].
    #[arg(long, value_name = "TIME")]
    pub(crate) timeout: Option<Wait>,

    /// Longest time to wait for a query, such as 2h [default: 15m].
    #[arg(long, value_name = "TIME")]
    pub(crate) wait_timeout: Option<Wait>,

    /// Ask a simulated organization inside this process; its data is made up.
    #[arg(long, conflicts_with_all = ["profile", "all_profiles", "proxy", "ca_cert"], conflicts_with_all = ONE_PROFILE)]
    pub(crate) demo: bool,
}

impl ConnectionArgs {
    /// The options that were given, for a command that asks the same organization, with the profile that was chosen.
    pub(crate) fn again(&self, profile: Option<&str>) -> String {
        // A URL may hold a password, which is not to be shown.
        let url = |url: &Option<String>| url.as_ref().filter(|url| !url.contains('@')).cloned();
        let text = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let options = [
            ("profile", profile.map(str::to_owned)),
            ("region", self.region.as_ref().map(ToString::to_string)),
            ("api-url", url(&self.api_url)),
            ("login-url", url(&self.login_url)),
            ("client-id", self.client_id.clone()),
            ("client-secret-file", text(&self.client_secret_file)),
            ("proxy", url(&self.proxy)),
            ("ca-cert", text(&self.ca_cert)),
        ];
        shell::options(options)
    }
}

fn regions() -> String {
    let names = Region::ALL
        .iter()
        .map(|region| format!("{region} ({})", region.domain()));
    let names: Vec<_> = names.collect();
    format!(
        "Region of the organization, by AWS name or domain: {}",
        names.join(", ")
    )
}
