//! One organization: its client, what is asked of it, and the proxy that may cause a failure.

use std::{
    io,
    net::{TcpStream, ToSocketAddrs as _},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use usage_client::{Client, Error, Execution, ProxySource, RowDecoder};

#[cfg(feature = "sync")]
use crate::stored::Stored;
use crate::{
    client::client,
    error::CliError,
    explain::{self, Asked},
    progress::RetryStatus,
    resume::{ResumeCommands, results_command},
    settings::{Key, Settings},
    source::Source,
    submitted,
};

/// How long to try to connect to a proxy, which is near.
const PROXY_CHECK: Duration = Duration::from_secs(1);

/// An organization that can be queried.
#[derive(Clone)]
pub(crate) struct Organization {
    /// The profile's name, if several organizations are queried.
    pub(crate) profile: Option<Arc<str>>,
    /// Its name in a data set, if the user gives it no other.
    #[cfg(feature = "sync")]
    pub(crate) name: Arc<str>,
    /// The options that select the same organization and source in another command, each after a space.
    pub(crate) options: Arc<str>,
    pub(crate) source: Source,
    /// Where the command that shows a query's rows later is noted, if there is one.
    pub(crate) resume: Option<ResumeCommands>,
    pub(crate) retry: RetryStatus,
    /// Its client, or why the settings cannot be used.
    client: Result<Client, CliError>,
    proxy: Option<ProxyInUse>,
    /// The data set that is read in place of asking the service.
    #[cfg(feature = "sync")]
    pub(crate) stored: Option<Stored>,
}

/// The proxy in use, without user and password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ProxyInUse {
    pub(crate) host_and_port: String,
    /// Where it was set: `--proxy`, `proxy of [sim]`, `HTTPS_PROXY`.
    pub(crate) source: String,
}

impl Organization {
    /// The organization with these settings. If they cannot be used, `client` returns the error.
    pub(crate) fn new(settings: &Settings, profile: Option<&str>) -> Self {
        let retry = RetryStatus::default();
        let client = client(settings, &retry);
        Self {
            retry,
            profile: profile.map(Arc::from),
            #[cfg(feature = "sync")]
            name: settings.profile.as_deref().unwrap_or("default").into(),
            options: settings.again().into(),
            source: Source::default(),
            resume: None,
            proxy: client
                .as_ref()
                .ok()
                .and_then(|client| proxy_in_use(client, settings)),
            client,
            #[cfg(feature = "sync")]
            stored: None,
        }
    }

    /// An organization of a data set. `profile` is its name, if several are read.
    #[cfg(feature = "sync")]
    pub(crate) fn stored(stored: Stored, profile: Option<&str>) -> Self {
        Self {
            profile: profile.map(Arc::from),
            name: stored.name.clone(),
            options: Arc::from(""),
            source: Source::default(),
            resume: None,
            retry: RetryStatus::default(),
            client: Err(CliError::local("a data set has no service to ask")),
            proxy: None,
            stored: Some(stored),
        }
    }

    /// The simulated organization.
    pub(crate) fn demo(client: Client, retry: RetryStatus) -> Self {
        Self {
            profile: None,
            #[cfg(feature = "sync")]
            name: Arc::from("demo"),
            options: Arc::from(" --demo"),
            source: Source::default(),
            resume: None,
            retry,
            client: Ok(client),
            proxy: None,
            #[cfg(feature = "sync")]
            stored: None,
        }
    }

    /// The organization, with another source of its counts.
    pub(crate) fn asking(self, source: &Source) -> Self {
        Self {
            options: format!("{}{}", source.options(), self.options).into(),
            source: source.clone(),
            ..self
        }
    }

    /// The client.
    pub(crate) fn client(&self) -> Result<&Client, CliError> {
        self.client.as_ref().map_err(Clone::clone)
    }

    /// An execution, which may be complete already.
    pub(crate) fn execution(&self, id: &str) -> Result<Execution, CliError> {
        let of = self.source.client.as_deref();
        Ok(submitted::execution(self.client()?, of, id))
    }

    /// Asks once for the results of an execution and decodes the response. `keep` gets each piece as it arrives. The error is
    /// the service's reason for a response without rows.
    pub(crate) async fn decode(
        &self,
        execution: &Execution,
        mut keep: impl FnMut(&[u8]) -> Result<(), CliError>,
    ) -> Result<(RowDecoder, Option<Error>), CliError> {
        let explain = |error| self.explain(error);
        let mut decoder = RowDecoder::new();
        let mut body = execution.body().await.map_err(explain)?;
        while let Some(piece) = body.chunk().await.map_err(explain)? {
            let mut input = &piece[..];
            while decoder.decode(&mut input).map_err(explain)?.is_some() {}
            keep(&piece)?;
        }
        decoder.finish().map_err(explain)?;
        let refusal = body.refusal(&decoder);
        Ok((decoder, refusal))
    }

    /// A query was submitted: from now on its rows can be shown later.
    pub(crate) fn submitted(&self, ids: &[String]) {
        if let Some(resume) = &self.resume {
            resume.add(results_command(ids, true, &self.options));
        }
    }

    /// The error as the user sees it.
    pub(crate) fn explain(&self, error: Error) -> CliError {
        self.explain_of(error, &[])
    }

    /// The error of what has these ids, as the user sees it. If there was no connection, it names the proxy, which may be
    /// the reason.
    pub(crate) fn explain_of(&self, error: Error, ids: &[String]) -> CliError {
        let is_of_network = error.is_connect() || error.is_timeout() || error.is_deadline();
        let asked = Asked {
            options: &self.options,
            source: self.source.clone(),
            ids,
        };
        let mut failure = explain::failure(&error, &asked);
        if let (true, Some(proxy), CliError::Reported { message, .. }) =
            (is_of_network, &self.proxy, &mut failure)
        {
            let ProxyInUse {
                host_and_port,
                source,
            } = proxy;
            let refusal = match proxy.refusal() {
                Some(reason) if message.contains(&reason) => " cannot be reached".to_owned(),
                Some(reason) => format!(" cannot be reached: {reason}"),
                None => String::new(),
            };
            message.push_str(&format!("\n  proxy: {host_and_port} ({source}){refusal}"));
        }
        failure
    }
}

impl ProxyInUse {
    /// Why the proxy itself cannot be reached. The client's error does not contain this for SOCKS, or after a timeout.
    fn refusal(&self) -> Option<String> {
        let host_and_port = self.host_and_port.clone();
        let (sender, receiver) = mpsc::channel();
        // In another thread, since looking up a name has no time limit.
        thread::spawn(move || {
            let connected = host_and_port.to_socket_addrs().and_then(|mut addresses| {
                let address = addresses.next().ok_or(io::ErrorKind::NotFound)?;
                TcpStream::connect_timeout(&address, PROXY_CHECK)
            });
            let _ = sender.send(connected.err().map(|error| error.to_string()));
        });
        let checked = receiver.recv_timeout(2 * PROXY_CHECK);
        checked.unwrap_or_else(|_| Some("its name cannot be looked up in time".to_owned()))
    }
}

fn proxy_in_use(client: &Client, settings: &Settings) -> Option<ProxyInUse> {
    let proxy = client.proxy()?;
    let source = match proxy.source {
        ProxySource::Environment(variable) => variable.to_owned(),
        ProxySource::Builder => settings.find(Key::Proxy)?.setting(),
        _ => "the settings of the operating system".to_owned(),
    };
    Some(ProxyInUse {
        host_and_port: proxy.host_and_port.clone(),
        source,
    })
}
