//! Where to ask, and as whom: options first, then the environment.

use std::env;

use usage_client::{Client, Credentials, Region, RetryPolicy};
use usage_sim::Simulator;

use crate::{args::ConnectionArgs, exit::Failure};

const REGION: &str = "GENESYSCLOUD_REGION";

/// A client, with the simulated service that it talks to in a demo.
pub(crate) struct Connection {
    pub(crate) client: Client,
    _simulator: Option<Simulator>,
}

impl Connection {
    pub(crate) async fn open(args: ConnectionArgs) -> Result<Self, Failure> {
        if args.demo {
            Self::demo().await
        } else {
            Self::configured(args)
        }
    }

    async fn demo() -> Result<Self, Failure> {
        let simulator = Simulator::builder().running_polls(1).start().await;
        let simulator =
            simulator.map_err(|error| Failure::local(format!("cannot start the simulator: {error}")))?;
        eprintln!("Demo: a simulated organization; all of this data is made up.");
        let client = Client::builder()
            .base_url(simulator.url())
            .login_url(simulator.url())
            .credentials(Credentials::client_credentials(
                usage_sim::DEMO_CLIENT_ID,
                usage_sim::DEMO_CLIENT_SECRET,
            ))
            .build()?;
        Ok(Self {
            client,
            _simulator: Some(simulator),
        })
    }

    fn configured(args: ConnectionArgs) -> Result<Self, Failure> {
        let credentials = Credentials::from_env().map_err(|error| {
            Failure::from(error).with_hint("no account at hand? gc-usage query --demo shows made-up data")
        })?;
        let mut builder = Client::builder().credentials(credentials).retry(patience());
        // With --api-url the environment's region does not count: its login would hand that region's token to the host.
        let region = match (args.region, &args.api_url) {
            (Some(region), _) => Some(region),
            (None, Some(_)) => None,
            (None, None) => Some(region_of_environment()?),
        };
        if let Some(region) = region {
            builder = builder.region(region);
        }
        if let Some(url) = args.api_url {
            builder = builder.base_url(url);
        }
        if let Some(url) = args.login_url {
            builder = builder.login_url(url);
        }
        Ok(Self {
            client: builder.build()?,
            _simulator: None,
        })
    }
}

/// Somebody waits in front of the screen: five attempts, about ten seconds, are enough to get over a hiccup.
fn patience() -> RetryPolicy {
    RetryPolicy::default().with_max_attempts(5)
}

fn region_of_environment() -> Result<Region, Failure> {
    match env::var(REGION).ok().filter(|text| !text.is_empty()) {
        Some(text) => text
            .parse()
            .map_err(|error| Failure::local(format!("{REGION}: {error}"))),
        None => Err(Failure::local(format!(
            "no region: set {REGION} or --region, such as eu-west-1 or mypurecloud.ie"
        ))),
    }
}
