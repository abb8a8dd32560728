//! Our side of `cargo xtask bench`: the same response by `wait()`, `rows()`, `row_batches()` or an aggregation.
//!
//! `bench-ours URL plain|gzip REPEATS WAY` prints the number of rows, their sum, and the peak of its memory. WAY is `wait`,
//! `rows`, `batches`, `aggregate` (by client and endpoint) or `aggregate-day` (by day, too).

use std::time::Duration;

use futures_util::TryStreamExt as _;
use usage_client::{
    Aggregation, ApiUsageQuery, Client, Credentials, Execution, Granularity, GroupBy, Interval, PollPolicy,
    types::OrganizationPublicApiUsageQueryRequest,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, encoding, repeats, way] = &arguments[..] else {
        return Err(
            "usage: bench-ours URL plain|gzip REPEATS wait|rows|batches|aggregate|aggregate-day|job-rows|job-batches".into(),
        );
    };
    let client = Client::builder()
        .base_url(url)
        .login_url(url)
        .credentials(Credentials::client_credentials("demo-client", "demo-secret"))
        .compression(encoding == "gzip")
        .build()?;
    if way.starts_with("job-") {
        let (rows, sum) = read_job(&client, way).await?;
        println!("{rows} {sum} {}", peak_kib()?);
        return Ok(());
    }
    let query = ApiUsageQuery::builder().interval("2024-02-01/2024-02-07");
    // The simulator is done at once, and so is the baseline: no wait before the first poll.
    let polling = PollPolicy::default().with_initial_wait(Duration::ZERO);
    let execution = client.submit(query).await?.with_polling(polling);
    let (mut rows, mut sum) = (0, 0);
    for _ in 0..repeats.parse()? {
        let (more_rows, more) = read(&execution, way).await?;
        rows += more_rows;
        sum += more;
    }
    println!("{rows} {sum} {}", peak_kib()?);
    Ok(())
}

async fn read(execution: &Execution, way: &str) -> Result<(u64, i64)> {
    let (mut rows, mut sum) = (0, 0);
    match way {
        "wait" => {
            for row in execution.wait().await?.into_rows() {
                rows += 1;
                sum += row.requests.unwrap_or(0);
            }
        }
        "rows" => {
            let mut stream = execution.rows();
            while let Some(row) = stream.try_next().await? {
                rows += 1;
                sum += row.requests.unwrap_or(0);
            }
        }
        "batches" => {
            let mut batches = execution.row_batches();
            while let Some(batch) = batches.try_next().await? {
                for row in &batch {
                    rows += 1;
                    sum += row.requests.unwrap_or(0);
                }
            }
        }
        "aggregate" | "aggregate-day" => {
            let mut totals = Aggregation::by([GroupBy::OAuthClientId, GroupBy::TemplateUri]);
            if way == "aggregate-day" {
                totals = totals.with_buckets(Granularity::Day);
            }
            let mut batches = execution.row_batches();
            while let Some(batch) = batches.try_next().await? {
                totals.add_batch(&batch)?;
            }
            for group in totals.into_groups() {
                rows += group.totals.rows;
                sum += group.totals.requests.unwrap_or(0);
            }
        }
        other => return Err(format!("no way `{other}`").into()),
    }
    Ok((rows, sum))
}

async fn read_job(client: &Client, way: &str) -> Result<(u64, i64)> {
    let request = OrganizationPublicApiUsageQueryRequest::builder().interval(Interval::last_days(30));
    let polling = PollPolicy::default().with_initial_wait(Duration::ZERO);
    let job = client.submit_job(request).await?.with_polling(polling);
    let (mut rows, mut sum) = (0, 0);
    if way == "job-rows" {
        let mut stream = job.rows();
        while let Some(row) = stream.try_next().await? {
            rows += 1;
            sum += row.request_count.unwrap_or(0);
        }
    } else {
        let mut batches = job.row_batches();
        while let Some(batch) = batches.try_next().await? {
            for row in &batch {
                rows += 1;
                sum += row.requests.unwrap_or(0);
            }
        }
    }
    Ok((rows, sum))
}

/// The most memory this process had, in KiB.
fn peak_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.ok_or("no VmHWM")?.trim().trim_end_matches(" kB").parse()?)
}
