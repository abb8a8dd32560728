//! Work that would block connections, on a few threads of its own.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// One thread for each query could exceed the limit of threads of a process.
const THREADS: usize = 4;

/// Runs work on a limited number of threads.
pub(crate) struct ComputeThreads {
    free: Arc<Semaphore>,
}

impl Default for ComputeThreads {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(THREADS)),
        }
    }
}

impl ComputeThreads {
    /// Computes when a thread is free.
    pub(crate) async fn run<T: Send + 'static>(&self, compute: impl FnOnce() -> T + Send + 'static) -> T {
        let free = Arc::clone(&self.free);
        let thread = free.acquire_owned().await.expect("it is never closed");
        // The thread is in use until the work is done, even if the caller has gone.
        let compute = move || {
            let _thread = thread;
            compute()
        };
        match spawn_blocking(compute).await {
            Ok(computed) => computed,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and this future with it.
                Err(_) => std::future::pending().await,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn a_hundred_at_once_take_a_few_threads() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        let threads: &ComputeThreads = Box::leak(Box::default());
        let mut tasks = JoinSet::new();
        for number in 0..100 {
            tasks.spawn(threads.run(move || {
                let others = NOW.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(2));
                NOW.fetch_sub(1, Ordering::SeqCst);
                (number, others)
            }));
        }
        let mut done = tasks.join_all().await;
        assert!(done.iter().all(|&(_, others)| others < THREADS), "{done:?}");
        done.sort_unstable();
        let numbers: Vec<_> = done.into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }
}
