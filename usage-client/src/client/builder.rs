//! The settings of a client.

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

/// Builds a [`Client`](crate::Client). [`credentials`](Self::credentials) and a [`region`](Self::region) are
/// required, or a [`base_url`](Self::base_url) instead of the region. Everything else has a default.
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
    /// Leaves out the URLs, which may contain secrets. [`ClientBuilder::build`] knows which parts to show.
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
    /// The region of the organization. It sets the hosts of the API and of the login.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// The base URL of the API, instead of the region's. It may have a path prefix. For gateways and tests.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The base URL of the login, instead of the region's. It may have a path prefix; `/oauth/token` is appended.
    /// Without this and without a region, the login is at the [`base_url`](Self::base_url).
    pub fn login_url(mut self, url: impl Into<String>) -> Self {
        self.login_url = Some(url.into());
        self
    }

    /// Allows plain `http://` to this host. By default, plain HTTP only goes to the loopback address, because anyone
    /// on the way could read the credentials.
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_http_hosts.push(host.into());
        self
    }

    /// The credentials to log in with.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// When a failed request is sent again. [`RetryPolicy::default`] if not set. [`RetryPolicy::none`] switches
    /// retries off.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Calls this before the wait of each retry, of logins too. Use it for logs or for a progress display. It runs in
    /// the task of the call, so it must return quickly.
    pub fn on_retry(mut self, callback: impl Fn(&Retry) + Send + Sync + 'static) -> Self {
        self.on_retry = Some(OnRetry(Arc::new(callback)));
        self
    }

    /// How executions are polled, unless they have [another policy](crate::Execution::with_polling).
    /// [`PollPolicy::default`] if not set.
    pub fn polling(mut self, policy: PollPolicy) -> Self {
        self.polling = policy;
        self
    }

    /// How rows are streamed, unless an execution has [another policy](crate::Execution::with_streaming).
    /// [`RowsPolicy::default`] if not set.
    pub fn streaming(mut self, policy: RowsPolicy) -> Self {
        self.streaming = policy;
        self
    }

    /// Whether to slow down after nine tenths of the rate limit's window are used. On by default: without it, bursts
    /// get status 429 and wait longer.
    pub fn pacing(mut self, on: bool) -> Self {
        self.pacing = on;
        self
    }

    /// How long a complete call may take, with login, all attempts and reading the response. 10 minutes if not set,
    /// which is enough for hundreds of megabytes. A call that hangs delays its caller this long.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a connection attempt may take, with name lookup and TLS. 10 s if not set, so that a host that is down
    /// is noticed before users give up. It is at most half of the [timeout](Self::timeout), so that the error names
    /// the host that does not answer.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the service may be silent before and within a response. 60 s if not set, like load balancers, and at
    /// most the [timeout](Self::timeout). Time in which the caller does not read the response does not count.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// The largest results that [`Execution::wait`](crate::Execution::wait) and [`poll`](crate::Execution::poll) keep
    /// in memory, in bytes after decompression. 1 GiB if not set, which is about three million rows. Larger results
    /// are an error. [`Execution::rows`](crate::Execution::rows) and [`row_batches`](crate::Execution::row_batches)
    /// need no such limit. For other responses the limit is always 1 MiB.
    pub fn max_result_bytes(mut self, bytes: usize) -> Self {
        self.max_result_bytes = bytes;
        self
    }

    /// Whether to request responses that are compressed with gzip. On by default: results shrink to a tenth. Without
    /// compression, large results need less CPU on a fast network.
    pub fn compression(mut self, on: bool) -> Self {
        self.compression = on;
        self
    }

    /// Text before the user agent, such as `my-service/1.2`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Proxy for all requests: `http://[user:password@]host:port`, with user and password percent-encoded. The scheme
    /// may also be `https` or one of SOCKS, where the proxy looks up names (`socks5` means `socks5h`). If not set,
    /// the usual environment variables (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) are read.
    /// [`Client::proxy`](crate::Client::proxy) shows which proxy is in use.
    ///
    /// Plain HTTP never goes through a proxy of the environment, which could read the credentials. For the same
    /// reason, plain HTTP to the loopback address goes through this proxy only if the proxy is on the loopback
    /// address too.
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Certificates in PEM to trust in addition to the operating system's. For gateways with a private certificate
    /// authority.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.root_certificates.push(pem.into());
        self
    }

    /// The client's certificate chain and private key in PEM. For gateways that require mutual TLS.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn identity(mut self, certificates_pem: impl Into<String>, key_pem: impl Into<SecretString>) -> Self {
        self.tls.identity = Some((certificates_pem.into(), key_pem.into()));
        self
    }

    /// Uses your own `reqwest::Client`, with its own connect timeout, user agent, proxy and TLS settings. It should
    /// not follow redirects, which could carry the token to another host. With this crate's feature `rustls`, such a
    /// client needs a TLS provider: enable reqwest's feature `rustls`, or install one with
    /// `rustls::crypto::CryptoProvider::install_default`.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }
}
