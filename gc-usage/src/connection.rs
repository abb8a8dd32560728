//! The organizations that a command queries.

use usage_client::{Client, Credentials};
use usage_sim::Simulator;

use crate::{
    client::with_times,
    error::CliError,
    organization::Organization,
    printer::Printer,
    progress::RetryStatus,
    resume::ResumeCommands,
    settings::{self, Profiles, Selection, Settings},
    source::Source,
};

/// All selected organizations, with the simulated service if this is a demo.
pub(crate) struct Connection {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) is_demo: bool,
    _simulator: Option<Simulator>,
}

impl Connection {
    pub(crate) async fn open(selection: &Selection, printer: &Printer) -> Result<Self, CliError> {
        if selection.demo {
            return Self::demo(selection, printer).await;
        }
        let (settings, warnings) = settings::settings(selection, &Profiles::read())?;
        printer.warnings(warnings);
        let several = settings.len() > 1;
        let organizations = settings.iter().map(|settings| {
            let profile = settings.profile.as_deref().filter(|_| several);
            Organization::new(settings, profile)
        });
        let organizations: Vec<_> = organizations.collect();
        // One of several fails only when it is queried.
        if let [one] = &organizations[..] {
            one.client()?;
        }
        Ok(Self {
            organizations,
            is_demo: false,
            _simulator: None,
        })
    }

    /// Organizations that need no service.
    #[cfg(feature = "sync")]
    pub(crate) fn stored(organizations: Vec<Organization>) -> Self {
        Self {
            organizations,
            is_demo: false,
            _simulator: None,
        }
    }

    /// The connection, with another source of the counts of all organizations.
    pub(crate) fn asking(mut self, source: &Source) -> Self {
        let organizations = self.organizations.into_iter();
        self.organizations = organizations.map(|one| one.asking(source)).collect();
        self
    }

    /// From now on, keeps the commands that can show the rows later, with these options. Not for a demo, whose queries end
    /// with it.
    pub(crate) fn resume_with(&mut self, options: &str, resume: &ResumeCommands) {
        for organization in &mut self.organizations {
            organization.options = format!("{options}{}", organization.options).into();
            organization.resume = (!self.is_demo).then(|| resume.clone());
        }
    }

    /// Opens the connection for a command that takes only one organization.
    pub(crate) async fn open_one(
        selection: &Selection,
        what: &str,
        printer: &Printer,
    ) -> Result<Self, CliError> {
        let connection = Self::open(selection, printer).await?;
        match connection.organizations.len() {
            1 => Ok(connection),
            _ => Err(CliError::local(format!("gc-usage {what} takes only one profile"))),
        }
    }

    /// The first organization, which is the only one after [`open_one`](Self::open_one).
    pub(crate) fn one(&self) -> &Organization {
        &self.organizations[0]
    }

    async fn demo(selection: &Selection, printer: &Printer) -> Result<Self, CliError> {
        let simulator = Simulator::builder().running_polls(1).start().await;
        let simulator =
            simulator.map_err(|error| CliError::local(format!("cannot start the simulator: {error}")))?;
        printer.notice("Demo: a simulated organization; all of this data is made up.");
        let credentials =
            Credentials::client_credentials(usage_sim::DEMO_CLIENT_ID, usage_sim::DEMO_CLIENT_SECRET);
        let retry = RetryStatus::default();
        let builder = Client::builder()
            .base_url(simulator.url())
            .login_url(simulator.url())
            .credentials(credentials)
            .on_retry(retry.on_retry());
        let settings = Settings::new([Some(selection.options.clone()), None, None]);
        let client = with_times(builder, &settings)?.build()?;
        let organization = Organization::demo(client, retry);
        Ok(Self {
            organizations: vec![organization],
            is_demo: true,
            _simulator: Some(simulator),
        })
    }
}
