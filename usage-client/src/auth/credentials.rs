//! What the client proves its identity with.

use std::{env, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};

use crate::error::Error;

const CLIENT_ID: &str = "GENESYSCLOUD_OAUTHCLIENT_ID";
const CLIENT_SECRET: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";
const ACCESS_TOKEN: &str = "GENESYSCLOUD_ACCESS_TOKEN";

/// What the client proves its identity with. `Debug` shows no secret.
#[derive(Clone)]
pub struct Credentials(pub(crate) Grant);

#[derive(Clone)]
pub(crate) enum Grant {
    ClientCredentials { id: String, secret: SecretString },
    AccessToken(SecretString),
    Source(Arc<dyn TokenSource>),
}

impl Credentials {
    /// The id and secret of an OAuth client with the grant "client credentials". The client logs in by itself, and
    /// again before its token expires.
    pub fn client_credentials(id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self(Grant::ClientCredentials {
            id: id.into(),
            secret: secret.into(),
        })
    }

    /// An access token from elsewhere, with or without `Bearer` before it. When it expires, calls fail with
    /// [`Error::is_auth`].
    pub fn access_token(token: impl Into<SecretString>) -> Self {
        let token = token.into();
        Self(Grant::AccessToken(bare(token.expose_secret()).into()))
    }

    /// The application's own source of tokens. It is asked again before a token expires and when one is refused.
    pub fn token_source(source: impl TokenSource + 'static) -> Self {
        Self(Grant::Source(Arc::new(source)))
    }

    /// From the environment variables that Genesys's tools share: `GENESYSCLOUD_ACCESS_TOKEN` if it is set, else
    /// `GENESYSCLOUD_OAUTHCLIENT_ID` and `GENESYSCLOUD_OAUTHCLIENT_SECRET`. A variable that is empty or
    /// blank counts as not set; blanks, line ends and a byte order mark around a value are left out.
    ///
    /// # Errors
    ///
    /// Neither is set, or only one half of the pair; the message names what is missing.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| env::var(name).ok())
    }

    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.0, Grant::AccessToken(token) if token.expose_secret().is_empty())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let variable = |name| {
            let value = variable(name)?;
            Some(trimmed(&value).to_owned()).filter(|value| !value.is_empty())
        };
        if let Some(token) = variable(ACCESS_TOKEN).filter(|token| !bare(token).is_empty()) {
            return Ok(Self::access_token(token));
        }
        match (variable(CLIENT_ID), variable(CLIENT_SECRET)) {
            (Some(id), Some(secret)) => Ok(Self::client_credentials(id, secret)),
            (Some(_), None) => Err(Error::configuration(format!(
                "{CLIENT_ID} is set, but {CLIENT_SECRET} is not"
            ))),
            (None, Some(_)) => Err(Error::configuration(format!(
                "{CLIENT_SECRET} is set, but {CLIENT_ID} is not"
            ))),
            (None, None) => Err(Error::configuration(format!(
                "no credentials: set {CLIENT_ID} and {CLIENT_SECRET}, or {ACCESS_TOKEN}"
            ))),
        }
    }
}

/// Without what env files of Windows and copying leave around a value.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}')
}

/// The token alone, where the whole value of a header was given.
fn bare(token: &str) -> &str {
    let token = trimmed(token);
    match token.split_at_checked("Bearer".len()) {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("Bearer")
                && (rest.is_empty() || rest.starts_with(char::is_whitespace)) =>
        {
            rest.trim_start()
        }
        _ => token,
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Grant::ClientCredentials { .. } => "Credentials(client credentials)",
            Grant::AccessToken(_) => "Credentials(access token)",
            Grant::Source(_) => "Credentials(token source)",
        })
    }
}

/// An access token with the time it is good for. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct AccessToken {
    pub(crate) token: SecretString,
    pub(crate) expires_in: Option<Duration>,
}

impl AccessToken {
    /// A token that is good for `expires_in`, or without a known end.
    pub fn new(token: impl Into<SecretString>, expires_in: Option<Duration>) -> Self {
        Self {
            token: token.into(),
            expires_in,
        }
    }

