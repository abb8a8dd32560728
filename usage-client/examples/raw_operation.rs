//! Call the generated operations directly, with the same login and retry, and read the headers of a response.

mod connect;

use std::error::Error;

use usage_client::{Interval, RetryPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (builder, _simulator) = connect::connect().await?;
    let client = builder.build()?;

    let submitted = client
        .post_usage_query()
        .body_map(|query| query.interval(Interval::last_days(7)))
        .send()
        .await?;
    println!(
        "status {}, correlation id {}",
        submitted.status(),
        submitted.correlation_id().unwrap_or_default()
    );

    // This call is made only once. If a login is due, it still retries with the policy that the client was built with.
    let once = client.with_retry(RetryPolicy::none());
    let id = submitted.into_inner().execution_id.unwrap_or_default();
    let answer = once
        .get_usage_query_execution_id_results()
        .execution_id(id)
        .send()
        .await?;
    println!("{:?} after {} attempt", answer.query_status, answer.attempts());
    if let Some(limit) = client.rate_limit() {
        println!("{} of {} requests left", limit.remaining(), limit.allowed);
    }
    Ok(())
}
