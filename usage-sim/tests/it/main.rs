//! The simulator, seen from the other side of a socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod connections;
mod families;
mod faults;
mod hosts;
mod job_faults;
mod jobs;
mod limits;
mod login;
mod of_client;
mod permissions;
mod query;
mod results;
mod search;
mod support;
