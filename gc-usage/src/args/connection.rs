//! The options that select organizations, and how to reach them.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use usage_client::Region;

use crate::{
    error::CliError,
    settings::{Key, Layer, ONE_PROFILE, Place, Selection, duration},
};

#[derive(Args, Clone)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// Profile of gc-usage's config.toml or of the official CLI's ~/.gc/config.toml; several, separated by
    /// commas, query several organizations.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Vec<String>,

    /// Query the organizations of all profiles in parallel.
    #[arg(long, conflicts_with_all = ["profile"], conflicts_with_all = ONE_PROFILE.map(Key::name))]
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

    /// Certificates (PEM) to trust in addition to the operating system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_cert: Option<PathBuf>,

    /// Longest time for one request, with its retries, and for reading all rows, such as 90s [default: 10m, and 1h for the
    /// rows].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// Longest time to wait for a query, such as 2h [default: 15m].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) wait_timeout: Option<Duration>,

    /// Query a simulated organization in this process; its data is made up.
    #[arg(long, conflicts_with_all = ["profile", "all_profiles", "proxy", "ca_cert"], conflicts_with_all = ONE_PROFILE.map(Key::name))]
    pub(crate) demo: bool,
}

impl ConnectionArgs {
    /// The options as plain values, for code that knows no command line.
    pub(crate) fn selection(&self) -> Result<Selection, CliError> {
        if self.proxy.as_deref().is_some_and(|url| url.contains('@')) {
            return Err(
                CliError::local("--proxy: a password does not belong on a command line")
                    .with_hint("set `proxy` in a profile, or HTTPS_PROXY"),
            );
        }
        let mut options = Layer::new(Place::Option);
        for (key, text) in [
            (Key::ApiUrl, &self.api_url),
            (Key::LoginUrl, &self.login_url),
            (Key::ClientId, &self.client_id),
            (Key::Proxy, &self.proxy),
        ] {
            options.read(key, text.as_deref().unwrap_or_default());
        }
        options.set(Key::Region, self.region);
        options.set(Key::ClientSecretFile, self.client_secret_file.clone());
        options.set(Key::CaCert, self.ca_cert.clone());
        options.set(Key::Timeout, self.timeout);
        options.set(Key::WaitTimeout, self.wait_timeout);
        Ok(Selection {
            profiles: self.profile.clone(),
            all_profiles: self.all_profiles,
            demo: self.demo,
            options,
        })
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

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches as _};

    use super::*;

    #[test]
    fn each_setting_has_an_option_but_those_that_are_secret() {
        let command = ConnectionArgs::augment_args(Command::new("gc-usage"));
        let not_on_a_command_line = [Key::ClientSecret, Key::AccessToken];
        for key in Key::ALL.iter().filter(|key| !not_on_a_command_line.contains(key)) {
            let option = Place::Option.of(*key);
            // One of the two fits the option's type.
            let lines = ["5s", "eu-west-1"].map(|value| ["gc-usage".to_owned(), format!("{option}={value}")]);
            let matches = lines
                .into_iter()
                .find_map(|line| command.clone().try_get_matches_from(line).ok());
            let matches = matches.unwrap_or_else(|| panic!("{option}: there is no such option"));
            let args = ConnectionArgs::from_arg_matches(&matches).unwrap();
            let options = args.selection().unwrap().options;
            assert!(options.has_any(&[*key]), "{option} is not read: see `selection`");
        }
    }
}
