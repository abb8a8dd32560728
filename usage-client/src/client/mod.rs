//! The client's settings and calls, in addition to the generated operations.

pub(crate) mod builder;
mod call;
mod environment;

use std::{fmt, time::Duration};

use tokio::time::Instant;

use builder::ClientBuilder;

use crate::{
    generated::client::Client,
    http::proxy::ProxyInUse,
    retry::{policy::RetryPolicy, rate_limit::RateLimit},
};

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the host, because gateways have keys in the path.
        let host = self.baseurl.split('/').nth(2).unwrap_or_default();
        f.debug_struct("Client")
            .field("host", &host)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Starts building a client. Its calls need a Tokio runtime with time and I/O enabled; without one they panic.
    ///
    /// ```
    /// use usage_client::{Client, Credentials, Region};
    ///
    /// let client = Client::builder()
    ///     .region(Region::EuWest1)
    ///     .credentials(Credentials::client_credentials("id", "secret"))
    ///     .build()?;
    /// # Ok::<(), usage_client::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// This client with another retry policy, for some of the calls. It shares the token, the connections and the
    /// retry budget. The login retries as the client was built to.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        let mut client = self.clone();
        client.inner.retry = policy;
        client
    }

    /// The service's last report of its rate limit. There is none before the first response, after the window has
    /// ended, or if [`ClientBuilder::pacing`] is off.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.inner.shared.pacer.as_ref()?.rate_limit()
    }

    /// The proxy for the API, or if it has none, the proxy for the login. Unknown for a client from
    /// [`ClientBuilder::http_client`].
    pub fn proxy(&self) -> Option<&ProxyInUse> {
        self.inner.shared.proxy.as_ref()
    }

    /// The longest `Retry-After` that a call waits for.
    pub(crate) fn max_retry_after(&self) -> Duration {
        self.inner.retry.max_retry_after
    }

    /// This client, whose calls end at `deadline`.
    pub(crate) fn with_deadline(&self, deadline: Instant) -> Self {
        let mut client = self.clone();
        client.inner.deadline = Some(deadline);
        client
    }
}
