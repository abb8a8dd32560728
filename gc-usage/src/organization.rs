//! One organization: what asks it, as its settings say, and what they have to do with a failure.

use std::{
    io,
    net::{TcpStream, ToSocketAddrs as _},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use secrecy::ExposeSecret as _;
use usage_client::{Client, Credentials, Execution, PollPolicy, ProxySource, RetryPolicy, RowsPolicy};

use crate::{
    exit::Failure,
    progress::Retrying,
    resume::{ResumeCommands, results_command},
    settings::{Key, Place, Settings},
};

/// Somebody waits in front of the screen, and a small query may be done by then; a longer one is asked for less often.
const FIRST_POLL: Duration = Duration::from_millis(300);

/// Enough to find out whether a proxy takes connections: it is near.
const PROXY_CHECK: Duration = Duration::from_secs(1);

/// An organization that can be asked.
#[derive(Clone)]
pub(crate) struct Organization {
    /// The profile's name, where several are asked.
    pub(crate) profile: Option<Arc<str>>,
    /// The options that ask the same organization again, each with a space before it.
    pub(crate) options: Arc<str>,
    /// Where the command that shows a query's rows later is noted, if there is one.
    pub(crate) resume: Option<ResumeCommands>,
    pub(crate) patience: Patience,
    pub(crate) retrying: Retrying,
    /// What asks it, or why its settings cannot be used.
    client: Result<Client, Failure>,
    proxy: Option<ProxyInUse>,
}

/// How long to wait for a query and its rows, as the options or settings say.
#[derive(Clone, Default)]
pub(crate) struct Patience {
    polling: PollPolicy,
    streaming: RowsPolicy,
}

impl Patience {
    pub(crate) fn new(timeout: Option<Duration>, wait_timeout: Option<Duration>) -> Self {
        let mut polling = PollPolicy::default().with_first(FIRST_POLL);
        if let Some(wait) = wait_timeout {
            polling = polling.with_deadline(wait);
        }
        let mut streaming = RowsPolicy::default();
        if let Some(timeout) = timeout {
            streaming = streaming.with_max_elapsed(timeout);
        }
        Self { polling, streaming }
    }

    /// The same for an execution that may be done already: no wait before the first poll.
    pub(crate) fn at_once(mut self) -> Self {
        self.polling = self.polling.with_first(Duration::ZERO);
        self
    }

    /// The execution with this patience.
    pub(crate) fn apply(self, execution: Execution) -> Execution {
        execution
            .with_polling(self.polling)
            .with_streaming(self.streaming)
    }
}

/// The proxy that an organization is asked through, without user and password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ProxyInUse {
    pub(crate) host_and_port: String,
    /// Where it was set: `--proxy`, `proxy of [sim]`, `HTTPS_PROXY`.
    pub(crate) source: String,
}

impl Organization {
    /// The organization of these settings. That they cannot be used is said when it is asked.
    pub(crate) fn new(settings: &Settings, profile: Option<&str>, options: &str) -> Self {
        let retrying = Retrying::default();
        let client = client(settings, &retrying);
        Self {
            retrying,
            profile: profile.map(Arc::from),
            options: options.into(),
            resume: None,
            patience: client
                .as_ref()
                .map(|(_, patience)| patience.clone())
                .unwrap_or_default(),
            proxy: client
                .as_ref()
                .ok()
                .and_then(|(client, _)| proxy_in_use(client, settings)),
            client: client.map(|(client, _)| client),
        }
    }

    /// The simulated one.
    pub(crate) fn demo(client: Client, patience: Patience, retrying: Retrying) -> Self {
        Self {
            profile: None,
            options: Arc::from(" --demo"),
            resume: None,
            patience,
            retrying,
            client: Ok(client),
            proxy: None,
        }
    }

    /// What asks it.
    pub(crate) fn client(&self) -> Result<&Client, Failure> {
        self.client.as_ref().map_err(Clone::clone)
    }

    /// An execution, which may be done already.
    pub(crate) fn execution(&self, id: &str) -> Result<Execution, Failure> {
        Ok(self.patience.clone().apply(self.client()?.execution(id)))
    }

    /// A query was submitted: from now on its rows can be shown later.
    pub(crate) fn submitted(&self, id: &str) {
        if let Some(resume) = &self.resume {
            resume.add(results_command(id, true, &self.options));
        }
    }

