//! The simulator, seen from the other side of a socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod connections;
mod faults;
mod hosts;
mod login;
mod query;
mod results;
mod support;
