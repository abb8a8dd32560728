//! Checks the settings of a client, and builds it from them.

use std::{sync::Arc, time::Duration};

use reqwest::{Url, redirect};
use secrecy::ExposeSecret as _;

use super::ClientBuilder;
use crate::{
    auth::{login::Login, token_cache::TokenCache},
    error::{Error, Result},
    generated::client::Client,
    http::{
        content::{Limits, SMALL_BODY},
        hosts,
        lookup::Lookup,
        proxy::{ProxyInUse, Route},
        tls,
    },
    inner::{Inner, Shared},
    retry::{budget::Budget, rate_limit::Pacer},
};

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
/// Load balancers drop idle connections without notice after 60 s or more. This is earlier.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

impl ClientBuilder {
    /// Checks the settings and builds the client. Nothing is sent yet.
    ///
    /// With the feature `rustls`, TLS uses the process's default `CryptoProvider` if the application installed one, and ring
    /// otherwise. The client installs none.
    ///
    /// # Errors
    ///
    /// A setting is missing or not valid. The message names it.
    pub fn build(self) -> Result<Client> {
        let Some(credentials) = self.credentials.clone() else {
            let missing = "no credentials: set .credentials(Credentials::client_credentials(id, secret))";
            return Err(Error::configuration(missing));
        };
        if credentials.is_empty() {
            return Err(Error::wrong_setting("credentials", "the access token is empty"));
        }
        let (api, login) = self.hosts()?;
        let (http, proxy) = match &self.http_client {
            Some(client) => (client.clone(), None),
            None => self.http([&api, &login])?,
        };
        let limits = Limits {
            size: SMALL_BODY,
            silence: self.read_timeout.min(self.timeout),
            compression: self.compression,
            // The application's own HTTP client may use a proxy that is not known here.
            probe: (self.http_client.is_none() && proxy.is_none()).then(|| self.connect_limit() / 4),
        };
        let (retry, on_retry) = (self.retry.clone(), self.on_retry.clone());
        let login = Login::new(&login, retry, on_retry, limits, self.timeout);
        let shared = Shared {
            tokens: TokenCache::new(credentials, login),
            budget: Budget::new(),
            pacer: self.pacing.then(Pacer::default),
            timeout: self.timeout,
            limits,
            on_retry: self.on_retry,
            max_result_bytes: self.max_result_bytes,
            proxy,
            polling: self.polling,
            streaming: self.streaming,
        };
        let inner = Inner {
            shared: Arc::new(shared),
            retry: self.retry,
            deadline: None,
        };
        // The generated code appends paths that begin with a slash.
        Ok(Client::new_with_client(
            api.as_str().trim_end_matches('/'),
            http,
            inner,
        ))
    }

    /// Base URLs of the API and of the login.
    fn hosts(&self) -> Result<(Url, Url)> {
        let parse = |setting, text: &str| hosts::base_url(setting, text, &self.plain_http_hosts);
        let api = match (&self.base_url, self.region) {
            (Some(url), _) => parse("base_url", url)?,
            (None, Some(region)) => parse("region", &region.api_url())?,
            (None, None) => {
                let missing = "no region: set .region(…), or .base_url(…) and .login_url(…)";
                return Err(Error::configuration(missing));
            }
        };
        let login = match (&self.login_url, self.region) {
            (Some(url), _) => parse("login_url", url)?,
            (None, Some(region)) => parse("region", &region.login_url())?,
            (None, None) => api.clone(),
        };
        Ok((api, login))
    }

    /// At most half of a call's time, so that another attempt is possible.
    fn connect_limit(&self) -> Duration {
        self.connect_timeout.min(self.timeout / 2)
    }

