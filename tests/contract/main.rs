//! The contract with the service: what goes out, what comes in, and that the document and the crate agree on it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreement;
mod answers;
mod calls;
mod document;
mod errors;
mod requests;
mod rows;
mod simulator;
mod simulator_rows;

use std::time::Duration;

use httpmock::MockServer;
use usage_client::{Client, Credentials, PollPolicy, RetryPolicy};

/// A client of a mocked service.
fn client(server: &MockServer) -> Client {
    let credentials = Credentials::access_token("test-token");
    let never = RetryPolicy::none();
    Client::builder()
        .base_url(server.base_url())
        .credentials(credentials)
        .retry(never)
        .build()
        .unwrap()
}

/// Polls without a wait.
fn at_once() -> PollPolicy {
    PollPolicy::default().with_initial_wait(Duration::ZERO)
}
