//! The retry budget of a client.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Limits how fast all calls of a client together send requests again: when everything fails, a few hundred tasks
/// would otherwise hammer the service. A success earns half a retry.
#[derive(Debug)]
pub(crate) struct Budget {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Retries that may go at once; below zero, as many are waiting for their turn.
    tokens: f64,
    at: Instant,
}

/// A retry's turn. Given back if it is dropped unused: a cancelled call must not hold up the others.
pub(crate) struct Turn<'a> {
    budget: &'a Budget,
    /// How long until the turn comes.
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

    /// Takes a turn.
    pub(crate) fn take(&self) -> Turn<'_> {
        let mut state = self.refilled();
        state.tokens -= 1.0;
        let wait = Duration::from_secs_f64((-state.tokens / Self::PER_SECOND).max(0.0));
        Turn {
            budget: self,
            wait,
            is_used: false,
        }
    }

    /// A success. What time has brought meanwhile is added when the next turn is taken.
    pub(crate) fn earn(&self) {
        self.add(Self::PER_SUCCESS);
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

impl Turn<'_> {
    /// The retry goes.
    pub(crate) fn use_up(mut self) {
        self.is_used = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.budget.add(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budget: &Budget, turns: u32) {
        for _ in 0..turns {
            budget.take().use_up();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_retries_go_at_once_and_then_five_a_second() {
        let budget = Budget::new();
        spend(&budget, 50);
        let waits: Vec<_> = (0..3)
            .map(|_| {
                let turn = budget.take();
                let wait = turn.wait;
                turn.use_up();
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
    async fn a_cancelled_retry_gives_its_turn_back() {
        let budget = Budget::new();
        spend(&budget, 50);
        for _ in 0..100 {
            drop(budget.take());
        }
        assert_eq!(budget.take().wait, Duration::from_millis(200));
    }
}
