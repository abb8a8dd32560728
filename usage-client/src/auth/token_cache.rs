//! Keeps the access token until shortly before it expires. All tasks that need a new one share one login.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::{
    credentials::{AccessToken, Credentials, Grant},
    login::Login,
};
use crate::error::{Error, kind::Kind};
#[cfg(test)]
use crate::retry::budget::Budget;

/// A token is renewed this long before it expires, so that it does not expire while a call is sent.
const MARGIN: Duration = Duration::from_secs(60);
/// After a failed renewal of a token that is still valid, the next renewal waits this long.
const RENEWAL_PAUSE: Duration = Duration::from_secs(5);

/// A renewal of a token that is still valid delays a call by no more than this.
const RENEWAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Hands out bearer headers.
pub(crate) struct TokenCache {
    grant: Grant,
    login: Login,
    state: Mutex<State>,
    /// Held during a login. A task that waited for it uses the new token or gets the same error.
    renewing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    bearer: Option<Arc<Bearer>>,
    /// The error of the last renewal, for the tasks that waited for it.
    failure: Option<Error>,
    /// How many renewals have ended, successfully or not.
    renewals: u64,
    /// A token that is still valid is not renewed before this time.
    pause_until: Option<Instant>,
}

/// An access token in use, as a header.
pub(crate) struct Bearer {
    pub(crate) header: HeaderValue,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
}

impl Bearer {
    fn new(token: &AccessToken) -> Result<Self, Error> {
        let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| {
            Error::new(
                Kind::Configuration,
                "the access token holds characters that an HTTP header cannot",
            )
            .in_login()
        })?;
        header.set_sensitive(true);
        let now = Instant::now();
        let after = |life: Duration| now.checked_add(life);
        let renew_in = token
            .expires_in
            .map(|life| life.saturating_sub(MARGIN).max(life / 2));
        Ok(Self {
            header,
            renew_at: renew_in.and_then(after),
            expires_at: token.expires_in.and_then(after),
        })
    }

    /// Whether it does not need to be renewed yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }

    fn is_good(&self) -> bool {
        self.expires_at.is_none_or(|at| Instant::now() < at)
    }
}

impl TokenCache {
    pub(crate) fn new(credentials: Credentials, login: Login) -> Self {
        Self {
            grant: credentials.0,
            login,
            state: Mutex::default(),
            renewing: tokio::sync::Mutex::default(),
        }
    }

    /// The header to send. Logs in first if necessary.
    pub(crate) async fn bearer(&self, http: &reqwest::Client) -> Result<Arc<Bearer>, Error> {
        let (current, renewals, pause_until) = {
            let state = self.state();
            match &state.bearer {
                Some(bearer) if bearer.is_fresh() => return Ok(bearer.clone()),
                stale => (stale.clone(), state.renewals, state.pause_until),
            }
        };
        let paused = pause_until.is_some_and(|until| Instant::now() < until);
        match current {
            Some(bearer) if paused && bearer.is_good() => Ok(bearer),
            Some(bearer) if bearer.is_good() => match self.renewing.try_lock() {
                Ok(_guard) if self.state().renewals == renewals => Ok(self.renew_early(http, bearer).await),
                _ => Ok(bearer),
            },
            _ => {
                let _guard = self.renewing.lock().await;
                match self.outcome_since(renewals) {
                    Some(outcome) => outcome,
                    None => self.renew(http).await,
                }
            }
        }
    }

    /// Why the last attempt of the current login failed.
    pub(crate) fn last_failure(&self) -> Option<Error> {
        self.login.last_failure()
    }

    #[cfg(test)]
    pub(crate) fn login_budget(&self) -> &Budget {
        &self.login.budget
    }

    /// The outcome of a renewal, if one has ended since there were `renewals`.
    fn outcome_since(&self, renewals: u64) -> Option<Result<Arc<Bearer>, Error>> {
        let state = self.state();
        if state.renewals == renewals {
            return None;
        }
        let good = state.bearer.clone().filter(|bearer| bearer.is_good());
        good.map(Ok).or_else(|| state.failure.clone().map(Err))
    }

    /// Drops a token that the service refused. Returns false if the credentials cannot get another.
    pub(crate) fn refuse(&self, refused: &Arc<Bearer>) -> bool {
        let mut state = self.state();
        if state
            .bearer
            .as_ref()
            .is_some_and(|bearer| Arc::ptr_eq(bearer, refused))
        {
            state.bearer = None;
        }
        !matches!(self.grant, Grant::AccessToken(_))
    }

    /// A new token, or the old one if that fails: the old one is still valid.
    async fn renew_early(&self, http: &reqwest::Client, old: Arc<Bearer>) -> Arc<Bearer> {
        match tokio::time::timeout(RENEWAL_TIMEOUT, self.renew(http)).await {
            Ok(Ok(new)) => new,
            _ => {
                self.state().pause_until = Instant::now().checked_add(RENEWAL_PAUSE);
                old
            }
        }
    }

    async fn renew(&self, http: &reqwest::Client) -> Result<Arc<Bearer>, Error> {
        let outcome = self
            .token(http)
            .await
            .and_then(|token| Bearer::new(&token))
            .map(Arc::new);
        let mut state = self.state();
        state.renewals += 1;
        match &outcome {
            Ok(bearer) => {
                state.bearer = Some(bearer.clone());
                state.failure = None;
                state.pause_until = None;
            }
            Err(error) => {
                state.failure = Some(error.clone());
            }
        }
        outcome
    }

    async fn token(&self, http: &reqwest::Client) -> Result<AccessToken, Error> {
        match &self.grant {
            Grant::ClientCredentials { id, secret } => self.login.client_credentials(http, id, secret).await,
            Grant::AccessToken(token) => Ok(AccessToken::new(token.clone(), None)),
            Grant::Source(source) => source.token().await.map_err(|cause| {
                Error::new(Kind::TokenSource, "the token source gave no access token")
                    .in_login()
                    .with_boxed_source(cause)
            }),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while the lock is held, and the state is consistent between statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenCache")
            .field(&Credentials(self.grant.clone()))
            .finish()
    }
}

#[cfg(test)]
mod tests;
