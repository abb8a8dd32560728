//! Show the progress of a long query, and give up after a while without losing the query.

mod connect;

use std::{error::Error, time::Duration};

use usage_client::{ApiUsageQuery, ExecutionState, Interval, PollPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (builder, _simulator) = connect::connect().await?;
    let client = builder.build()?;

    let polling = PollPolicy::default().with_deadline(Duration::from_secs(5 * 60));
    let query = ApiUsageQuery::builder().interval(Interval::last_days(30));
    let execution = client.submit(query).await?.with_polling(polling);

    let mut states = execution.states();
    while let Some(state) = states.next().await {
        match state {
            Ok(ExecutionState::Waiting(waiting)) => {
                let status = waiting
                    .status
                    .map(|status| status.to_string())
                    .unwrap_or_default();
                println!(
                    "poll {}, {:.1} s: {status}; next in {:.1} s",
                    waiting.polls,
                    waiting.elapsed.as_secs_f64(),
                    waiting.next_poll_in.as_secs_f64()
                );
            }
            Ok(ExecutionState::Complete(result)) => {
                println!("{} rows", result.into_rows().len())
            }
            Ok(_) => {}
            Err(error) if error.is_deadline() => {
                println!("later: {}", error.execution_id().unwrap_or_default())
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
