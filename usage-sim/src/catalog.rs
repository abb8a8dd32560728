//! The organization of the synthetic history: its OAuth clients and their calls, which are listed in `catalog.json`.

use std::sync::LazyLock;

use serde::Deserialize;

/// One OAuth client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Where its requests come from. The values of the service are not known, so these are made up.
    pub(crate) platform: &'static str,
    /// The organization of a client of the platform itself. Only the jobs count its requests.
    organization: Option<&'static str>,
    /// The users that it acts for. A client-credentials client acts for no user, which is an empty id in rows.
    pub(crate) users: Vec<&'static str>,
    /// Requests on an average working day in 2018.
    pub(crate) daily: u64,
    /// Requests on a Saturday or Sunday, in percent of those on a working day.
    pub(crate) weekend: u64,
    /// The errors among its requests. `Data Lake Loader` is the client that an administrator looks for: it exceeds the rate
    /// limit most of the time.
    pub(crate) error_rates: ErrorRates,
    pub(crate) calls: Vec<Call>,
}

/// Requests that do not succeed, in per mille.
#[derive(Deserialize)]
pub(crate) struct ErrorRates {
    pub(crate) redirected: u64,
    pub(crate) refused: u64,
    pub(crate) limited: u64,
    pub(crate) failed: u64,
}

/// A call of a client: path template, method, and its share of the client's requests in per mille.
#[derive(Deserialize)]
pub(crate) struct Call(pub(crate) &'static str, pub(crate) &'static str, pub(crate) u64);

const ORGANIZATION: &str = "0e333a39-e88c-40cb-bd97-57e4bff00558";

impl Client {
    /// The organization that it belongs to.
    pub(crate) fn organization(&self) -> &'static str {
        self.organization.unwrap_or(ORGANIZATION)
    }

    /// Whether it belongs to the platform instead of the organization.
    pub(crate) fn is_of_platform(&self) -> bool {
        self.organization.is_some()
    }
}

pub(crate) static CLIENTS: LazyLock<Vec<Client>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("catalog.json")).expect("the tests read the file of this crate")
});
