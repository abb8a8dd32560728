//! What breaks between the client and the service, and what the caller gets: each test asserts what the service saw,
//! in order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod bodies;
mod bounds;
mod connections;
mod endurance;
mod jobs;
mod login;
mod polling;
mod raw;
mod statuses;
mod streaming;
mod tls;
mod unread;

use std::time::Duration;

use usage_client::{
    ApiUsageQuery, ApiUsageQueryResult, Client, ClientBuilder, Credentials, Error, Execution, PollPolicy,
    Result, RetryPolicy,
};
use usage_sim::{Fault, Simulator, SimulatorBuilder};

const ID: &str = "fault-client";
const SECRET: &str = "fault-client-secret-9d1f6c0e5b";
const INTERVAL: &str = "2024-02-01/2024-02-07";

/// The ways in which a body ends early.
const CUTS: [fn(Fault, usize) -> Fault; 3] = [
    Fault::cut_body_after,
    Fault::cut_chunked_after,
    Fault::close_delimited_after,
];

/// A simulated service with one client.
fn service() -> SimulatorBuilder {
    Simulator::builder().client(ID, SECRET)
}

async fn service_with(fault: Fault) -> Simulator {
    service().fault(fault).start().await.unwrap()
}

/// Retries as by default, but in milliseconds.
fn quick() -> RetryPolicy {
    RetryPolicy::default()
        .with_max_attempts(4)
        .with_initial_wait(Duration::from_millis(4))
        .with_max_wait(Duration::from_millis(16))
}

fn builder(service: &Simulator) -> ClientBuilder {
    Client::builder()
        .base_url(service.url())
        .login_url(service.url())
        .credentials(Credentials::client_credentials(ID, SECRET))
        .retry(quick())
}

/// For a service that takes any token.
fn token_builder(url: impl Into<String>) -> ClientBuilder {
    Client::builder()
        .base_url(url)
        .credentials(Credentials::access_token("token"))
}

fn client(service: &Simulator) -> Client {
    builder(service).build().unwrap()
}

fn quick_polls() -> PollPolicy {
    PollPolicy::default()
        .with_initial_wait(Duration::from_millis(2))
        .with_max_wait(Duration::from_millis(10))
        .with_deadline(Duration::from_secs(20))
}

async fn submit(client: &Client) -> Result<Execution> {
    let query = ApiUsageQuery::builder().interval(INTERVAL);
    Ok(client.submit(query).await?.with_polling(quick_polls()))
}

/// Submits and waits.
async fn run(client: &Client) -> Result<ApiUsageQueryResult> {
    submit(client).await?.wait().await
}

/// Longer than any test takes, so that only [`pass`] brings it about.
const HOUR: Duration = Duration::from_secs(3600);

/// Lets this time pass at once, for the client and for the service: both are on the thread of the test.
async fn pass(time: Duration) {
    // What is on its way between them arrives first: a timer is set when it is waited for.
    idle().await;
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Waits until neither the client nor the service can go on unless time passes.
async fn idle() {
    tokio::time::pause();
    // A paused clock moves on only when nothing else is to do. What is on its way in the kernel may need more than one look.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::resume();
}

/// Waits until the service has seen this many requests of this kind, as [`seen`] names it.
async fn until_seen(service: &Simulator, kind: &str, count: usize) {
    let begun = std::time::Instant::now();
    while count_seen(service, kind) < count {
        assert!(begun.elapsed() < HANG, "{kind} {count}: {:?}", seen(service));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What takes longer than this has stopped for good, however slow the machine is.
const HANG: Duration = Duration::from_secs(60);

/// The requests that the service saw: `login 200`, `submit 200`, `results 503`. `-` means that the connection broke
/// before the status.
fn seen(service: &Simulator) -> Vec<String> {
    let line = |seen: &usage_sim::RecordedRequest| {
        let what = match seen.path.as_str() {
            "/oauth/token" => "login",
            "/api/v2/usage/query" => "submit",
            path if path.ends_with("/results") => "results",
            other => other,
        };
        let status = seen.status.map(|status| status.to_string());
        format!("{what} {}", status.as_deref().unwrap_or("-"))
    };
    service.requests().iter().map(line).collect()
}

/// How many requests of this kind the service saw, as [`seen`] names it.
fn count_seen(service: &Simulator, kind: &str) -> usize {
    seen(service).iter().filter(|line| line.starts_with(kind)).count()
}

/// Asserts all requests that the service saw, in order: the lines of [`seen`] with commas between them.
#[track_caller]
fn assert_seen(service: &Simulator, script: &str) {
    assert_eq!(seen(service).join(", "), script);
}

#[track_caller]
fn assert_says(error: &Error, part: &str) {
    assert!(error.to_string().contains(part), "no `{part}` in {error:?}");
}

/// The error's text and that of its source.
fn with_source(error: &Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    format!("{error} {}", source.unwrap_or_default())
}
