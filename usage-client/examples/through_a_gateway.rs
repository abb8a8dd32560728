//! Reach the service through a company's gateway, with one path prefix for the API and another for the login.

use std::error::Error;

use usage_client::{ApiUsageQuery, Client, Credentials, Interval};
use usage_sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Simulator};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateway = Simulator::builder()
        .gateway("/genesys-api", "/genesys-login")
        .start()
        .await?;
    let client = Client::builder()
        .base_url(format!("{}/genesys-api", gateway.url()))
        .login_url(format!("{}/genesys-login", gateway.url()))
        // For a gateway with a private certificate authority, mutual TLS or a proxy in front of it:
        // .root_certificates(std::fs::read("corp-ca.pem")?)
        // .identity(std::fs::read_to_string("client.pem")?, std::fs::read_to_string("client-key.pem")?)
        // .proxy("http://proxy.corp:3128")
        .credentials(Credentials::client_credentials(
            DEMO_CLIENT_ID,
            DEMO_CLIENT_SECRET,
        ))
        .user_agent("my-service/1.0")
        .build()?;

    let result = client
        .submit(ApiUsageQuery::builder().interval(Interval::last_days(7)))
        .await?
        .wait()
        .await?;
    println!("{} rows", result.into_rows().len());
    Ok(())
}
