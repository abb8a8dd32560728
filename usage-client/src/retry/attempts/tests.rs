//! What follows an attempt, what it costs and what it earns.

use std::sync::{Arc, Mutex};

use reqwest::StatusCode;

use super::*;
use crate::error::kind::Kind;

/// An attempt that ends as the closure says, which gets its number.
struct Script<F>(F);

impl<T: Send, F: FnMut(u32) -> Outcome<T> + Send> Attempt<T> for Script<F> {
    async fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Outcome<T> {
        (self.0)(attempts.begin())
    }
}

/// Attempts that wait as long as they may.
fn attempts<'a>(policy: &'a RetryPolicy, budget: &'a Budget) -> Attempts<'a> {
    Attempts {
        random: || 1.0,
        ..Attempts::new(policy, budget, None, Duration::MAX, None)
    }
}

fn at_once() -> RetryPolicy {
    RetryPolicy::default().with_initial_wait(Duration::ZERO)
}

/// A budget of 40, so that it can earn.
fn budget_of_40() -> Budget {
    let budget = Budget::new();
    (0..10).for_each(|_| budget.take().use_up());
    budget
}

fn status(code: u16) -> Error {
    Error::new(Kind::Status, code.to_string()).with_status(StatusCode::from_u16(code).unwrap())
}

fn fails(_: u32) -> Outcome<()> {
    Outcome::Failure(status(503))
}

/// Runs until the attempts end in a failure, and returns when each began, in seconds.
async fn starts(mut attempts: Attempts<'_>, failure: Error) -> Vec<u64> {
    let (started, mut starts) = (Instant::now(), Vec::new());
    let mut script = Script(|_| {
        starts.push(started.elapsed().as_secs());
        Outcome::<()>::Failure(failure.clone())
    });
    let error = attempts.run(&mut script).await.unwrap_err();
    assert_eq!(error.attempts() as usize, starts.len());
    starts
}

