//! The organizations that are asked.

use std::{fs, sync::Arc, time::Duration};

use secrecy::SecretString;
use usage_client::{Client, Credentials, PollPolicy, RetryPolicy};
use usage_sim::Simulator;

use crate::{
    args::ConnectionArgs,
    exit::Failure,
    progress::Retrying,
    settings::{self, Key, Place, Settings},
    stderr,
};

/// Somebody waits in front of the screen, and a small query may be done by then; a longer one is asked for less often.
const FIRST_POLL: Duration = Duration::from_millis(300);

/// An organization that can be asked.
#[derive(Clone)]
pub(crate) struct Organization {
    /// The profile's name, where several are asked.
    pub(crate) profile: Option<Arc<str>>,
    /// The options that ask the same organization again, each with a space before it.
    pub(crate) options: Arc<str>,
    /// It ends with this command.
    pub(crate) is_demo: bool,
    pub(crate) client: Client,
    pub(crate) polling: PollPolicy,
    pub(crate) retrying: Retrying,
}

/// All organizations, with the simulated service of a demo.
pub(crate) struct Connection {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) is_demo: bool,
    _simulator: Option<Simulator>,
}

impl Connection {
    pub(crate) async fn open(args: &ConnectionArgs) -> Result<Self, Failure> {
        if args.demo {
            return Self::demo(args).await;
        }
        let (settings, warnings) = settings::settings(args)?;
        for warning in warnings {
            stderr::say(format_args!("warning: {warning}"));
        }
        let several = settings.len() > 1;
        let organizations = settings.iter().map(|settings| {
            let profile = settings.profile.as_deref().filter(|_| several);
            organization(settings, profile, args).map_err(|failure| match profile {
                Some(name) => failure.of_profile(name),
                None => failure,
            })
        });
        Ok(Self {
            organizations: organizations.collect::<Result<_, _>>()?,
            is_demo: false,
            _simulator: None,
        })
    }

    /// Adds to the options that go on with what this command does.
    pub(crate) fn resume_with(&mut self, options: &str) {
        for organization in &mut self.organizations {
            organization.options = format!("{options}{}", organization.options).into();
        }
    }

    /// For what cannot be done for several organizations at once; `resume` as of [`resume_with`](Self::resume_with).
    pub(crate) async fn open_one(
        args: &ConnectionArgs,
        what: &str,
        resume: &str,
    ) -> Result<(Self, Organization), Failure> {
        let mut connection = Self::open(args).await?;
        connection.resume_with(resume);
        match &connection.organizations[..] {
            [one] => {
                let one = one.clone();
                Ok((connection, one))
            }
            _ => Err(Failure::local(format!("{what} takes one profile"))),
        }
    }

    async fn demo(args: &ConnectionArgs) -> Result<Self, Failure> {
        let simulator = Simulator::builder().running_polls(1).start().await;
        let simulator =
            simulator.map_err(|error| Failure::local(format!("cannot start the simulator: {error}")))?;
        stderr::say("Demo: a simulated organization; all of this data is made up.");
        let credentials =
            Credentials::client_credentials(usage_sim::DEMO_CLIENT_ID, usage_sim::DEMO_CLIENT_SECRET);
        let mut builder = Client::builder()
            .base_url(simulator.url())
            .login_url(simulator.url())
            .credentials(credentials);
        let retrying = Retrying::default();
        builder = builder.on_retry(retrying.on_retry());
        if let Some(timeout) = args.timeout {
            builder = builder.timeout(timeout.0);
        }
        let mut polling = PollPolicy::default().with_first(FIRST_POLL);
        if let Some(wait) = args.wait_timeout {
            polling = polling.with_deadline(wait.0);
        }
        let organization = Organization {
            profile: None,
            options: Arc::from(" --demo"),
            is_demo: true,
            client: builder.build()?,
            polling,
            retrying,
        };
        Ok(Self {
            organizations: vec![organization],
            is_demo: true,
            _simulator: Some(simulator),
        })
    }
}

fn organization(
    settings: &Settings,
    profile: Option<&str>,
    args: &ConnectionArgs,
) -> Result<Organization, Failure> {
    let region = settings.region()?;
    let retrying = Retrying::default();
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
    if let Some(path) = settings.ca_cert() {
        let pem = fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
        builder = builder.root_certificates(pem);
    }
    if let Some(timeout) = settings.time(Key::Timeout)? {
        builder = builder.timeout(timeout);
    }
    let mut polling = PollPolicy::default().with_first(FIRST_POLL);
    if let Some(wait) = settings.time(Key::WaitTimeout)? {
        polling = polling.with_deadline(wait);
    }
    Ok(Organization {
        profile: profile.map(Arc::from),
        options: args.again(settings.chosen.as_deref()).into(),
        is_demo: false,
        client: builder.build()?,
        polling,
        retrying,
    })
}

fn credentials(settings: &Settings) -> Result<Credentials, Failure> {
    if let Some(token) = settings.access_token() {
        return Ok(Credentials::access_token(token));
    }
    let half = |has: &str, lacks: &str, key: Key| {
        let place = settings.get(key).map(|(_, place)| place);
        let failure = Failure::local(format!(
            "the login is not complete: {has} is set ({}), but no {lacks}",
            place.map(|place| place.of(key)).unwrap_or_default()
        ));
        failure.with_hint(match place {
            Some(Place::Profile { name, .. }) => {
                format!("`client_id` and `client_secret` or `client_secret_file` belong together in [{name}]")
            }
            _ => "GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET belong together".to_owned(),
        })
    };
    match (settings.client_id(), settings.client_secret()) {
        (Some(id), Some(secret)) => Ok(Credentials::client_credentials(id, SecretString::clone(&secret))),
        (Some(_), None) => Err(half("a client id", "secret", Key::ClientId)),
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
            .with_hint(
                "gc-usage profiles tells where profiles are looked for, gc-usage login --check tries them; \
                 without an account, --demo shows made-up data",
            ),
        }),
    }
}
