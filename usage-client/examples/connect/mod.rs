//! Which organization the examples query: `gc-usage simulate` at `SIMULATOR_URL`, or else the organization that the environment
//! names, or else a simulated organization in this process.

use std::error::Error;

use usage_client::{Client, ClientBuilder, Credentials, Region};
use usage_sim::Simulator;

/// A builder with host and credentials. If it leads to a simulated service in this process, keep the returned simulator alive.
pub(crate) async fn connect() -> Result<(ClientBuilder, Option<Simulator>), Box<dyn Error>> {
    let demo = Credentials::client_credentials(usage_sim::DEMO_CLIENT_ID, usage_sim::DEMO_CLIENT_SECRET);
    if let Ok(url) = std::env::var("SIMULATOR_URL") {
        return Ok((Client::builder().base_url(url).credentials(demo), None));
    }
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
            let builder = Client::builder().base_url(simulator.url()).credentials(demo);
            Ok((builder, Some(simulator)))
        }
    }
}
