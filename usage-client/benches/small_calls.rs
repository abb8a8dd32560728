//! Compares the cost of a small results call through `Client` with plain reqwest and serde_json and the same settings.
//!
//! `cargo bench -p usage-client --bench small_calls` prints the CPU time of both sides per call, and their ratio: the
//! median over pairs of batches run in turn. The simulator runs on a thread of its own, which is not counted.

use std::{sync::mpsc, time::Duration};

use cpu_time::ThreadTime;
use usage_client::{
    ApiUsageQuery, ApiUsageQueryResult, Client, Credentials,
    reqwest::{self, Url, header},
    types::ExecutionId,
};
use usage_sim::Simulator;

const TOKEN: &str = "bench-token";
const PAIRS: usize = 201;
const CALLS: u32 = 100;

fn main() {
    let url = simulator();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let credentials = Credentials::access_token(TOKEN);
        let ours = Client::builder()
            .base_url(&url)
            .credentials(credentials)
            .build()
            .expect("valid settings");
        let query = ApiUsageQuery::builder().interval("2024-02-01/2024-02-07");
        let execution = ours.submit(query).await.expect("the simulator accepts it");
        let id: ExecutionId = execution.id().parse().expect("the simulator's ids are valid");
        let results = format!("{url}/api/v2/usage/query/{}/results", execution.id());
        let bare = bare_client();

        // Once each, to warm up connections and caches.
        let expected = call_bare(&bare, &results).await;
        assert_eq!(call_ours(&ours, &id).await, expected);
        let mut pairs = Vec::new();
        for pair in 0..PAIRS {
            // The sides take turns to go first.
            let (bare, ours) = if pair % 2 == 0 {
                let bare = batch(|| call_bare(&bare, &results)).await;
                (bare, batch(|| call_ours(&ours, &id)).await)
            } else {
                let ours = batch(|| call_ours(&ours, &id)).await;
                (batch(|| call_bare(&bare, &results)).await, ours)
            };
            pairs.push((bare, ours));
        }
        report(&pairs);
    });
}

/// The CPU time of one batch of calls.
async fn batch<F: Future<Output = ApiUsageQueryResult>>(call: impl Fn() -> F) -> Duration {
    let start = ThreadTime::now();
    for _ in 0..CALLS {
        assert!(call().await.results.is_some());
    }
    start.elapsed()
}

async fn call_ours(client: &Client, id: &ExecutionId) -> ApiUsageQueryResult {
    let call = client
        .get_usage_query_execution_id_results()
        .execution_id(id.clone())
        .send();
    call.await.expect("the simulator answers").into_inner()
}

async fn call_bare(client: &reqwest::Client, url: &str) -> ApiUsageQueryResult {
    let url: Url = url.parse().expect("a URL");
    let request = client
        .get(url)
        .header(header::ACCEPT, "application/json")
        .bearer_auth(TOKEN);
    let response = request.send().await.expect("the simulator answers");
    assert!(response.status().is_success());
    serde_json::from_slice(&response.bytes().await.expect("a whole body")).expect("valid JSON")
}

/// Set up like that of `Client`.
fn bare_client() -> reqwest::Client {
    // Fails only if there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(60))
        .pool_idle_timeout(Duration::from_secs(50))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent("bare");
    builder.build().expect("valid settings")
}

/// Starts a simulator on a thread of its own. Returns its URL.
fn simulator() -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let simulator = Simulator::builder()
                .access_token(TOKEN)
                .start()
                .await
                .expect("a free port");
            sender.send(simulator.url()).expect("main waits");
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().expect("the simulator starts")
}

fn report(pairs: &[(Duration, Duration)]) {
    let per_call = |time: &Duration| time.as_secs_f64() * 1e6 / f64::from(CALLS);
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let bare = median(pairs.iter().map(|(bare, _)| per_call(bare)).collect());
    let ours = median(pairs.iter().map(|(_, ours)| per_call(ours)).collect());
    let ratio = median(
        pairs
            .iter()
            .map(|(bare, ours)| ours.as_secs_f64() / bare.as_secs_f64())
            .collect(),
    );
    println!("small results call, CPU time, medians of {PAIRS} pairs of {CALLS} calls:");
    println!(
        "  reqwest + serde_json {bare:7.1} µs\n  usage-client         {ours:7.1} µs\n  ratio                {ratio:7.3}"
    );
}
