//! The source of counts: which family of operations is asked, and whether for the organization or for one client.

use std::sync::Arc;

use clap::ValueEnum;
use usage_client::Dimension;

use crate::{error::CliError, shell::options};

/// What requests can be counted by. No source counts by all of them.
#[cfg(feature = "sync")]
pub(crate) const DIMENSIONS: [Dimension; 6] = [
    Dimension::OAuthClientId,
    Dimension::UserId,
    Dimension::OrganizationId,
    Dimension::TemplateUri,
    Dimension::HttpMethod,
    Dimension::Platform,
];

/// A family of operations that count requests.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Family {
    /// Usage queries: the requests that billing counts, of any time since 2018.
    #[default]
    Query,
    /// Usage jobs, which replace queries: all requests, also of Genesys's own clients, of the last year.
    Jobs,
}

/// A family, and the OAuth client if only its own requests are asked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Source {
    pub(crate) family: Family,
    pub(crate) client: Option<Arc<str>>,
}

impl Source {
    /// Whether its counts are in line with billing.
    pub(crate) fn is_billed(&self) -> bool {
        self.family == Family::Query
    }

    /// The options that select it in another command, each after a space.
    pub(crate) fn options(&self) -> String {
        let family = (!self.is_billed()).then(|| "jobs".to_owned());
        let client = self.client.as_deref().map(str::to_owned);
        options([("source", family), ("for-client", client)])
    }

    /// The permission that it needs, as the administration shows it.
    pub(crate) fn permission(&self) -> &'static str {
        match self.client {
            Some(_) => "Usage > Client > View",
            None => "Usage > Organization > View",
        }
    }

    /// What its rows are grouped by if a request names nothing.
    pub(crate) fn default_dimension(&self) -> Dimension {
        match (self.family, &self.client) {
            (Family::Jobs, Some(_)) => Dimension::OrganizationId,
            _ => Dimension::OAuthClientId,
        }
    }

    /// The names of a dimension in its requests.
    ///
    /// # Errors
    ///
    /// It does not count by this dimension. The error says which source does.
    pub(crate) fn names(&self, dimension: Dimension) -> Result<&'static [&'static str], CliError> {
        let is_of_client = self.client.is_some();
        let refused =
            |reason: &str, hint: &str| Err(CliError::local(format!("--group-by: {reason}")).with_hint(hint));
        match (dimension, self.family) {
            (Dimension::TemplateUri, _) => Ok(&["TemplateUri"]),
            (Dimension::HttpMethod, _) => Ok(&["HttpMethod"]),
            (Dimension::OAuthClientId, Family::Query) => Ok(&["OAuthClientId"]),
            // The id alone may come without its name.
            (Dimension::OAuthClientId, Family::Jobs) if !is_of_client => {
                Ok(&["OauthClientId", "OauthClientName"])
            }
            (Dimension::OAuthClientId, Family::Jobs) => refused(
                "all rows of --source jobs --for-client are of this client, and they do not name it",
                "leave `client` out",
            ),
            (Dimension::UserId, _) if !is_of_client => Ok(&["UserId"]),
            (Dimension::UserId, _) => refused(
                "the service does not count the requests of one client by user",
                "leave --for-client out to group by user, or leave `user` out",
            ),
            (Dimension::OrganizationId, Family::Jobs) if !is_of_client => refused(
                "the jobs of an organization count only its own requests, so they do not name it",
                "leave `organization` out; with --for-client ID, the jobs count the requests of one client by organization",
            ),
            (Dimension::OrganizationId, _) => Ok(&["OrganizationId"]),
            (Dimension::Platform, Family::Jobs) => Ok(&["Platform"]),
            (other, _) => refused(
                &format!(
                    "usage queries do not count requests by {}, only usage jobs do",
                    format!("{other:?}").to_lowercase()
                ),
                "add --source jobs",
            ),
        }
    }
}
