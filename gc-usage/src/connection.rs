//! The organizations that a command asks.

use usage_client::{Client, Credentials};
use usage_sim::Simulator;

use crate::{
    args::ConnectionArgs,
    exit::Failure,
    organization::{Organization, Patience},
    progress::Retrying,
    resume::ResumeCommands,
    settings::{self, Profiles},
    stderr,
};

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
        let (settings, warnings) = settings::settings(args, &Profiles::read())?;
        for warning in warnings {
            stderr::say(format_args!("warning: {warning}"));
        }
        let several = settings.len() > 1;
        let organizations = settings.iter().map(|settings| {
            let profile = settings.profile.as_deref().filter(|_| several);
            Organization::new(settings, profile, &args.again(settings.chosen.as_deref()))
        });
        let organizations: Vec<_> = organizations.collect();
        // Among several, it is one that fails.
        if let [one] = &organizations[..] {
            one.client()?;
        }
        Ok(Self {
            organizations,
            is_demo: false,
            _simulator: None,
        })
    }

    /// From now on, the commands that show later what this one waits for are noted, with these options. A demo's queries
    /// end with it.
    pub(crate) fn resume_with(&mut self, options: &str, resume: &ResumeCommands) {
        for organization in &mut self.organizations {
            organization.options = format!("{options}{}", organization.options).into();
            organization.resume = (!self.is_demo).then(|| resume.clone());
        }
    }

    /// For what cannot be done for several organizations at once.
    pub(crate) async fn open_one(args: &ConnectionArgs, what: &str) -> Result<Self, Failure> {
        let connection = Self::open(args).await?;
        match connection.organizations.len() {
            1 => Ok(connection),
            _ => Err(Failure::local(format!("{what} takes one profile"))),
        }
    }

    /// The first organization, which is the only one after [`open_one`](Self::open_one).
    pub(crate) fn one(&self) -> &Organization {
        &self.organizations[0]
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
        let timeout = args.timeout.map(|timeout| timeout.0);
        if let Some(timeout) = timeout {
            builder = builder.timeout(timeout);
        }
        let patience = Patience::new(timeout, args.wait_timeout.map(|wait| wait.0));
        let organization = Organization::demo(builder.build()?, patience, retrying);
        Ok(Self {
            organizations: vec![organization],
            is_demo: true,
            _simulator: Some(simulator),
        })
    }
}
