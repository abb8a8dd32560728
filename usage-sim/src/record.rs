//! What the simulator saw, in order.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

/// One request that the simulator saw, with what it answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// The path as it was sent, percent-encoding included.
    pub path: String,
    /// The query string as it was sent, without the `?`.
    pub query: Option<String>,
    /// The headers, credentials included.
    pub headers: HeaderMap,
    /// The body. No more than 1 MiB and a little of it is kept.
    pub body: Bytes,
    /// When the request had been read, counted from the start of the simulator.
    pub at: Duration,
    /// The status answered. `None` while there is none yet, and for good if the connection was broken before.
    pub status: Option<u16>,
}

/// The list of requests seen so far.
pub(crate) struct Record {
    started: Instant,
    seen: Mutex<Vec<Seen>>,
}

impl Record {
    pub(crate) fn new(started: Instant) -> Self {
        Self {
            started,
            seen: Mutex::default(),
        }
    }

    /// Adds a request; the number returned is the one to settle its status with.
    pub(crate) fn add(&self, head: &Parts, body: Bytes) -> usize {
        let mut all = lock(&self.seen);
        all.push(Seen {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head.headers.clone(),
            body,
            at: self.started.elapsed(),
            status: None,
        });
        all.len() - 1
    }

    pub(crate) fn answered(&self, number: usize, status: StatusCode) {
        lock(&self.seen)[number].status = Some(status.as_u16());
    }

    pub(crate) fn all(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }
}

/// Locks; a thread that panicked elsewhere does not spoil what the simulator knows.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
