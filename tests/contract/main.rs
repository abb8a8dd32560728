//! The contract with the service: what goes out, what comes in, and that the document and the crate agree on it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreement;
mod answers;
mod calls;
mod document;
mod errors;
mod jobs;
mod requests;
mod rows;
mod siblings;
mod simulator;
mod simulator_rows;

use std::time::Duration;

use httpmock::MockServer;
use usage_client::{Client, Credentials, PollPolicy, RetryPolicy};

/// A client that sends each request once.
fn client_of(url: String, credentials: Credentials) -> Client {
    let builder = Client::builder().base_url(url).credentials(credentials);
    builder.retry(RetryPolicy::none()).build().unwrap()
}

/// A client of a mocked service.
fn client(server: &MockServer) -> Client {
    client_of(server.base_url(), Credentials::access_token("test-token"))
}

/// Polls without a wait.
fn at_once() -> PollPolicy {
    PollPolicy::default().with_initial_wait(Duration::ZERO)
}
