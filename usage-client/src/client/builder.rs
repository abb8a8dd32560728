//! The builder: the one door to the generated client.

mod build;

use std::{fmt, sync::Arc, time::Duration};

use secrecy::SecretString;

use crate::{
    auth::credentials::Credentials,
    http::tls,
    region::Region,
    retry::{
        policy::{OnRetry, Retry, RetryPolicy},
        poll_policy::PollPolicy,
    },
    rows::policy::RowsPolicy,
};

/// Builds a [`Client`](crate::Client). Needed are [`credentials`](Self::credentials) and a [`region`](Self::region), or a
/// [`base_url`](Self::base_url) instead of the region; all else has defaults.
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    region: Option<Region>,
    base_url: Option<String>,
    login_url: Option<String>,
    plain_http_hosts: Vec<String>,
    credentials: Option<Credentials>,
    retry: RetryPolicy,
    on_retry: Option<OnRetry>,
    polling: PollPolicy,
    streaming: RowsPolicy,
    pacing: bool,
    timeout: Duration,
    connect_timeout: Duration,
    read_timeout: Duration,
    max_result_bytes: usize,
    compression: bool,
    user_agent: Option<String>,
    proxy: Option<SecretString>,
    tls: tls::Settings,
    http_client: Option<reqwest::Client>,
}

impl fmt::Debug for ClientBuilder {
    /// Without the URLs: what is wrong with them is told by [`ClientBuilder::build`], which knows what to hide.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("credentials", &self.credentials)
            .field("retry", &self.retry)
            .field("pacing", &self.pacing)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            region: None,
            base_url: None,
            login_url: None,
            plain_http_hosts: Vec::new(),
            credentials: None,
            retry: RetryPolicy::default(),
            on_retry: None,
            polling: PollPolicy::default(),
            streaming: RowsPolicy::default(),
            pacing: true,
            timeout: Duration::from_secs(600),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            max_result_bytes: 1 << 30,
            compression: true,
            user_agent: None,
            proxy: None,
            tls: tls::Settings::default(),
            http_client: None,
        }
    }
}

impl ClientBuilder {
    /// The region that the organization lives in: sets the API and the login host.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Base URL of the API instead of the region's, with a path prefix if there is one. For gateways and tests.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Base URL of the login instead of the region's, with a path prefix if there is one; `/oauth/token` is appended.
    /// Without a region and without this, the login is expected at the [`base_url`](Self::base_url).
    pub fn login_url(mut self, url: impl Into<String>) -> Self {
        self.login_url = Some(url.into());
        self
    }

    /// Allows plain `http://` to this host. Without it, plain HTTP goes only to the loopback address: it would show
    /// the credentials to anyone on the way.
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_http_hosts.push(host.into());
        self
    }

    /// What to prove the client's identity with.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// When a failed request is sent again. [`RetryPolicy::default`] if not set; [`RetryPolicy::none`] for never.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Tells of each retry, of logins too, before its wait: for logs, and for people who wait. It is called where the
    /// call runs, so it should be quick.
    pub fn on_retry(mut self, tell: impl Fn(&Retry) + Send + Sync + 'static) -> Self {
        self.on_retry = Some(OnRetry(Arc::new(tell)));
        self
    }

    /// How executions are polled, unless they are given [another policy](crate::Execution::with_polling).
    /// [`PollPolicy::default`] if not set.
    pub fn polling(mut self, policy: PollPolicy) -> Self {
        self.polling = policy;
        self
    }

    /// How rows are streamed, unless an execution is given [another policy](crate::Execution::with_streaming).
    /// [`RowsPolicy::default`] if not set.
    pub fn streaming(mut self, policy: RowsPolicy) -> Self {
        self.streaming = policy;
        self
    }

    /// Whether to slow down when nine tenths of the rate limit's window are used. On by default: without it, bursts
    /// run into 429 and wait longer.
    pub fn pacing(mut self, on: bool) -> Self {
        self.pacing = on;
        self
    }

    /// How long a whole call may take, with login, all attempts and reading the response. 10 minutes if not set: enough
    /// for hundreds of megabytes; a call that hangs longer holds up its caller.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long making a connection may take, with name lookup and TLS, and at most half of the
    /// [timeout](Self::timeout), so that a host that cannot be reached is told as such. 10 s if not set: a host that is
    /// down is noticed before users give up.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the service may stay silent before and within a response, and at most the [timeout](Self::timeout). 60 s
    /// if not set, as load balancers do. Time in which nobody asks for more of a response does not count.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// The largest results that [`Execution::wait`](crate::Execution::wait) and
    /// [`poll`](crate::Execution::poll) take into memory, in bytes after decompression. 1 GiB if not set, some three
    /// million rows; larger ones are an error. [`Execution::rows`](crate::Execution::rows) and
    /// [`row_batches`](crate::Execution::row_batches) need no such limit. Other responses may have 1 MiB.
    pub fn max_result_bytes(mut self, bytes: usize) -> Self {
        self.max_result_bytes = bytes;
        self
    }

    /// Whether to ask for responses that are compressed with gzip. On by default: results shrink to a tenth. Without it,
    /// large results cost less CPU on a fast network.
    pub fn compression(mut self, on: bool) -> Self {
        self.compression = on;
        self
    }

    /// Text to put in front of the user agent, such as `my-service/1.2`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Proxy for all requests, `http://[user:password@]host:port`, with user and password percent-encoded; its scheme
    /// may also be `https`, or one of SOCKS, where the proxy looks names up (`socks5` is `socks5h`). If not set, the usual
    /// environment variables (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) are read. [`Client::proxy`](crate::Client::proxy) tells which
    /// one is in use.
    ///
    /// Plain HTTP never goes through a proxy of the environment, which would read the credentials. For the same reason, plain
    /// HTTP to the loopback address goes through the proxy that is set here only if that is on the loopback address too.
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Certificates in PEM to trust beside the operating system's, for gateways with a private authority.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.root_certificates.push(pem.into());
        self
    }

    /// The client's own certificate chain and private key in PEM, for gateways that want mutual TLS.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn identity(mut self, certificates_pem: impl Into<String>, key_pem: impl Into<SecretString>) -> Self {
        self.tls.identity = Some((certificates_pem.into(), key_pem.into()));
        self
    }

    /// An HTTP client of the application's. The settings for the connection's timeout, user agent, proxy and TLS are then
    /// its own; it should not follow redirects, which could carry the token to another host. With this crate's feature
    /// `rustls`, such a client needs a TLS provider: enable reqwest's feature `rustls`, or install one with
    /// `rustls::crypto::CryptoProvider::install_default`.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }
}
