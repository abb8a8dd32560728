//! The service's rate limit. The client slows down before it is reached.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::header::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::fields::duration;

const COUNT: HeaderName = HeaderName::from_static("inin-ratelimit-count");
const ALLOWED: HeaderName = HeaderName::from_static("inin-ratelimit-allowed");
const RESET: HeaderName = HeaderName::from_static("inin-ratelimit-reset");

/// The service's last report of its rate limit. With serde, `reset_in` is a string such as `61s`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests counted in the current window.
    pub count: u64,
    /// Requests allowed in one window.
    pub allowed: u64,
    /// Time left in the window when this was read.
    #[serde(with = "duration")]
    pub reset_in: Duration,
}

impl RateLimit {
    /// Requests left in the window.
    pub fn remaining(&self) -> u64 {
        self.allowed.saturating_sub(self.count)
    }
}

/// Windows that end later are ignored. The service's windows are a minute long. If a server sends something else in
/// this header, such as the time of day, it must not stop every call.
const LONGEST_WINDOW: Duration = Duration::from_secs(180);

/// Reads the headers of responses, and spreads the last tenth of a window's requests over the rest of the window.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    window: Option<Window>,
    /// Requests without a response, which the service's count may not contain yet.
    under_way: u64,
    /// When the next request may be sent, while requests are spread.
    next: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    count: u64,
    allowed: u64,
    ends: Instant,
}

/// A slot for one request. It counts as under way until it is dropped. If it is dropped before it was used, it is
/// returned, so that a cancelled call does not delay others.
pub(crate) struct RequestSlot<'a> {
    pacer: &'a Pacer,
    /// How long to wait before the request.
    pub(crate) wait: Duration,
    /// How much later the slots after this one are.
    share: Duration,
    is_used: bool,
}

impl Pacer {
    /// The service's last report, until its window ends.
    pub(crate) fn rate_limit(&self) -> Option<RateLimit> {
        let window = self.state().window?;
        let reset_in = window.ends.checked_duration_since(Instant::now())?;
        Some(RateLimit {
            count: window.count,
            allowed: window.allowed,
            reset_in,
        })
    }

    /// Reads the headers of a response.
    pub(crate) fn observe(&self, headers: &HeaderMap) {
        let number = |name: &HeaderName| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let (Some(count), Some(allowed), Some(reset)) = (number(&COUNT), number(&ALLOWED), number(&RESET))
        else {
            return;
        };
        let reset = Duration::from_secs(reset);
        // A window without allowed requests is not credible, because this request was allowed.
        if reset > LONGEST_WINDOW || allowed == 0 {
            return;
        }
        let ends = Instant::now() + reset;
        let mut state = self.state();
        // Responses may arrive in another order. Within a window the count only grows.
        let same_window = state
            .window
            .filter(|window| window.ends + Duration::from_secs(1) >= ends);
        let count = same_window.map_or(count, |window| window.count.max(count));
        state.window = Some(Window { count, allowed, ends });
    }

    /// Takes the next slot. There is no wait until nine tenths of the window are used.
    pub(crate) fn take(&self) -> RequestSlot<'_> {
        let mut state = self.state();
        let (wait, share) = state.next_slot();
        state.under_way += 1;
        RequestSlot {
            pacer: self,
            wait,
            share,
            is_used: false,
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How long the next request waits, and how much later the requests after it are.
    fn next_slot(&mut self) -> (Duration, Duration) {
        let Some(window) = self.window else {
            return Default::default();
        };
        let remaining = window
            .allowed
            .saturating_sub(window.count)
            .saturating_sub(self.under_way);
        if remaining > window.allowed / 10 {
            return Default::default();
        }
        let now = Instant::now();
        if window.ends <= now {
            self.window = None;
            self.next = None;
            return Default::default();
        }
        let shares = u32::try_from(remaining).unwrap_or(u32::MAX).saturating_add(1);
        let before = self.next.map_or(now, |next| next.max(now));
        // After the window there is room again.
        let slot = (before + window.ends.duration_since(now) / shares).min(window.ends);
        self.next = Some(slot);
        (slot - now, slot.duration_since(before))
    }
}

impl RequestSlot<'_> {
    /// Keeps the slot, because the request is sent.
    pub(crate) fn begin(&mut self) {
        self.is_used = true;
    }
}

impl Drop for RequestSlot<'_> {
    fn drop(&mut self) {
        let mut state = self.pacer.state();
        state.under_way -= 1;
        if !self.is_used {
            // The slots after this one move forward.
            state.next = state.next.and_then(|next| next.checked_sub(self.share));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(count: u64, allowed: u64, reset: u64) -> Pacer {
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
        let pacer = reported(1, 180, 61);
        assert_eq!(pacer.take().wait, Duration::ZERO);
        let limit = pacer.rate_limit().unwrap();
        assert_eq!((limit.count, limit.allowed, limit.remaining()), (1, 180, 179));
        assert_eq!(limit.reset_in, Duration::from_secs(61));
        let written = serde_json::to_string(&limit).unwrap();
        assert_eq!(written, r#"{"count":1,"allowed":180,"reset_in":"1m 1s"}"#);
        assert_eq!(serde_json::from_str::<RateLimit>(&written).unwrap(), limit);
    }

    #[tokio::test(start_paused = true)]
    async fn near_the_limit_the_rest_is_spread_over_the_window() {
        let pacer = reported(290, 300, 20);
        let slots: Vec<_> = (0..12).map(|_| pacer.take()).collect();
        let waits: Vec<_> = slots.iter().map(|slot| slot.wait.as_secs_f64()).collect();
        assert!(waits[0] > 1.0 && waits.is_sorted(), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 20.0), "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_limit_the_next_window_is_waited_for_and_then_forgotten() {
        let pacer = reported(300, 300, 20);
        assert_eq!(pacer.take().wait, Duration::from_secs(20));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(pacer.take().wait, Duration::ZERO);
        assert_eq!(pacer.rate_limit(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_under_way_count_until_they_are_over() {
        let pacer = reported(0, 100, 60);
        let slots: Vec<_> = (0..90).map(|_| pacer.take()).collect();
        assert!(slots.iter().all(|slot| slot.wait.is_zero()));
        assert!(!pacer.take().wait.is_zero());
        drop(slots);
        assert!(pacer.take().wait.is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_that_was_not_used_is_given_back() {
        let pacer = reported(290, 300, 20);
        let mut first = pacer.take();
        first.begin();
        let second = pacer.take().wait;
        assert!(second > first.wait);
        // Some one after the other, and some at once.
        for _ in 0..200 {
            drop(pacer.take());
        }
        let cancelled: Vec<_> = (0..200).map(|_| pacer.take()).collect();
        drop(cancelled);
        assert_eq!(pacer.take().wait, second);
        let mut used = pacer.take();
        used.begin();
        drop(used);
        assert!(pacer.take().wait > second);
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_that_cannot_be_one_is_not_believed() {
        for (allowed, reset) in [(300, 181), (300, 1_732_350_000), (300, u64::MAX), (0, 60)] {
            let pacer = reported(300, allowed, reset);
            assert_eq!(pacer.take().wait, Duration::ZERO);
            assert_eq!(pacer.rate_limit(), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_was_overtaken_does_not_lower_the_count() {
        let pacer = reported(50, 300, 30);
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
