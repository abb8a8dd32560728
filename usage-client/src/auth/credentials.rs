//! What the client proves its identity with.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};

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
    /// The id and secret of an OAuth client with the grant "client credentials". The client logs in, and logs in
    /// again before its token expires.
    pub fn client_credentials(id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self(Grant::ClientCredentials {
            id: id.into(),
            secret: secret.into(),
        })
    }

    /// An access token from elsewhere, with or without `Bearer` before it. When it expires, calls fail with
    /// [`Error::is_auth`](crate::Error::is_auth).
    pub fn access_token(token: impl Into<SecretString>) -> Self {
        let token = token.into();
        Self(Grant::AccessToken(bare(token.expose_secret()).into()))
    }

    /// A token source of the application: a closure, or any [`TokenSource`]. The client calls it again before a token
    /// expires, and when the service refuses a token.
    ///
    /// ```
    /// use std::{io, time::Duration};
    /// use usage_client::{AccessToken, Credentials};
    ///
    /// # async fn token_of_the_vault() -> io::Result<String> { Ok(String::new()) }
    /// let credentials = Credentials::token_source(|| async {
    ///     let token = token_of_the_vault().await?;
    ///     Ok::<_, io::Error>(AccessToken::new(token, Some(Duration::from_secs(3600))))
    /// });
    /// ```
    pub fn token_source(source: impl TokenSource + 'static) -> Self {
        Self(Grant::Source(Arc::new(source)))
    }

    /// Whether the access token is empty.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.0, Grant::AccessToken(token) if token.expose_secret().is_empty())
    }
}

/// Removes what Windows, `.env` files and copying leave around a value.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}')
}

/// The token without `Bearer`, if the value of the whole header was given.
pub(crate) fn bare(token: &str) -> &str {
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

/// An access token and its lifetime. `Debug` does not show the token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    pub(crate) token: SecretString,
    pub(crate) expires_in: Option<Duration>,
}

impl AccessToken {
    /// A token that expires after `expires_in`, or whose end is unknown.
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

/// A token source of the application, such as a vault, a sidecar or another grant.
pub trait TokenSource: Send + Sync {
    /// Gets a new token. The client calls this again 60 s before a token expires (at half its lifetime if it is
    /// short), and when the service refuses a token. It never makes two calls at once.
    ///
    /// # Errors
    ///
    /// An error ends the call that needs the token. The call fails with an [`Error`](crate::Error) of
    /// [`is_login`](crate::Error::is_login), not of [`is_auth`](crate::Error::is_auth). Its
    /// [`source`](std::error::Error::source) is the returned error, to downcast. The client does not retry. A source
    /// can retry by itself, within the [timeout](crate::ClientBuilder::timeout) of the call. While an earlier token
    /// is still valid, a failed renewal is not an error: the call uses that token.
    fn token(&self) -> TokenFuture<'_>;
}

impl<S, F, E> TokenSource for S
where
    S: Fn() -> F + Send + Sync,
    F: Future<Output = Result<AccessToken, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn token(&self) -> TokenFuture<'_> {
        let token = self();
        Box::pin(async { token.await.map_err(Into::into) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_token_is_no_part_of_it() {
        for (given, token) in [
            ("abc", "abc"),
            ("Bearer abc", "abc"),
            ("bearer  abc\r\n", "abc"),
            ("BEARER\tabc", "abc"),
            ("bearerabc", "bearerabc"),
            ("Bea", "Bea"),
        ] {
            let Grant::AccessToken(taken) = Credentials::access_token(given).0 else {
                panic!("{given} is a token")
            };
            assert_eq!(taken.expose_secret(), token, "{given}");
        }
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
