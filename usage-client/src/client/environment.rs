//! Settings from the environment variables that Genesys's tools share.

use std::env::{self, VarError};

use super::builder::ClientBuilder;
use crate::{
    auth::credentials::{Credentials, bare, trimmed},
    error::{Error, Result},
    generated::client::Client,
    region::Region,
};

const REGION: &str = "GENESYSCLOUD_REGION";
const CLIENT_ID: &str = "GENESYSCLOUD_OAUTHCLIENT_ID";
const CLIENT_SECRET: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";
const ACCESS_TOKEN: &str = "GENESYSCLOUD_ACCESS_TOKEN";

impl Client {
    /// Builds a client from [`ClientBuilder::from_env`] and defaults.
    ///
    /// ```no_run
    /// # async fn example() -> usage_client::Result<()> {
    /// use usage_client::{ApiUsageQuery, Client, Interval};
    ///
    /// let client = Client::from_env()?;
    /// let execution = client.submit(ApiUsageQuery::builder().interval(Interval::last_days(7))).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ClientBuilder::from_env`] and [`ClientBuilder::build`].
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }
}

impl ClientBuilder {
    /// Starts with [`Region::from_env`] and [`Credentials::from_env`]. Other variables of Genesys's tools
    /// (`GENESYSCLOUD_GATEWAY_HOST`, `GENESYSCLOUD_PROXY_HOST` …) are not read. The [proxy](Self::proxy) comes from
    /// the usual variables.
    ///
    /// # Errors
    ///
    /// Those of both.
    pub fn from_env() -> Result<Self> {
        Ok(Self::default()
            .region(Region::from_env()?)
            .credentials(Credentials::from_env()?))
    }
}

impl Region {
    /// The region in the environment variable `GENESYSCLOUD_REGION`, in any form that [parses](Self#).
    ///
    /// # Errors
    ///
    /// The variable is not set, is empty, or contains no region. The message names it.
    pub fn from_env() -> Result<Self> {
        region(variable)
    }
}

impl Credentials {
    /// Credentials from the environment variables that Genesys's tools share: `GENESYSCLOUD_ACCESS_TOKEN` if it is
    /// set, otherwise `GENESYSCLOUD_OAUTHCLIENT_ID` and `GENESYSCLOUD_OAUTHCLIENT_SECRET`. An empty or blank variable
    /// counts as not set. Blanks, line ends and a byte order mark around a value are removed.
    ///
    /// # Errors
    ///
    /// None is set, one of the pair is missing, or a value is not UTF-8. The message names what is missing or wrong.
    pub fn from_env() -> Result<Self> {
        credentials(variable)
    }
}

/// The value of a variable, if it has one.
fn variable(name: &str) -> Result<Option<String>> {
    match env::var(name) {
        Ok(value) => Ok(Some(trimmed(&value).to_owned()).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::configuration(format!("{name}: its value is not UTF-8"))),
    }
}

fn region(variable: impl Fn(&str) -> Result<Option<String>>) -> Result<Region> {
    let text = variable(REGION)?.ok_or_else(|| {
        Error::configuration(format!(
            "no region: set {REGION}, such as eu-west-1 or mypurecloud.ie"
        ))
    })?;
    text.parse()
        .map_err(|error| Error::configuration(format!("{REGION}: {error}")))
}

fn credentials(variable: impl Fn(&str) -> Result<Option<String>>) -> Result<Credentials> {
    if let Some(token) = variable(ACCESS_TOKEN)?.filter(|token| !bare(token).is_empty()) {
        return Ok(Credentials::access_token(token));
    }
    let missing = match (variable(CLIENT_ID)?, variable(CLIENT_SECRET)?) {
        (Some(id), Some(secret)) => return Ok(Credentials::client_credentials(id, secret)),
        (Some(_), None) => format!("{CLIENT_ID} is set, but {CLIENT_SECRET} is not"),
        (None, Some(_)) => format!("{CLIENT_SECRET} is set, but {CLIENT_ID} is not"),
        (None, None) => format!("no credentials: set {CLIENT_ID} and {CLIENT_SECRET}, or {ACCESS_TOKEN}"),
    };
    Err(Error::configuration(missing))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::auth::credentials::Grant;

    type Variables = &'static [(&'static str, &'static str)];

    fn find(pairs: Variables) -> impl Fn(&str) -> Result<Option<String>> {
        |name| {
            Ok(pairs
                .iter()
                .find(|pair| pair.0 == name)
                .map(|pair| pair.1.to_owned()))
        }
    }

    #[test]
    fn the_access_token_wins_over_the_client() {
        let all: Variables = &[(ACCESS_TOKEN, "t"), (CLIENT_ID, "i"), (CLIENT_SECRET, "s")];
        assert!(matches!(credentials(find(all)).unwrap().0, Grant::AccessToken(_)));
        for all in [
            &all[1..],
            &[(ACCESS_TOKEN, "Bearer "), (CLIENT_ID, "i"), (CLIENT_SECRET, "s")],
        ] {
            let Grant::ClientCredentials { id, secret } = credentials(find(all)).unwrap().0 else {
                panic!("a blank token counts as none")
            };
            assert_eq!((id.as_str(), secret.expose_secret()), ("i", "s"));
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let wrong = |pairs| credentials(find(pairs)).unwrap_err().to_string();
        assert!(wrong(&[]).contains("set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET"));
        assert!(wrong(&[(CLIENT_ID, "i")]).contains("GENESYSCLOUD_OAUTHCLIENT_SECRET is not"));
        assert!(wrong(&[(CLIENT_SECRET, "s")]).contains("GENESYSCLOUD_OAUTHCLIENT_ID is not"));
        assert!(wrong(&[(ACCESS_TOKEN, "Bearer")]).contains("no credentials"));

        let wrong = |pairs| region(find(pairs)).unwrap_err();
        let (missing, unknown) = (wrong(&[]), wrong(&[(REGION, "eu-west")]));
        assert!(missing.is_configuration() && missing.to_string().contains("set GENESYSCLOUD_REGION"));
        assert!(
            unknown.is_configuration()
                && unknown
                    .to_string()
                    .starts_with("GENESYSCLOUD_REGION: `eu-west` is not a region"),
            "{unknown}"
        );
        assert_eq!(
            region(find(&[(REGION, "mypurecloud.ie")])).unwrap(),
            Region::EuWest1
        );
    }
}
