//! The service's rate limit, and slowing down before it is reached.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// What the service last said of its rate limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests counted in the window under way.
    pub count: u64,
    /// Requests allowed in one window.
    pub allowed: u64,
    /// Time left in the window when this was asked for.
    pub reset_in: Duration,
}

impl RateLimit {
    /// Requests left in the window.
    pub fn remaining(&self) -> u64 {
        self.allowed.saturating_sub(self.count)
    }
}

/// Follows the headers of the answers, and spreads the last tenth of a window's requests over the time left in it.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    window: Option<Window>,
    /// When the next request may go, once requests are spread.
    next: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    count: u64,
    allowed: u64,
    ends: Instant,
}

impl Pacer {
    /// What the service last said, while that window lasts.
    pub(crate) fn rate_limit(&self) -> Option<RateLimit> {
        let window = self.state().window?;
        let reset_in = window.ends.checked_duration_since(Instant::now())?;
        Some(RateLimit {
            count: window.count,
            allowed: window.allowed,
            reset_in,
        })
    }

    /// Reads the headers of an answer.
    pub(crate) fn observe(&self, headers: &HeaderMap) {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let fields = (
            number("inin-ratelimit-count"),
            number("inin-ratelimit-allowed"),
            number("inin-ratelimit-reset"),
        );
        if let (Some(count), Some(allowed), Some(reset)) = fields {
            let Some(ends) = Instant::now().checked_add(Duration::from_secs(reset)) else {
                return;
            };
            let mut state = self.state();
            // Answers may overtake each other; within a window the count only grows.
            let same_window = state
                .window
                .filter(|window| window.ends + Duration::from_secs(1) >= ends);
            let count = same_window.map_or(count, |window| window.count.max(count));
            state.window = Some(Window { count, allowed, ends });
        }
    }

    /// Takes the next request's turn; how long until it comes. Nothing to wait for until nine tenths are used.
    pub(crate) fn take(&self) -> Duration {
        let now = Instant::now();
        let mut state = self.state();
        let Some(window) = state.window.as_mut().filter(|window| window.ends > now) else {
            state.window = None;
            state.next = None;
            return Duration::ZERO;
        };
        let remaining = window.allowed.saturating_sub(window.count);
        window.count = window.count.saturating_add(1);
        if remaining > window.allowed / 10 {
            return Duration::ZERO;
        }
        let ends = window.ends;
        let share = u32::try_from(remaining).unwrap_or(u32::MAX).saturating_add(1);
        let turn = state.next.map_or(now, |next| next.max(now)) + ends.duration_since(now) / share;
        // When the window ends, the next one has room again.
        let turn = turn.min(ends);
        state.next = Some(turn);
        turn - now
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(count: u64, allowed: u64, reset: u64) -> Pacer {
        let pacer = Pacer::default();
        observe(&pacer, count, allowed, reset);
        pacer
    }

    fn observe(pacer: &Pacer, count: u64, allowed: u64, reset: u64) {
        let headers = [
            ("inin-ratelimit-count", count),
            ("inin-ratelimit-allowed", allowed),
            ("inin-ratelimit-reset", reset),
        ];
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), value.into()));
        pacer.observe(&headers.collect());
    }

    #[tokio::test(start_paused = true)]
    async fn far_from_the_limit_nothing_waits() {
        let pacer = told(1, 180, 61);
        assert_eq!(pacer.take(), Duration::ZERO);
        let limit = pacer.rate_limit().unwrap();
        assert_eq!((limit.count, limit.allowed, limit.remaining()), (2, 180, 178));
        assert_eq!(limit.reset_in, Duration::from_secs(61));
    }

    #[tokio::test(start_paused = true)]
    async fn near_the_limit_the_rest_is_spread_over_the_window() {
        let pacer = told(290, 300, 20);
        let waits: Vec<_> = (0..12).map(|_| pacer.take().as_secs_f64()).collect();
        assert!(waits[0] > 1.0 && waits.is_sorted(), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 20.0), "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_limit_the_next_window_is_waited_for_and_then_forgotten() {
        let pacer = told(300, 300, 20);
        assert_eq!(pacer.take(), Duration::from_secs(20));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(pacer.take(), Duration::ZERO);
        assert_eq!(pacer.rate_limit(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_was_overtaken_does_not_take_the_count_back() {
        let pacer = told(50, 300, 30);
        observe(&pacer, 40, 300, 30);
        assert_eq!(pacer.rate_limit().unwrap().count, 50);
        observe(&pacer, 1, 300, 60);
        assert_eq!(pacer.rate_limit().unwrap().count, 1);
    }

    #[test]
    fn without_headers_nothing_is_known() {
        let pacer = Pacer::default();
        pacer.observe(&HeaderMap::new());
        assert_eq!(pacer.rate_limit(), None);
    }
}