    pub(crate) fn expose(&self) -> &str {
        self.token.expose_secret()
    }
}

/// What a [`TokenSource`] returns.
pub type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<AccessToken, Box<dyn std::error::Error + Send + Sync>>> + Send + 'a>>;

/// The application's own source of access tokens: a vault, a sidecar, another grant.
pub trait TokenSource: Send + Sync {
    /// Gets a new token. Called again 60 s before a token expires (for a short one at half its life), and when
    /// the service refuses one. Never called twice at once.
    ///
    /// # Errors
    ///
    /// Whatever it returns ends the call that needs the token: as an [`Error`] with
    /// [`is_login`](crate::Error::is_login), neither [`is_auth`](crate::Error::is_auth) nor retried, whose
    /// [`source`](std::error::Error::source) is the source's own error, to downcast. A source that can try again does so
    /// itself, within the [timeout](crate::ClientBuilder::timeout) of the call. While an earlier token is still good, a
    /// failed renewal is no error: the call goes on with that one.
    fn token(&self) -> TokenFuture<'_>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Credentials, Error> {
        let find = |name: &str| {
            pairs
                .iter()
                .find(|pair| pair.0 == name)
                .map(|pair| pair.1.to_owned())
        };
        Credentials::from_variables(find)
    }

    #[test]
    fn the_access_token_wins_over_the_client() {
        let all = [(ACCESS_TOKEN, "t"), (CLIENT_ID, "i"), (CLIENT_SECRET, "s")];
        assert!(matches!(from(&all).unwrap().0, Grant::AccessToken(_)));
        assert!(matches!(
            from(&all[1..]).unwrap().0,
            Grant::ClientCredentials { .. }
        ));
    }

    #[test]
    fn what_is_missing_is_named_and_empty_is_missing() {
        let missing = |pairs: &[_]| from(pairs).unwrap_err().to_string();
        assert!(missing(&[]).contains("set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET"));
        assert!(
            missing(&[(CLIENT_ID, "i"), (CLIENT_SECRET, "")])
                .contains("GENESYSCLOUD_OAUTHCLIENT_SECRET is not")
        );
        assert!(missing(&[(CLIENT_SECRET, "s")]).contains("GENESYSCLOUD_OAUTHCLIENT_ID is not"));
    }

    #[test]
    fn what_stands_around_a_value_is_no_part_of_it() {
        let blank_token = [
            (ACCESS_TOKEN, " \r\n"),
            (CLIENT_ID, " my-id\r"),
            (CLIENT_SECRET, "\u{feff}my-secret "),
        ];
        let Grant::ClientCredentials { id, secret } = from(&blank_token).unwrap().0 else {
            panic!("a blank token counts as none")
        };
        assert_eq!((id.as_str(), secret.expose_secret()), ("my-id", "my-secret"));
        assert!(from(&[(CLIENT_ID, "i"), (CLIENT_SECRET, "\t")]).is_err());
        for (given, token) in [
            ("abc", "abc"),
            ("Bearer abc", "abc"),
            ("bearer  abc\r\n", "abc"),
            ("BEARER\tabc", "abc"),
            ("bearerabc", "bearerabc"),
            ("Bea", "Bea"),
        ] {
            for credentials in [
                from(&[(ACCESS_TOKEN, given)]).unwrap(),
                Credentials::access_token(given),
            ] {
                let Grant::AccessToken(taken) = credentials.0 else {
                    panic!("{given} is a token")
                };
                assert_eq!(taken.expose_secret(), token, "{given}");
            }
        }
        assert!(from(&[(ACCESS_TOKEN, "Bearer ")]).is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let credentials = [
            Credentials::client_credentials("the-id", "the-secret"),
            Credentials::access_token("the-secret"),
        ];
        let shown = format!("{credentials:?} {:?}", AccessToken::new("the-secret", None));
        assert!(
            !shown.contains("the-secret") && !shown.contains("the-id"),
            "{shown}"
        );
    }
}
