//! Submit in one process and read the results in another. `resume_by_id` prints an id, and `resume_by_id ID` resumes.

mod connect;

use std::error::Error;

use usage_client::{ApiUsageQuery, Interval};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (builder, simulator) = connect::connect().await?;
    let client = builder.build()?;

    let id = match std::env::args().nth(1) {
        Some(id) => id,
        None => {
            let execution = client
                .submit(ApiUsageQuery::builder().interval(Interval::last_days(30)))
                .await?;
            println!("submitted {}", execution.id());
            if simulator.is_none() {
                return Ok(());
            }
            // The simulated organization ends with this process, so continue at once.
            execution.id().to_owned()
        }
    };

    let result = client.execution(id).wait().await?;
    println!("{} rows", result.into_rows().len());
    Ok(())
}
