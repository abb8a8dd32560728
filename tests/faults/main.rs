//! What breaks between the client and the service, and what the caller gets: each test asserts what the service saw,
//! in order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod bodies;
mod bounds;
mod connections;
mod endurance;
mod login;
mod polling;
mod raw;
mod statuses;
mod streaming;
mod tls;
mod unread;

use std::time::Duration;

use usage_client::{
    ApiUsageQuery, ApiUsageQueryResult, Client, ClientBuilder, Credentials, Execution, PollPolicy, Result,
    RetryPolicy,
};
use usage_sim::{Fault, Simulator, SimulatorBuilder};

const ID: &str = "fault-client";
const SECRET: &str = "fault-client-secret-9d1f6c0e5b";
const INTERVAL: &str = "2024-02-01/2024-02-07";

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
    while seen(service).iter().filter(|line| line.starts_with(kind)).count() < count {
        assert!(begun.elapsed() < HANG, "{kind} {count}: {:?}", seen(service));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What takes longer than this has stopped for good, however slow the machine is.
const HANG: Duration = Duration::from_secs(60);

/// What the service saw, as a script: `login 200`, `submit 200`, `results 503`; `-` where the connection broke first.
fn seen(service: &Simulator) -> Vec<String> {
    let line = |seen: &usage_sim::RecordedRequest| {
        let what = match seen.path.as_str() {
            "/oauth/token" => "login",
            "/api/v2/usage/query" => "submit",
            path if path.ends_with("/results") => "results",
            other => other,
        };
        format!(
            "{what} {}",
            seen.status
                .map_or_else(|| "-".to_owned(), |status| status.to_string())
        )
    };
    service.requests().iter().map(line).collect()
}
