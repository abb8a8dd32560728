//! The builder: the one door to the generated client.

use std::{sync::Arc, time::Duration};

use reqwest::{Url, redirect};

use crate::{
    auth::Auth,
    credentials::Credentials,
    error::Error,
    execution::Execution,
    generated::{Client, types::ApiUsageQuery},
    login::Login,
    region::Region,
    transport::{ClientHooks, ClientInfo as _, OperationInfo, Parts, Response, Result},
};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the service may stay silent within an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Connections that nobody used for this long are closed: load balancers drop idle ones without a word.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// What the generated client carries along: shared by its clones.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    auth: Arc<Auth>,
}

/// Builds a [`Client`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    region: Option<Region>,
    base_url: Option<String>,
    login_url: Option<String>,
    credentials: Option<Credentials>,
}

impl Client {
    /// Starts building a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Submits a query. The service computes it; [`Execution::wait`] waits for its rows.
    ///
    /// # Errors
    ///
    /// The query is not valid, or the service refused it.
    pub async fn submit<Q>(&self, query: Q) -> Result<Execution>
    where
        Q: TryInto<ApiUsageQuery>,
        Q::Error: std::fmt::Display,
    {
        let accepted = self.post_usage_query().body(query).send().await?.into_inner();
        match accepted.execution_id {
            Some(id) if !id.is_empty() => Ok(self.execution(id)),
            _ => Err(Error::no_execution_id()),
        }
    }

    /// An execution that was submitted before, perhaps by another process.
    pub fn execution(&self, id: impl Into<String>) -> Execution {
        Execution::new(self.clone(), id.into())
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

    /// Base URL of the login instead of the region's, with a path prefix if there is one. For gateways and tests.
    pub fn login_url(mut self, url: impl Into<String>) -> Self {
        self.login_url = Some(url.into());
        self
    }

    /// What to prove the client's identity with.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Checks the settings and builds the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// A setting is missing or not valid; the message names it.
    pub fn build(self) -> Result<Client> {
        let credentials = self.credentials.ok_or_else(|| {
            Error::configuration("no credentials: set .credentials(Credentials::client_credentials(id, secret))")
        })?;
        let api = base_url("base_url", self.base_url, self.region.map(Region::api_url))?;
        // Only a login needs the login host; a ready token does without.
        let login = match (self.login_url, self.region) {
            (None, None) => api.clone(),
            (login_url, region) => base_url("login_url", login_url, region.map(Region::login_url))?,
        };
        crate::tls::prepare();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            // A redirect would carry the token to another host.
            .redirect(redirect::Policy::none())
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::configuration("the HTTP client cannot be built").with_source(error))?;
        let inner = Inner { auth: Arc::new(Auth::new(credentials, Login::below(&login))) };
        Ok(Self::assemble(&api, http, inner))
    }

    fn assemble(api: &Url, http: reqwest::Client, inner: Inner) -> Client {
        // The generated code appends paths that begin with a slash.
        Client::new_with_client(api.as_str().trim_end_matches('/'), http, inner)
    }
}

fn base_url(setting: &str, own: Option<String>, of_region: Option<String>) -> Result<Url> {
    let text = own.or(of_region).ok_or_else(|| {
        Error::configuration(format!("no {setting}: set .region(…), or .base_url(…) and .login_url(…)"))
    })?;
    let problem = |reason: &str| Error::configuration(format!("{setting} `{}`: {reason}", text.escape_default()));
    let url = Url::parse(&text).map_err(|error| problem(&format!("not a URL: {error}")))?;
    // What stands in a URL ends up in logs, so the text itself is not repeated here.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::configuration(format!("{setting}: a URL must not hold a user name or password")));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(problem("a base URL has no query and no fragment"));
    }
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback => Ok(url),
        "http" => Err(problem("plain http would send credentials in the clear; use https")),
        _ => Err(problem("expected https://…")),
    }
}

impl ClientHooks<Inner> for Client {
    async fn pre(&self, request: &mut reqwest::Request, _info: &OperationInfo) -> Result<()> {
        // The generator's own; no official client sends it.
        request.headers_mut().remove("api-version");
        Ok(())
    }

    async fn exec(&self, mut request: reqwest::Request, _info: &OperationInfo) -> Result<Response> {
        let bearer = self.inner().auth.bearer(self.client()).await?;
        request.headers_mut().insert(reqwest::header::AUTHORIZATION, bearer.header.clone());
        let response = self.client().execute(request).await?;
        let parts = Parts { status: response.status(), headers: response.headers().clone(), attempts: 1 };
        let body = response.bytes().await?;
        Ok(Response { parts, body })
    }
}
