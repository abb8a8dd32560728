//! The usage operations, and who may use them.

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use http::{HeaderMap, StatusCode};
use std::time::SystemTime;

use crate::catalog::CLIENTS;
use crate::compute::ComputeThreads;
use crate::effect::BodyEdit;
use crate::errors::ApiError;
use crate::execution::{Executions, Owner, Running};
use crate::payload::Compressed;
use crate::response::Response;
use crate::route::{Action, Family, Target};
use crate::sources::Sources;

mod results;
mod submit;

/// What complete executions have as their result.
#[derive(Clone, Debug, Default)]
pub(crate) enum Results {
    /// The synthetic history.
    #[default]
    History,
    /// A recorded body. Jobs, which have another body, have the history.
    Recorded(Bytes, Compressed),
    /// This number of rows.
    Bulk(u64),
}

/// The usage service.
pub(crate) struct Usage {
    pub(crate) seed: u64,
    /// `None` for the real day.
    pub(crate) today: Option<NaiveDate>,
    pub(crate) finished: Results,
    pub(crate) running: Running,
    /// The status of the response to an accepted query.
    pub(crate) submit_status: StatusCode,
    /// The permissions of every token. `None` for all.
    pub(crate) permissions: Option<Vec<String>>,
    /// The status of all operations but those of jobs, if they are retired.
    pub(crate) retired: Option<StatusCode>,
    pub(crate) executions: Executions,
    pub(crate) sources: Sources,
    pub(crate) threads: ComputeThreads,
}

/// A request to an operation, with its method.
pub(crate) struct UsageRequest<'a> {
    pub(crate) target: &'a Target,
    pub(crate) headers: &'a HeaderMap,
    /// The query string.
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
    /// The number of the request, which ids are made from.
    pub(crate) number: u64,
    pub(crate) edit: &'a BodyEdit,
}

impl UsageRequest<'_> {
    fn owner(&self) -> Owner {
        Owner {
            family: self.target.operation.family,
            client: self.target.client.clone(),
        }
    }
}

impl Usage {
    /// Responds to a request with a valid token.
    pub(crate) async fn respond(&self, request: &UsageRequest<'_>) -> Result<Response, ApiError> {
        self.admit(request.target)?;
        match request.target.operation.action {
            Action::Submit | Action::Summary => self.submit(request),
            Action::Results => self.results(request).await,
        }
    }

    /// Refuses what is retired, what the token has no permission for, and clients that do not exist.
    fn admit(&self, target: &Target) -> Result<(), ApiError> {
        let operation = target.operation;
        if let (Some(status), Family::Query | Family::Search) = (self.retired, operation.family) {
            return Err(ApiError::documented(status));
        }
        if let Some(held) = &self.permissions {
            let is_held = |permission: &&str| held.iter().any(|held| held == permission);
            if !operation.permissions.iter().any(is_held) {
                return Err(ApiError::forbidden(operation.permissions));
            }
        }
        match &target.client {
            // Synthetic rows have clients of their own.
            Some(id) if matches!(self.finished, Results::History) && !is_client(id) => {
                Err(ApiError::unknown("client", id.clone()))
            }
            _ => Ok(()),
        }
    }

    fn today(&self) -> NaiveDate {
        self.today
            .unwrap_or_else(|| DateTime::<Utc>::from(SystemTime::now()).date_naive())
    }
}

fn is_client(id: &str) -> bool {
    CLIENTS.iter().any(|client| client.id == id)
}