    /// What the user is told of an error: where no connection was had, with the proxy, which may be the reason.
    pub(crate) fn explain(&self, error: usage_client::Error) -> Failure {
        let is_of_network = error.is_connect() || error.is_timeout();
        let mut failure = Failure::from(error);
        if let (true, Some(proxy), Failure::Reported { message, .. }) =
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
    /// Why the proxy itself cannot be reached, if that is so. Of SOCKS, and when time is up, the error does not tell.
    fn refusal(&self) -> Option<String> {
        let host_and_port = self.host_and_port.clone();
        let (tell, told) = mpsc::channel();
        // On a thread of its own, since looking up a name has no time limit.
        thread::spawn(move || {
            let connected = host_and_port.to_socket_addrs().and_then(|mut addresses| {
                let address = addresses.next().ok_or(io::ErrorKind::NotFound)?;
                TcpStream::connect_timeout(&address, PROXY_CHECK)
            });
            let _ = tell.send(connected.err().map(|error| error.to_string()));
        });
        let checked = told.recv_timeout(2 * PROXY_CHECK);
        checked.unwrap_or_else(|_| Some("its name cannot be looked up in time".to_owned()))
    }
}

fn client(settings: &Settings, retrying: &Retrying) -> Result<(Client, Patience), Failure> {
    if let Some(failure) = settings.broken() {
        return Err(failure.clone());
    }
    let region = settings.region()?;
    let mut builder = Client::builder()
        .on_retry(retrying.on_retry())
        .user_agent(concat!("gc-usage/", env!("CARGO_PKG_VERSION")))
        .credentials(credentials(settings)?)
        // Somebody waits in front of the screen: five attempts, about ten seconds, are enough to get over a hiccup.
        .retry(RetryPolicy::default().with_max_attempts(5));
    if region.is_none() && settings.api_url().is_none() {
        return Err(Failure::local(
            "no region: set GENESYSCLOUD_REGION or --region, such as eu-west-1 or mypurecloud.ie",
        )
        .with_hint("it is the one that you log in to: login.mypurecloud.ie is mypurecloud.ie"));
    }
    if let Some(region) = region {
        builder = builder.region(region);
    }
    if let Some(url) = settings.api_url() {
        builder = builder.base_url(url);
    }
    if let Some(url) = settings.login_url() {
        builder = builder.login_url(url);
    }
    if let Some(proxy) = settings.proxy() {
        builder = builder.proxy(proxy);
    }
    if let Some(pem) = settings.ca_cert()? {
        builder = builder.root_certificates(pem);
    }
    let timeout = settings.time(Key::Timeout)?;
    if let Some(timeout) = timeout {
        builder = builder.timeout(timeout);
    }
    let patience = Patience::new(timeout, settings.time(Key::WaitTimeout)?);
    let client = builder
        .build()
        .map_err(|error| naming(Failure::from(error), settings))?;
    Ok((client, patience))
}

/// The failure with a setting named as the user sets it: the library names its own.
fn naming(mut failure: Failure, settings: &Settings) -> Failure {
    let Failure::Reported { message, .. } = &mut failure else {
        return failure;
    };
    for (setting, key) in [
        ("base_url:", Key::ApiUrl),
        ("login_url:", Key::LoginUrl),
        ("proxy:", Key::Proxy),
        ("root_certificates:", Key::CaCert),
        ("credentials:", Key::AccessToken),
    ] {
        if let (Some(rest), Some(place)) = (message.strip_prefix(setting), settings.place(key)) {
            *message = format!("{}:{rest}", place.setting_in_file(key));
            if let (Key::CaCert, Some((path, _))) = (key, settings.get(key)) {
                *message = message.replacen(": ", &format!(": {path}: "), 1);
            }
            break;
        }
    }
    failure
}

fn proxy_in_use(client: &Client, settings: &Settings) -> Option<ProxyInUse> {
    let proxy = client.proxy()?;
    let source = match proxy.source {
        ProxySource::Environment(variable) => variable.to_owned(),
        ProxySource::Builder => settings.place(Key::Proxy)?.setting(Key::Proxy),
        _ => "the settings of the operating system".to_owned(),
    };
    Some(ProxyInUse {
        host_and_port: proxy.host_and_port.clone(),
        source,
    })
}

fn credentials(settings: &Settings) -> Result<Credentials, Failure> {
    if let Some(token) = settings.access_token() {
        return Ok(Credentials::access_token(token));
    }
    let half = |has: &str, lacks: &str, key: Key| {
        let place = settings.place(key);
        let failure = Failure::local(format!(
            "the login is not complete: {has} is set ({}), but no {lacks}",
            place.map(|place| place.of(key)).unwrap_or_default()
        ));
        failure.with_hint(match place {
            Some(Place::Profile {
                name, is_ours: true, ..
            }) => {
                format!("`client_id` and `client_secret` or `client_secret_file` belong together in [{name}]")
            }
            Some(Place::Profile { name, .. }) => {
                format!(
                    "`client_credentials`, which is the id, and `client_secret` belong together in [{name}]"
                )
            }
            _ => "GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET belong together".to_owned(),
        })
    };
    let plain = |text: &str, key: Key| match settings.place(key) {
        Some(place) if text.contains(char::is_control) => Err(Failure::local(format!(
            "{}: there is a line break or another control character in it",
            place.setting_in_file(key)
        ))),
        _ => Ok(()),
    };
    match (settings.client_id(), settings.client_secret()?) {
        (Some(id), Some(secret)) => {
            plain(id, Key::ClientId)?;
            plain(secret.expose_secret(), Key::ClientSecret)?;
            Ok(Credentials::client_credentials(id, secret))
        }
        (Some(_), None) => Err(match settings.no_login() {
            Some(reason) => Failure::local(reason),
            None => half("a client id", "secret", Key::ClientId),
        }),
        (None, Some(_)) => Err(half("a client secret", "id", Key::ClientSecret)),
        (None, None) => Err(match settings.no_login() {
            Some(reason) => Failure::local(reason),
            None => Failure::local(format!(
                "no credentials: set {}GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET, or use a profile",
                match settings.get(Key::Region).or(settings.get(Key::ApiUrl)) {
                    Some(_) => "",
                    None => "GENESYSCLOUD_REGION, ",
                }
            ))
            .with_hint(settings.choose().unwrap_or_else(|| {
                "gc-usage profiles tells where profiles are looked for, gc-usage login tries them; without an account, \
                 --demo shows made-up data"
                    .to_owned()
            })),
        }),
    }
}
