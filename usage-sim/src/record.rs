//! What the simulator saw, in order.

use std::collections::VecDeque;
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

/// The newest requests, no more than fit a limit.
pub(crate) struct Record {
    started: Instant,
    limit: usize,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    seen: VecDeque<Seen>,
    /// How many were forgotten.
    forgotten: usize,
    size: usize,
}

impl Record {
    /// Keeps requests of `limit` bytes together.
    pub(crate) fn new(started: Instant, limit: usize) -> Self {
        Self {
            started,
            limit,
            log: Mutex::default(),
        }
    }

    /// Adds a request; the number returned is the one to settle its status with.
    pub(crate) fn add(&self, head: &Parts, body: Bytes) -> usize {
        let mut log = lock(&self.log);
        let seen = Seen {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head.headers.clone(),
            body,
            at: self.started.elapsed(),
            status: None,
        };
        log.size += size(&seen);
        log.seen.push_back(seen);
        let number = log.forgotten + log.seen.len() - 1;
        while log.size > self.limit
            && let Some(oldest) = log.seen.pop_front()
        {
            log.size -= size(&oldest);
            log.forgotten += 1;
        }
        number
    }

    pub(crate) fn answered(&self, number: usize, status: StatusCode) {
        let mut log = lock(&self.log);
        let place = number.checked_sub(log.forgotten);
        if let Some(seen) = place.and_then(|place| log.seen.get_mut(place)) {
            seen.status = Some(status.as_u16());
        }
    }

    pub(crate) fn all(&self) -> Vec<Seen> {
        lock(&self.log).seen.iter().cloned().collect()
    }
}

/// How much memory a request takes, about.
fn size(seen: &Seen) -> usize {
    let headers = seen.headers.iter();
    let headers: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len() + 64)
        .sum();
    size_of::<Seen>()
        + seen.path.len()
        + seen.query.as_ref().map_or(0, String::len)
        + headers
        + seen.body.len()
}

/// Locks; a thread that panicked elsewhere does not spoil what the simulator knows.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[tokio::test]
    async fn the_newest_requests_are_kept_within_the_limit() {
        let record = Record::new(Instant::now(), 100_000);
        let (head, ()) = Request::new(()).into_parts();
        let numbers: Vec<_> = (0..1_000)
            .map(|number| record.add(&head, vec![number as u8; 10_000].into()))
            .collect();
        record.answered(numbers[0], StatusCode::OK);
        record.answered(numbers[999], StatusCode::ACCEPTED);
        let all = record.all();
        assert_eq!(all.len(), 9);
        assert_eq!(all[8].status, Some(202));
        assert!(all[..8].iter().all(|seen| seen.status.is_none()));
        assert_eq!((all[0].body[0], all[8].body[0]), (991_u16 as u8, 999_u16 as u8));
    }
}
