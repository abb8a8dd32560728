//! The baseline of `cargo xtask bench`: log in, submit, read the whole response, decode it into owned rows, sum them up.
//!
//! `bench-baseline URL plain|gzip REPEATS rows` prints the number of rows, their sum, and the peak of its memory.
//! `bench-baseline URL plain|gzip REPEATS bytes [FILE]` decodes no JSON. It prints the number of bytes in place of rows, and
//! writes them to FILE.
//! `bench-baseline URL plain|gzip REPEATS pages` submits a job and requests its pages, one after the other. It counts the
//! rows, and decodes nothing but the cursor.

use std::{fs::File, io::Write as _, time::SystemTime};

use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Submitted {
    execution_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    results: Vec<Row>,
    query_status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(
    dead_code,
    reason = "a typed row has all fields, whether they are summed up or not"
)]
struct Row {
    client_id: Option<String>,
    client_name: Option<String>,
    organization_id: Option<String>,
    user_id: Option<String>,
    template_uri: Option<String>,
    http_method: Option<String>,
    status200: Option<i64>,
    status300: Option<i64>,
    status400: Option<i64>,
    status500: Option<i64>,
    status429: Option<i64>,
    requests: Option<i64>,
    date: Option<String>,
}

#[derive(Deserialize)]
struct Job {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    entities: Vec<IgnoredAny>,
    next_uri: Option<String>,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, encoding, repeats, way, file @ ..] = &arguments[..] else {
        return Err("usage: bench-baseline URL plain|gzip REPEATS rows|bytes|pages [FILE]".into());
    };
    let client = reqwest::Client::builder().gzip(encoding == "gzip").build()?;
    let token: Token = client
        .post(format!("{url}/oauth/token"))
        .basic_auth("demo-client", Some("demo-secret"))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    if way == "pages" {
        println!(
            "{} 0 {}",
            read_pages(&client, url, &token.access_token).await?,
            peak_kib()?
        );
        return Ok(());
    }
    let submitted: Submitted = client
        .post(format!("{url}/api/v2/usage/query"))
        .bearer_auth(&token.access_token)
        .json(&serde_json::json!({"interval": "2024-02-01/2024-02-07"}))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let results = format!("{url}/api/v2/usage/query/{}/results", submitted.execution_id);
    let (mut count, mut sum) = (0, 0);
    for _ in 0..repeats.parse()? {
        let request = client.get(&results).bearer_auth(&token.access_token);
        let response = request.send().await?.error_for_status()?;
        match &way[..] {
            "rows" => {
                let (rows, requests) = read_rows(response).await?;
                count += rows;
                sum += requests;
            }
            "bytes" => count += read_bytes(response, file.first()).await?,
            other => return Err(format!("no way `{other}`").into()),
        }
    }
    println!("{count} {sum} {}", peak_kib()?);
    Ok(())
}

/// The number of rows and their sum.
async fn read_rows(response: reqwest::Response) -> Result<(u64, i64)> {
    let complete: Response = serde_json::from_slice(&response.bytes().await?)?;
    if complete.query_status != "Complete" {
        return Err(complete.query_status.into());
    }
    let (mut rows, mut sum) = (0, 0);
    for row in complete.results {
        rows += 1;
        sum += row.requests.unwrap_or(0);
    }
    Ok((rows, sum))
}

/// The number of rows of a job.
async fn read_pages(client: &reqwest::Client, url: &str, token: &str) -> Result<u64> {
    let jobs = format!("{url}/api/v2/usage/aggregates/query/jobs");
    // Any days within the last year will do: the simulator has its rows anyway.
    let today = DateTime::<Utc>::from(SystemTime::now()).date_naive();
    let (first, last) = (today - Days::new(30), today - Days::new(1));
    let request = serde_json::json!({
        "interval": format!("{first}T00:00:00/{last}T23:59:59"),
        "groupBy": ["OauthClientId"],
    });
    let request = client.post(&jobs).bearer_auth(token).json(&request);
    let job: Job = request.send().await?.error_for_status()?.json().await?;
    let mut next = Some("?pageSize=1000".to_owned());
    let mut rows = 0;
    while let Some(uri) = next {
        let (_, query) = uri.split_once('?').ok_or("no query")?;
        let request = client
            .get(format!("{jobs}/{}?{query}", job.id))
            .bearer_auth(token);
        let page: Page = serde_json::from_slice(&request.send().await?.error_for_status()?.bytes().await?)?;
        rows += page.entities.len() as u64;
        next = page.next_uri;
    }
    Ok(rows)
}

/// The number of bytes, after gzip is undone.
async fn read_bytes(mut response: reqwest::Response, file: Option<&String>) -> Result<u64> {
    let mut file = file.map(File::create).transpose()?;
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await? {
        bytes += chunk.len() as u64;
        if let Some(file) = &mut file {
            file.write_all(&chunk)?;
        }
    }
    Ok(bytes)
}

/// The most memory this process had, in KiB.
fn peak_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.ok_or("no VmHWM")?.trim().trim_end_matches(" kB").parse()?)
}
