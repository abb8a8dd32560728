//! Where the examples ask: the organization that the environment names, or else a simulated one.

use std::error::Error;

use usage_client::{Client, ClientBuilder, Credentials, Region};
use usage_sim::Simulator;

/// A builder that is ready to build, with the simulated service that it leads to, if it does. Keep that one alive.
pub(crate) async fn connect() -> Result<(ClientBuilder, Option<Simulator>), Box<dyn Error>> {
    match std::env::var("GENESYSCLOUD_REGION") {
        Ok(region) => {
            let region: Region = region.parse()?;
            Ok((
                Client::builder()
                    .region(region)
                    .credentials(Credentials::from_env()?),
                None,
            ))
        }
        Err(_) => {
            eprintln!("GENESYSCLOUD_REGION is not set: asking a simulated organization.");
            let simulator = Simulator::builder().running_polls(1).start().await?;
            let credentials =
                Credentials::client_credentials(usage_sim::DEMO_CLIENT_ID, usage_sim::DEMO_CLIENT_SECRET);
            let builder = Client::builder()
                .base_url(simulator.url())
                .credentials(credentials);
            Ok((builder, Some(simulator)))
        }
    }
}
