//! Write the rows of a query to a CSV file while they arrive, in memory that does not grow with them.
//!
//! Run `stream_to_csv FILE`. The file appears only when it contains all rows.

mod connect;

use std::{error::Error, path::PathBuf};

use usage_client::{ApiUsageQuery, Granularity, GroupBy, Interval};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: stream_to_csv FILE")?);
    let (builder, _simulator) = connect::connect().await?;
    let client = builder.build()?;

    let query = ApiUsageQuery::builder()
        .interval(Interval::last_days(30))
        .granularity(Granularity::Day)
        .group_by(vec![GroupBy::OAuthClientId, GroupBy::TemplateUri]);
    let execution = client.submit(query).await?;

    let directory = file
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    let unfinished = tempfile::NamedTempFile::new_in(directory.unwrap_or(".".as_ref()))?;
    let mut csv = csv::Writer::from_writer(unfinished);
    csv.write_record([
        "date",
        "client_id",
        "client_name",
        "template_uri",
        "requests",
        "status429",
    ])?;
    let mut rows = 0;
    let mut batches = execution.row_batches();
    while let Some(batch) = batches.next().await {
        for row in &batch? {
            let day = row.date.map(|date| date.date_naive().to_string());
            csv.write_record([
                day.as_deref().unwrap_or_default(),
                row.client_id.unwrap_or_default(),
                row.client_name.unwrap_or_default(),
                row.template_uri.unwrap_or_default(),
                &row.requests.map(|count| count.to_string()).unwrap_or_default(),
                &row.status429.map(|count| count.to_string()).unwrap_or_default(),
            ])?;
            rows += 1;
        }
    }
    csv.into_inner()?.persist(&file)?;
    println!("{rows} rows in {}", file.display());
    Ok(())
}
