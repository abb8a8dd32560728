//! Get access tokens from another source, such as a vault, a sidecar or another grant.

use std::{error::Error, time::Duration};

use usage_client::{AccessToken, ApiUsageQuery, Client, Credentials, Interval, TokenFuture, TokenSource};
use usage_sim::Simulator;

/// Gets the token from a vault. In this example it is a constant.
struct Vault {
    token: &'static str,
}

impl TokenSource for Vault {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { Ok(AccessToken::new(self.token, Some(Duration::from_secs(3600)))) })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::builder()
        .access_token("token-of-the-vault")
        .start()
        .await?;
    let client = Client::builder()
        // For the real service: .region(Region::EuWest1)
        .base_url(simulator.url())
        .credentials(Credentials::token_source(Vault {
            token: "token-of-the-vault",
        }))
        .build()?;

    let result = client
        .submit(ApiUsageQuery::builder().interval(Interval::last_days(7)))
        .await?
        .wait()
        .await?;
    println!("{} rows", result.into_rows().len());
    Ok(())
}
