//! Submit a query, wait for it, and print its rows.

mod connect;

use std::error::Error;

use usage_client::{ApiUsageQuery, Granularity, GroupBy, Interval};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (builder, _simulator) = connect::connect().await?;
    let client = builder.build()?;

    let query = ApiUsageQuery::builder()
        .interval(Interval::last_days(7))
        .granularity(Granularity::Day)
        .group_by(vec![GroupBy::OAuthClientId]);
    let result = client.submit(query).await?.wait().await?;

    for row in result.into_rows() {
        let day = row
            .date
            .map(|date| date.date_naive().to_string())
            .unwrap_or_default();
        println!(
            "{day} {:>9} {}",
            row.requests.unwrap_or_default(),
            row.client_name.unwrap_or_default()
        );
    }
    Ok(())
}
