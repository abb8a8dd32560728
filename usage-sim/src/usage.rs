//! The usage operations.

use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::aggregate::Table;
use crate::body;
use crate::bulk;
use crate::compute::ComputeThreads;
use crate::errors::ApiError;
use crate::execution::{Execution, Executions, Poll, Running};
use crate::fault::BodyEdit;
use crate::ids::uuid;
use crate::payload::{Compressed, Payload};
use crate::query::Query;
use crate::replay;
use crate::response::Response;
use crate::rows::{self, Envelope};

/// What complete executions have as their result.
#[derive(Clone, Debug, Default)]
pub(crate) enum Results {
    /// The synthetic history.
    #[default]
    History,
    /// A recorded body.
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
    pub(crate) executions: Executions,
    pub(crate) threads: ComputeThreads,
}

impl Usage {
    /// Responds to `POST /api/v2/usage/query`. The execution id is made from `number`.
    pub(crate) fn submit(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        number: u64,
        edit: &BodyEdit,
    ) -> Result<Response, ApiError> {
        if !is_json(headers) {
            return Err(ApiError::documented(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        if body.len() > body::LIMIT {
            return Err(ApiError::documented(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let query = Query::parse(body)?;
        if edit.nulls {
            return Ok(Response::serialized(
                self.submit_status,
                &json!({"executionId": null, "resultsUri": null}),
            ));
        }
        let id = uuid(1, self.seed, number);
        let uri = format!("/api/v2/usage/query/{id}/results");
        let response =
            Response::serialized(self.submit_status, &json!({"executionId": id, "resultsUri": uri}));
        self.executions.add(
            id,
            query,
            self.today
                .unwrap_or_else(|| DateTime::<Utc>::from(SystemTime::now()).date_naive()),
        );
        Ok(response)
    }

    /// Responds to `GET /api/v2/usage/query/{executionId}/results`.
    pub(crate) async fn results(&self, id: String, edit: &BodyEdit) -> Result<Response, ApiError> {
        let payload = match self.executions.poll(&id, self.running) {
            Poll::Unknown => return Err(ApiError::unknown_execution(id)),
            Poll::Running => {
                let status = edit.status_or("Running");
                Payload::whole(format!(r#"{{"queryStatus":{status}}}"#))
            }
            Poll::Finished(execution) => self.finished(execution, edit).await,
        };
        Ok(Response::json(StatusCode::OK, payload))
    }

    async fn finished(&self, execution: Execution, edit: &BodyEdit) -> Payload {
        let envelope = Envelope {
            status: edit.status_or("Complete"),
            nulls: edit.nulls,
        };
        let Execution { query, today, .. } = execution;
        match &self.finished {
            Results::Recorded(body, compressed) => match replay::changed(body, edit) {
                Some(changed) => Payload::whole(changed),
                None => Payload::repeated(body.clone(), compressed.clone()),
            },
            Results::Bulk(count) => {
                rows::document(envelope, bulk::rows(self.seed, today, *count, edit.reversed))
            }
            Results::History => {
                let (seed, metrics, reversed) = (self.seed, query.metrics, edit.reversed);
                // Years by day take long enough to block the other connections of a single-threaded runtime.
                let compute = move || Table::compute(&query, seed, today);
                let table = self.threads.run(compute).await;
                rows::document(envelope, table.into_rows(metrics, reversed))
            }
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