    /// An HTTP client for other services of the same caller, such as object stores. It has the proxy, the certificates, the
    /// connect timeout and the user agent of this builder, or is its [`http_client`](Self::http_client). It has no
    /// other timeout, follows no redirects, sends nothing again and decompresses nothing. It has no credentials.
    ///
    /// A proxy of the environment gets only HTTPS.
    ///
    /// # Errors
    ///
    /// A setting is not valid. The message names it.
    pub fn build_http_client(&self) -> Result<reqwest::Client> {
        if let Some(client) = &self.http_client {
            return Ok(client.clone());
        }
        let by_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        self.http_client_by(Route::to_any_host(self.proxy_text())?, by_tls)
    }

    fn proxy_text(&self) -> Option<&str> {
        self.proxy.as_ref().map(|url| url.expose_secret())
    }

    /// The HTTP client for these hosts, and the proxy that it uses.
    fn http(&self, hosts: [&Url; 2]) -> Result<(reqwest::Client, Option<ProxyInUse>)> {
        let by_tls = hosts.iter().any(|url| url.scheme() == "https");
        if by_tls && cfg!(not(any(feature = "rustls", feature = "native-tls"))) {
            return Err(Error::configuration(
                "https needs the feature `rustls` or `native-tls` of usage-client, or an http_client of your own",
            ));
        }
        let route = Route::new(self.proxy_text(), &hosts)?;
        let in_use = route.in_use.clone();
        let client = self.http_client_by(route, by_tls || self.proxy.is_some())?;
        Ok((client, in_use))
    }

    fn http_client_by(&self, route: Route, by_tls: bool) -> Result<reqwest::Client> {
        let user_agent = match &self.user_agent {
            Some(product) => format!("{product} {USER_AGENT}"),
            None => USER_AGENT.to_owned(),
        };
        let connect_timeout = self.connect_limit();
        let builder = reqwest::Client::builder()
            .connect_timeout(connect_timeout)
            .dns_resolver(Lookup {
                limit: connect_timeout.mul_f64(0.8),
            })
            // This crate decompresses bodies itself, to limit their size.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .pool_idle_timeout(IDLE_TIMEOUT)
            // A redirect would carry the token to another host.
            .redirect(redirect::Policy::none())
            // This crate retries by itself, to count the attempts.
            .retry(reqwest::retry::never())
            .user_agent(user_agent);
        let builder = route.apply(builder);
        self.tls.apply(builder, by_tls)?.build().map_err(tls::unusable)
    }
}

#[cfg(all(test, not(any(feature = "rustls", feature = "native-tls"))))]
mod tests {
    use super::*;
    use crate::{auth::credentials::Credentials, region::Region};

    #[test]
    fn https_without_tls_is_refused_before_anything_is_sent() {
        let builder = || Client::builder().credentials(Credentials::access_token("t"));
        let error = builder().region(Region::EuWest1).build().unwrap_err();
        assert!(
            error.is_configuration() && error.to_string().contains("feature `rustls` or `native-tls`"),
            "{error}"
        );
        assert!(builder().base_url("http://127.0.0.1:1").build().is_ok());
        let own = builder()
            .region(Region::EuWest1)
            .http_client(reqwest::Client::new());
        assert!(own.build().is_ok());
    }
}

#[cfg(all(test, any(feature = "rustls", feature = "native-tls")))]
mod tests_of_other_services {
    use super::*;

    #[test]
    fn the_client_for_other_services_has_the_settings_and_needs_no_credentials() {
        let builder = ClientBuilder::default();
        let client = builder.build_http_client().unwrap();
        assert!(builder.clone().http_client(client).build_http_client().is_ok());
        for (builder, setting) in [
            (builder.clone().proxy("ftp://me:hidden@proxy.corp"), "proxy: "),
            (builder.clone().root_certificates("hidden"), "root_certificates: "),
            (builder.identity("hidden", "hidden"), "identity: "),
        ] {
            let error = builder.build_http_client().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(error.is_configuration() && shown.contains(setting), "{shown}");
            assert!(!shown.contains("hidden"), "{shown}");
        }
    }
}
