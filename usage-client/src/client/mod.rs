//! What a client does in addition to the generated operations.

pub(crate) mod builder;
mod call;

use std::{fmt, time::Duration};

use tokio::time::Instant;

use builder::ClientBuilder;

use crate::{
    error::{Error, Result},
    execution::Execution,
    generated::{client::Client, types::ApiUsageQuery},
    http::proxy::ProxyInUse,
    retry::{policy::RetryPolicy, rate_limit::RateLimit},
};

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of the base URL only the host: gateways have keys in the path.
        let host = self.baseurl.split('/').nth(2).unwrap_or_default();
        f.debug_struct("Client")
            .field("host", &host)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Starts building a client.
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

    /// Submits a query. The service computes it; [`Execution::wait`] waits for its rows.
    ///
    /// Sent again after a failure as the [`RetryPolicy`] says, since a query changes nothing.
    ///
    /// # Errors
    ///
    /// The query is not valid, or the service cannot be reached or refused it.
    pub async fn submit<Q>(&self, query: Q) -> Result<Execution>
    where
        Q: TryInto<ApiUsageQuery>,
        Q::Error: fmt::Display,
    {
        let accepted = self.post_usage_query().body(query).send().await?;
        match &accepted.execution_id {
            Some(id) if !id.is_empty() => Ok(self.execution(id)),
            _ => Err(Error::error_under_success(&accepted.parts, &accepted.body)
                .unwrap_or_else(|| Error::no_execution_id(&accepted.parts))),
        }
    }

    /// An execution that was submitted before, perhaps by another process. An id that cannot be one is reported when
    /// it is waited for.
    pub fn execution(&self, id: impl Into<String>) -> Execution {
        Execution::new(self.clone(), id.into())
    }

    /// This client with another retry policy, for some of the calls. Token, connections and budget stay shared; so does
    /// the login, which retries as the client was built to.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        let mut client = self.clone();
        client.inner.retry = policy;
        client
    }

    /// What the service last said of its rate limit; nothing before the first response, or when that window is over, or
    /// when [`ClientBuilder::pacing`] is switched off.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.inner.shared.pacer.as_ref()?.rate_limit()
    }

    /// The proxy that the API or, if there is none for it, the login is asked through. Nothing is known of one that
    /// belongs to a client from [`ClientBuilder::http_client`].
    pub fn proxy(&self) -> Option<&ProxyInUse> {
        self.inner.shared.proxy.as_ref()
    }

    /// The longest `Retry-After` that is waited for.
    pub(crate) fn max_retry_after(&self) -> Duration {
        self.inner.retry.max_retry_after
    }

    /// This client with no attempt after `deadline`.
    pub(crate) fn with_deadline(&self, deadline: Instant) -> Self {
        let mut client = self.clone();
        client.inner.deadline = Some(deadline);
        client
    }
}