#[tokio::test(start_paused = true)]
async fn the_bound_of_the_wait_doubles_up_to_the_maximum_until_attempts_are_used_up() {
    let (policy, budget) = (RetryPolicy::default().with_max_attempts(8), Budget::new());
    let begun = starts(attempts(&policy, &budget), status(503)).await;
    assert_eq!(begun, [0, 1, 3, 7, 15, 31, 61, 91]);
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_policy_s_time() {
    let policy = RetryPolicy::default().with_deadline(Duration::from_secs(10));
    let budget = Budget::new();
    let begun = starts(attempts(&policy, &budget), status(503)).await;
    assert_eq!(begun, [0, 1, 3, 7]);
}

#[tokio::test(start_paused = true)]
async fn timeout_and_deadline_end_the_attempts_before_the_policy_does() {
    let (policy, budget) = (RetryPolicy::default(), Budget::new());
    let five = Duration::from_secs(5);
    for (timeout, deadline) in [(five, None), (five * 9, Some(five)), (five, Some(five * 9))] {
        let deadline = deadline.map(|wait| Instant::now() + wait);
        let attempts = Attempts {
            random: || 1.0,
            ..Attempts::new(&policy, &budget, None, timeout, deadline)
        };
        assert_eq!(attempts.deadline(), Some(Instant::now() + five));
        assert_eq!(starts(attempts, status(503)).await, [0, 1, 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_never_undercut_and_too_long_a_one_ends_at_once() {
    let policy = RetryPolicy::default().with_max_attempts(2);
    for (asked, goes_on) in [(7, true), (180, true), (181, false), (7200, false)] {
        let budget = budget_of_40();
        let asked = Duration::from_secs(asked);
        let started = Instant::now();
        let failure = status(429).with_retry_after(Some(asked));
        let begun = starts(attempts(&policy, &budget), failure).await;
        assert_eq!(begun.len(), 1 + usize::from(goes_on));
        assert_eq!(started.elapsed() >= asked, goes_on);
        assert!(started.elapsed() <= asked + policy.initial_wait);
        assert_eq!(budget.tokens(), if goes_on { 39.0 } else { 40.0 });
    }
}

#[tokio::test(start_paused = true)]
async fn when_all_fails_the_budget_slows_everyone_down() {
    let (policy, budget) = (at_once().with_max_attempts(2), Budget::new());
    let started = Instant::now();
    for _ in 0..100 {
        attempts(&policy, &budget)
            .run(&mut Script(fails))
            .await
            .unwrap_err();
    }
    // 50 at once, the other 50 at 5 a second.
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn only_a_success_earns_and_only_a_retry_costs() {
    let transient = |attempt| match attempt {
        1 | 2 => Outcome::Failure(status(503)),
        _ => Outcome::Success(()),
    };
    let again = |attempt| match attempt {
        1 => Outcome::Again,
        _ => Outcome::Success(()),
    };
    let too_long = |_| Outcome::Failure(status(429).with_retry_after(Some(Duration::MAX)));
    type Scripted = fn(u32) -> Outcome<()>;
    let cases: [(_, Scripted, _, _); 10] = [
        ("success", |_| Outcome::Success(()), 1, 0.5),
        ("success after two retries", transient, 3, 0.5 - 2.0),
        ("success with a new token", again, 2, 0.5),
        ("400", |_| Outcome::Failure(status(400)), 1, 0.0),
        ("404", |_| Outcome::Failure(status(404)), 1, 0.0),
        ("401", |_| Outcome::Failure(status(401)), 1, 0.0),
        ("no attempt left", fails, 4, -3.0),
        ("Retry-After too long", too_long, 1, 0.0),
        ("done", |_| Outcome::Done(Ok(())), 1, 0.0),
        ("done with an error", |_| Outcome::Done(Err(status(503))), 1, 0.0),
    ];
    for (case, script, made, earned) in cases {
        let (policy, budget) = (at_once().with_max_attempts(4), budget_of_40());
        let mut attempts = attempts(&policy, &budget);
        let _ = attempts.run(&mut Script(script)).await;
        assert_eq!(
            (attempts.made(), budget.tokens()),
            (made, 40.0 + earned),
            "{case}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_would_be_too_late_or_is_cancelled_costs_nothing() {
    let (policy, budget) = (RetryPolicy::default(), budget_of_40());
    let half = Duration::from_millis(500);
    let mut too_late = Attempts {
        random: || 1.0,
        ..Attempts::new(&policy, &budget, None, half, None)
    };
    too_late.run(&mut Script(fails)).await.unwrap_err();
    assert_eq!((too_late.made(), budget.tokens()), (1, 40.0));
    let mut cancelled = attempts(&policy, &budget);
    let outcome = tokio::time::timeout(half, cancelled.run(&mut Script(fails))).await;
    assert!(outcome.is_err());
    assert_eq!((cancelled.made(), budget.tokens()), (1, 40.0));
}

#[tokio::test(start_paused = true)]
async fn errors_that_may_pass_are_retried_and_a_500_only_where_the_operation_allows_it() {
    let kind = |kind| Error::new(kind, "");
    for (error, reason) in [
        (status(408), Some("408")),
        (status(429), Some("429")),
        (status(500), Some("500")),
        (status(502), Some("502")),
        (status(503), Some("503")),
        (status(504), Some("504")),
        (kind(Kind::Connect), Some("no connection")),
        (kind(Kind::Timeout), Some("timeout")),
        (kind(Kind::CutBody), Some("cut body")),
        (kind(Kind::LoginThrottled), Some("login throttled")),
        (status(200), None),
        (status(301), None),
        (status(400), None),
        (status(401), None),
        (status(403), None),
        (status(404), None),
        (status(500).with_final_500(), None),
        (status(501), None),
        (kind(Kind::InvalidRequest), None),
        (kind(Kind::Configuration), None),
        (kind(Kind::LoginRefused), None),
        (kind(Kind::TokenSource), None),
        (kind(Kind::Certificate), None),
        (kind(Kind::ProxyRefused), None),
        (kind(Kind::TooLarge), None),
        (kind(Kind::Decode), None),
        (kind(Kind::Changed), None),
        (kind(Kind::QueryFailed), None),
        (kind(Kind::Deadline), None),
    ] {
        assert_eq!(retried(&error).await, reason, "{error:?}");
    }
}

/// The reason of the retry after an error, as the callback gets it.
async fn retried(error: &Error) -> Option<&'static str> {
    let reason = Arc::new(Mutex::new(None));
    let on_retry = OnRetry(Arc::new({
        let reason = reason.clone();
        move |retry| *reason.lock().unwrap() = Some(retry.reason)
    }));
    let (policy, budget) = (at_once().with_max_attempts(2), Budget::new());
    let mut attempts = Attempts::new(&policy, &budget, Some(&on_retry), Duration::MAX, None);
    let script = |_| Outcome::<()>::Failure(error.clone());
    attempts.run(&mut Script(script)).await.unwrap_err();
    assert_eq!(error.is_transient(), attempts.made() == 2);
    let reason = *reason.lock().unwrap();
    assert_eq!(attempts.made(), 1 + u32::from(reason.is_some()));
    reason
}

/// Records why the attempt before failed. Makes progress in the first five attempts.
#[derive(Default)]
struct Progress {
    last: Vec<Option<String>>,
}

impl Attempt<()> for Progress {
    async fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Outcome<()> {
        attempts.begin();
        let last = attempts.take_last_failure();
        self.last.push(last.map(|error| error.to_string()));
        if self.last.len() <= 5 {
            tokio::time::sleep(Duration::from_secs(60)).await;
            attempts.restart(None);
        }
        Outcome::Failure(Error::new(Kind::CutBody, format!("cut {}", self.last.len())))
    }
}

#[tokio::test(start_paused = true)]
async fn progress_resets_count_wait_and_deadline_and_each_attempt_learns_why_the_one_before_failed() {
    let policy = RetryPolicy::default()
        .with_max_attempts(3)
        .with_deadline(Duration::from_secs(5));
    let (budget, started) = (Budget::new(), Instant::now());
    let mut attempts = Attempts {
        random: || 1.0,
        ..Attempts::new(&policy, &budget, None, Duration::from_secs(6), None)
    };
    let mut progress = Progress::default();
    let error = attempts.run(&mut progress).await.unwrap_err();
    assert_eq!((error.attempts(), attempts.made()), (3, 3));
    let learnt: Vec<_> = progress.last.iter().map(Option::as_deref).collect();
    let cut = ["cut 1", "cut 2", "cut 3", "cut 4", "cut 5", "cut 6"];
    assert_eq!(learnt[0], None);
    assert_eq!(learnt[1..], cut.map(Some));
    // After each progress 1 s, after the sixth attempt 2 s.
    assert_eq!(started.elapsed().as_secs(), 5 * 60 + 5 + 2);
}
