//! When a token is renewed, and who gets which outcome.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use tokio::time::{advance, sleep, timeout};

use super::*;
use crate::{
    auth::credentials::{TokenFuture, TokenSource},
    error::Result,
    generated::client::Client,
};

const SECOND: Duration = Duration::from_secs(1);

/// After how long the source responds, and with which token and lifetime. Without a token it fails.
type Step = (Duration, Option<(&'static str, Option<Duration>)>);

/// At once, a token for 300 s. It is renewed after 240 s.
const fn token(name: &'static str) -> Step {
    (Duration::ZERO, Some((name, Some(Duration::from_secs(300)))))
}

const FAILS: Step = (Duration::ZERO, None);

/// Gives out what the script says. A call beyond its end fails the test.
struct Script {
    steps: Mutex<VecDeque<Step>>,
    asked: Arc<AtomicUsize>,
}

impl TokenSource for Script {
    fn token(&self) -> TokenFuture<'_> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let step = self.steps.lock().unwrap().pop_front();
        let (wait, token) = step.expect("no more calls");
        Box::pin(async move {
            sleep(wait).await;
            let (token, life) = token.ok_or("the vault is sealed")?;
            Ok(AccessToken::new(token, life))
        })
    }
}

/// A client whose tokens come from a script.
struct Tokens {
    client: Client,
    asked: Arc<AtomicUsize>,
}

impl Tokens {
    fn from(steps: impl IntoIterator<Item = Step>) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let script = Script {
            steps: Mutex::new(steps.into_iter().collect()),
            asked: asked.clone(),
        };
        Self::of(Credentials::token_source(script), asked)
    }

    fn of(credentials: Credentials, asked: Arc<AtomicUsize>) -> Self {
        let builder = Client::builder()
            .base_url("http://127.0.0.1")
            .credentials(credentials);
        let client = builder.build().unwrap();
        Self { client, asked }
    }

    async fn bearer(&self) -> Result<Arc<Bearer>> {
        self.client.inner.shared.tokens.bearer(&self.client.client).await
    }

    /// The token that a call gets, and how many times the source was asked until then.
    async fn next(&self) -> (String, usize) {
        let bearer = self.bearer().await.unwrap();
        (text(&bearer), self.asked())
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn refuse(&self, bearer: &Arc<Bearer>) -> bool {
        self.client.inner.shared.tokens.refuse(bearer)
    }
}

fn text(bearer: &Bearer) -> String {
    let header = bearer.header.to_str().unwrap();
    header.strip_prefix("Bearer ").unwrap().to_owned()
}

fn is(token: &str, asked: usize) -> (String, usize) {
    (token.to_owned(), asked)
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept_until_a_minute_before_its_end_and_one_without_an_end_for_ever() {
    let endless = (Duration::ZERO, Some(("endless", None)));
    let tokens = Tokens::from([token("first"), endless]);
    assert_eq!(tokens.next().await, is("first", 1));
    advance(239 * SECOND).await;
    assert_eq!(tokens.next().await, is("first", 1));
    advance(SECOND).await;
    assert_eq!(tokens.next().await, is("endless", 2));
    advance(1_000_000 * SECOND).await;
    assert_eq!(tokens.next().await, is("endless", 2));
}

#[tokio::test(start_paused = true)]
async fn callers_without_a_token_share_one_login() {
    let slow = (5 * SECOND, Some(("first", None)));
    let tokens = Tokens::from([slow]);
    let all = join_all((0..20).map(|_| tokens.next())).await;
    assert_eq!(all, vec![is("first", 1); 20]);
}

#[tokio::test(start_paused = true)]
async fn callers_that_waited_share_a_failure_and_the_next_one_asks_again() {
    let tokens = Tokens::from([(5 * SECOND, None), token("first")]);
    for outcome in join_all((0..20).map(|_| tokens.bearer())).await {
        let error = outcome.err().unwrap();
        assert!(error.is_login() && !error.is_auth(), "{error:?}");
    }
    assert_eq!(tokens.asked(), 1);
    assert_eq!(tokens.next().await, is("first", 2));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_cancelled_is_made_by_the_next_that_waits() {
    let tokens = Tokens::from([(60 * SECOND, None), token("first")]);
    let (cancelled, next) = tokio::join!(timeout(SECOND, tokens.bearer()), tokens.next());
    assert!(cancelled.is_err());
    assert_eq!(next, is("first", 2));
}

#[tokio::test(start_paused = true)]
async fn one_caller_renews_a_good_token_and_the_others_use_it_meanwhile() {
    let tokens = Tokens::from([token("first"), (5 * SECOND, Some(("second", None)))]);
    tokens.next().await;
    advance(240 * SECOND).await;
    let began = Instant::now();
    let all = join_all((0..20).map(|_| async {
        let token = text(&tokens.bearer().await.unwrap());
        (token, began.elapsed())
    }));
    let mut all = all.await;
    assert_eq!(all.remove(0), ("second".to_owned(), 5 * SECOND));
    assert_eq!(all, vec![("first".to_owned(), Duration::ZERO); 19]);
    assert_eq!(tokens.next().await, is("second", 2));
}

#[tokio::test(start_paused = true)]
async fn a_good_token_survives_failed_renewals_which_pause_for_five_seconds() {
    let tokens = Tokens::from([token("first"), FAILS, FAILS, token("second")]);
    tokens.next().await;
    advance(240 * SECOND).await;
    assert_eq!(tokens.next().await, is("first", 2));
    advance(RENEWAL_PAUSE - Duration::from_millis(1)).await;
    assert_eq!(tokens.next().await, is("first", 2));
    advance(Duration::from_millis(1)).await;
    assert_eq!(tokens.next().await, is("first", 3));
    advance(RENEWAL_PAUSE).await;
    assert_eq!(tokens.next().await, is("second", 4));
    // A success ends the pause.
    assert_eq!(tokens.next().await, is("second", 4));
}

#[tokio::test(start_paused = true)]
async fn an_early_renewal_that_hangs_holds_up_a_call_for_ten_seconds() {
    let tokens = Tokens::from([token("first"), (3600 * SECOND, None), token("second")]);
    tokens.next().await;
    advance(240 * SECOND).await;
    let began = Instant::now();
    assert_eq!(tokens.next().await, is("first", 2));
    assert_eq!(began.elapsed(), RENEWAL_TIMEOUT);
    assert_eq!(tokens.next().await, is("first", 2));
    advance(RENEWAL_PAUSE).await;
    assert_eq!(tokens.next().await, is("second", 3));
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_never_used_whatever_the_pause() {
    let tokens = Tokens::from([token("first"), FAILS, FAILS, token("second")]);
    tokens.next().await;
    advance(299 * SECOND).await;
    assert_eq!(tokens.next().await, is("first", 2));
    advance(SECOND).await;
    assert!(tokens.bearer().await.is_err_and(|error| error.is_login()));
    assert_eq!(tokens.next().await, is("second", 4));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_a_fixed_one_never() {
    let tokens = Tokens::from([token("first"), token("second")]);
    let first = tokens.bearer().await.unwrap();
    assert!(tokens.refuse(&first));
    assert_eq!(tokens.next().await, is("second", 2));
    // Another call that was sent with the first token does not cost the second one.
    assert!(tokens.refuse(&first));
    assert_eq!(tokens.next().await, is("second", 2));

    let fixed = Tokens::of(Credentials::access_token("fixed"), Arc::default());
    let bearer = fixed.bearer().await.unwrap();
    assert!(!fixed.refuse(&bearer));
}

fn bearer(life: Option<u64>) -> Bearer {
    Bearer::new(&AccessToken::new("token", life.map(Duration::from_secs))).unwrap()
}

#[test]
fn the_header_is_marked_sensitive() {
    assert!(bearer(None).header.is_sensitive());
    assert_eq!(format!("{:?}", bearer(None).header), "Sensitive");
}

#[test]
fn a_token_that_no_header_can_hold_is_an_error_that_does_not_show_it() {
    let error = Bearer::new(&AccessToken::new("first\nsecond", None))
        .err()
        .unwrap();
    assert!(
        error.is_login() && error.is_configuration() && !format!("{error:?}").contains("second"),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_a_minute_early_and_never_before_half_its_life() {
    for (life, renewed) in [(86_400, 86_340), (300, 240), (120, 60), (100, 50), (2, 1), (0, 0)] {
        let bearer = bearer(Some(life));
        let after = |at: Option<Instant>| at.unwrap().duration_since(Instant::now()).as_secs();
        assert_eq!(
            (after(bearer.renew_at), after(bearer.expires_at)),
            (renewed, life)
        );
    }
    assert!(bearer(None).is_fresh() && bearer(None).is_good());
    // Longer than the clock reaches is for ever.
    assert!(bearer(Some(u64::MAX)).is_fresh());
}
