//! Requests per minute and token.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::answer::Answer;

const WINDOW: Duration = Duration::from_secs(60);

/// What the service allows a client-credentials token by default.
pub(crate) const DEFAULT_ALLOWED: u64 = 300;

/// What the headers tell of when no limit is enforced: far enough away that no client slows down for it.
pub(crate) const UNLIMITED: u64 = 1_000_000;

/// The windows of all tokens.
#[derive(Default)]
pub(crate) struct Windows(HashMap<String, Window>);

struct Window {
    opened: Instant,
    count: u64,
}

/// The state of one window, as the headers tell it.
#[derive(Clone, Copy)]
pub(crate) struct Level {
    pub(crate) count: u64,
    pub(crate) allowed: u64,
    /// Seconds until the window ends, never zero.
    pub(crate) reset: u64,
}

impl Windows {
    /// Counts a request of a token.
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
    /// A window that nothing was counted in: of a request without a token.
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

    pub(crate) fn describe(&self, answer: &mut Answer) {
        answer.set("inin-ratelimit-count", self.count);
        answer.set("inin-ratelimit-allowed", self.allowed);
        answer.set("inin-ratelimit-reset", self.reset);
    }
}
