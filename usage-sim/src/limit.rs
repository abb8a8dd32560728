//! The rate limit: requests of a token in a minute.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::response::Response;

const WINDOW: Duration = Duration::from_secs(60);

/// The default limit of the service for a client-credentials token.
pub(crate) const DEFAULT_ALLOWED: u64 = 300;

/// The limit in the headers if none is enforced. It is so high that no client slows down.
pub(crate) const UNLIMITED: u64 = 1_000_000;

/// The windows of all tokens.
#[derive(Default)]
pub(crate) struct Windows(HashMap<String, Window>);

struct Window {
    opened: Instant,
    count: u64,
}

/// The state of one window, as in the headers.
#[derive(Clone, Copy)]
pub(crate) struct Level {
    pub(crate) count: u64,
    pub(crate) allowed: u64,
    /// Seconds until the window ends, at least 1.
    pub(crate) reset: u64,
}

impl Windows {
    /// Counts a request with a token.
    pub(crate) fn count(&mut self, token: &str, allowed: u64) -> Level {
        let now = Instant::now();
        let window = self.0.entry(token.to_owned()).or_insert(Window {
            opened: now,
            count: 0,
        });
        if now.duration_since(window.opened) >= WINDOW {
            *window = Window {
                opened: now,
                count: 0,
            };
        }
        window.count += 1;
        let left = WINDOW.saturating_sub(now.duration_since(window.opened));
        Level {
            count: window.count,
            allowed,
            reset: left.as_secs_f64().ceil().max(1.0) as u64,
        }
    }
}

impl Level {
    /// A window without requests, for a request without a token.
    pub(crate) fn unused(allowed: u64) -> Self {
        Self {
            count: 0,
            allowed,
            reset: WINDOW.as_secs(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.count > self.allowed
    }

    pub(crate) fn describe(&self, response: &mut Response) {
        response.set("inin-ratelimit-count", self.count);
        response.set("inin-ratelimit-allowed", self.allowed);
        response.set("inin-ratelimit-reset", self.reset);
    }
}
