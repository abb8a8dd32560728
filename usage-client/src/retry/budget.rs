//! The retry budget of a client.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Limits how fast all calls of a client together retry: when everything fails, a few hundred tasks would otherwise
/// overload the service. A success earns half a retry.
#[derive(Debug)]
pub(crate) struct Budget {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Retries that are possible at once. Below zero, it counts the permits that wait.
    tokens: f64,
    at: Instant,
}

/// A permit to retry. Dropping it unused returns it, so that a cancelled call does not delay others.
pub(crate) struct RetryPermit<'a> {
    budget: &'a Budget,
    /// How long to wait before the retry.
    pub(crate) wait: Duration,
    is_used: bool,
}

impl Budget {
    const BURST: f64 = 50.0;
    const PER_SECOND: f64 = 5.0;
    const PER_SUCCESS: f64 = 0.5;

    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                tokens: Self::BURST,
                at: Instant::now(),
            }),
        }
    }

    /// Takes a permit.
    pub(crate) fn take(&self) -> RetryPermit<'_> {
        let mut state = self.refilled();
        state.tokens -= 1.0;
        let wait = Duration::from_secs_f64((-state.tokens / Self::PER_SECOND).max(0.0));
        RetryPermit {
            budget: self,
            wait,
            is_used: false,
        }
    }

    /// Adds what a success earns. What time adds is computed when the next permit is taken.
    pub(crate) fn earn(&self) {
        self.add(Self::PER_SUCCESS);
    }

    #[cfg(test)]
    pub(crate) fn tokens(&self) -> f64 {
        self.state().tokens
    }

    fn add(&self, tokens: f64) {
        let mut state = self.state();
        state.tokens = (state.tokens + tokens).min(Self::BURST);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refilled(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        let now = Instant::now();
        let refill = now.duration_since(state.at).as_secs_f64() * Self::PER_SECOND;
        state.tokens = (state.tokens + refill).min(Self::BURST);
        state.at = now;
        state
    }
}

impl RetryPermit<'_> {
    /// Keeps the permit, because the retry is sent.
    pub(crate) fn use_up(mut self) {
        self.is_used = true;
    }
}

impl Drop for RetryPermit<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.budget.add(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budget: &Budget, permits: u32) {
        for _ in 0..permits {
            budget.take().use_up();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_retries_go_at_once_and_then_five_a_second() {
        let budget = Budget::new();
        spend(&budget, 50);
        let waits: Vec<_> = (0..3)
            .map(|_| {
                let permit = budget.take();
                let wait = permit.wait;
                permit.use_up();
                wait.as_millis()
            })
            .collect();
        assert_eq!(waits, [200, 400, 600]);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(budget.take().wait, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn successes_earn_retries() {
        let budget = Budget::new();
        spend(&budget, 60);
        for _ in 0..22 {
            budget.earn();
        }
        spend(&budget, 1);
        assert!(budget.take().wait > Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_retry_gives_its_permit_back() {
        let budget = Budget::new();
        spend(&budget, 50);
        for _ in 0..100 {
            drop(budget.take());
        }
        assert_eq!(budget.take().wait, Duration::from_millis(200));
    }
}
