//! The requests that the simulator received, in order.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

/// One request that the simulator received, with the status of the response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: Method,
    /// The path as it was sent, with percent-encoding.
    pub path: String,
    /// The query string as it was sent, without the `?`.
    pub query: Option<String>,
    /// The headers, with credentials.
    pub headers: HeaderMap,
    /// The body. Of a larger body, about 1 MiB is kept.
    pub body: Bytes,
    /// When the request was read, as the time since the start of the simulator.
    pub at: Duration,
    /// The status of the response. `None` before the response, and if the connection was reset instead.
    pub status: Option<u16>,
}

/// The newest requests, up to a limit of memory.
pub(crate) struct RequestLog {
    started: Instant,
    limit: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    requests: VecDeque<RecordedRequest>,
    /// How many were dropped.
    dropped: usize,
    size: usize,
}

impl RequestLog {
    /// Keeps up to `limit` bytes of requests.
    pub(crate) fn new(started: Instant, limit: usize) -> Self {
        Self {
            started,
            limit,
            entries: Mutex::default(),
        }
    }

    /// Adds a request. The returned number is for [`set_status`](Self::set_status).
    pub(crate) fn add(&self, head: &Parts, body: Bytes) -> usize {
        let mut entries = lock(&self.entries);
        let request = RecordedRequest {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head.headers.clone(),
            body,
            at: self.started.elapsed(),
            status: None,
        };
        entries.size += size(&request);
        entries.requests.push_back(request);
        let number = entries.dropped + entries.requests.len() - 1;
        while entries.size > self.limit {
            let Some(oldest) = entries.requests.pop_front() else {
                break;
            };
            entries.size -= size(&oldest);
            entries.dropped += 1;
        }
        number
    }

    pub(crate) fn set_status(&self, number: usize, status: StatusCode) {
        let mut entries = lock(&self.entries);
        let place = number.checked_sub(entries.dropped);
        if let Some(request) = place.and_then(|place| entries.requests.get_mut(place)) {
            request.status = Some(status.as_u16());
        }
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.entries).requests.iter().cloned().collect()
    }
}

/// About how much memory a request takes.
fn size(request: &RecordedRequest) -> usize {
    let headers = request.headers.iter();
    let headers: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len() + 64)
        .sum();
    size_of::<RecordedRequest>()
        + request.path.len()
        + request.query.as_ref().map_or(0, String::len)
        + headers
        + request.body.len()
}

/// Locks, also after a thread panicked with the lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[tokio::test]
    async fn the_newest_requests_are_kept_within_the_limit() {
        let log = RequestLog::new(Instant::now(), 100_000);
        let (head, ()) = Request::new(()).into_parts();
        let numbers: Vec<_> = (0..1_000)
            .map(|number| log.add(&head, vec![number as u8; 10_000].into()))
            .collect();
        log.set_status(numbers[0], StatusCode::OK);
        log.set_status(numbers[999], StatusCode::ACCEPTED);
        let all = log.all();
        assert_eq!(all.len(), 9);
        assert_eq!(all[8].status, Some(202));
        assert!(all[..8].iter().all(|request| request.status.is_none()));
        assert_eq!((all[0].body[0], all[8].body[0]), (991_u16 as u8, 999_u16 as u8));
    }
}
