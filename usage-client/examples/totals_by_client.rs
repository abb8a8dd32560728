//! Sum up the rows of a query by client while they arrive.

mod connect;

use std::error::Error;

use usage_client::{Aggregation, ApiUsageQuery, Granularity, GroupBy, Interval};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (builder, _simulator) = connect::connect().await?;
    let client = builder.build()?;

    let query = ApiUsageQuery::builder()
        .interval(Interval::last_days(30))
        .granularity(Granularity::Day)
        .group_by(vec![GroupBy::OAuthClientId, GroupBy::TemplateUri]);
    let execution = client.submit(query).await?;

    let mut totals = Aggregation::by([GroupBy::OAuthClientId]);
    let mut batches = execution.row_batches();
    while let Some(batch) = batches.next().await {
        totals.add_batch(&batch?)?;
    }
    for group in totals.into_groups() {
        println!(
            "{:>9} requests, {:>6} of them rate limited: {}",
            group.totals.requests.unwrap_or_default(),
            group.totals.status429.unwrap_or_default(),
            group.client_name.unwrap_or_default()
        );
    }
    Ok(())
}
