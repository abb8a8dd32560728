//! Polls: the status of what was submitted, and its rows.

use std::sync::Arc;

use http::StatusCode;

use super::{Results, Usage, UsageRequest};
use crate::aggregate::Table;
use crate::bulk::Bulk;
use crate::effect::BodyEdit;
use crate::errors::ApiError;
use crate::execution::{Ending, Execution, Poll};
use crate::job::{Report, SUCCEEDED};
use crate::page::{Asked, Page};
use crate::payload::Payload;
use crate::replay;
use crate::response::Response;
use crate::route::Family;
use crate::rows::{self, Envelope};
use crate::source::{RowWriter, Source};

/// How many rows a search has at most.
const SEARCH_LIMIT: u64 = 20_000;

impl Usage {
    /// Responds with the status of what has the id of the request, and with its rows if it is finished.
    pub(super) async fn results(&self, request: &UsageRequest<'_>) -> Result<Response, ApiError> {
        match request.target.operation.family {
            Family::Jobs => self.job(request).await,
            Family::Query | Family::Search => {
                let payload = self.execution(request).await?;
                Ok(Response::json(StatusCode::OK, payload))
            }
        }
    }

    async fn execution(&self, request: &UsageRequest<'_>) -> Result<Payload, ApiError> {
        let id = &request.target.id;
        let edit = request.edit;
        let asked = match request.target.operation.family {
            Family::Search => Some(Asked::of(request.query, id)?),
            _ => None,
        };
        let execution = match self.executions.poll(id, &request.owner(), self.running) {
            Poll::Unknown => return Err(ApiError::unknown("execution", id.clone())),
            Poll::Running(_) => return Ok(without_rows(&edit.status_or("Running"))),
            Poll::Finished(execution) => execution,
        };
        if let Some(status) = &execution.ending.status {
            return Ok(without_rows(&edit.status().unwrap_or_else(|| status.clone())));
        }
        if let Results::Recorded(body, compressed) = &self.finished {
            return Ok(match replay::changed(body, edit) {
                Some(changed) => Payload::whole(changed),
                None => Payload::repeated(body.clone(), compressed.clone()),
            });
        }
        let (source, page) = match asked {
            None => {
                let source = Arc::new(self.computed(&execution).await);
                let rows = 0..source.len();
                (source, Page { rows, after: None })
            }
            Some(asked) => {
                let source = self.source(id, &execution).await;
                let length = source.len().min(SEARCH_LIMIT);
                let page = asked.page(length, id, &edit.page, request.number);
                limited(&page, edit, StatusCode::INTERNAL_SERVER_ERROR)?;
                (source, page)
            }
        };
        let envelope = Envelope {
            status: edit.status_or("Complete"),
            nulls: edit.nulls,
            after: page.after,
        };
        let mut writer = RowWriter {
            source,
            rows: page.rows,
            reversed: edit.reversed,
            write: rows::write,
        };
        Ok(rows::document(envelope, move |text| writer.append(text)))
    }

    async fn job(&self, request: &UsageRequest<'_>) -> Result<Response, ApiError> {
        let (id, edit) = (&request.target.id, request.edit);
        let asked = Asked::of(request.query, id)?;
        let (real, finished) = match self.executions.poll(id, &request.owner(), self.running) {
            Poll::Unknown => return Err(ApiError::unknown("job", id.clone())),
            Poll::Running(true) => ("\"Queued\"", None),
            Poll::Running(false) => ("\"Running\"", None),
            Poll::Finished(execution) => (SUCCEEDED, Some(execution)),
        };
        let ending = finished
            .as_ref()
            .map_or_else(Ending::default, |job| job.ending.clone());
        let status = edit.status().or(ending.status).unwrap_or_else(|| real.to_owned());
        let code = edit.error_code.clone().or(ending.error_code);
        let source = match finished {
            Some(job) if status == SUCCEEDED => Some(self.source(id, &job).await),
            _ => None,
        };
        let page = match &source {
            None => None,
            Some(source) => {
                let page = asked.page(source.len(), id, &edit.page, request.number);
                limited(&page, edit, StatusCode::BAD_REQUEST)?;
                Some((&**source, page, asked.size))
            }
        };
        let report = Report {
            path: &request.target.results_path(id),
            of_client: request.target.client.is_some(),
            status,
            error: code.map(|code| ApiError::with_code(StatusCode::INTERNAL_SERVER_ERROR, &code).to_json()),
            page,
            edit,
        };
        Ok(report.into_response())
    }

    /// The rows of what is read in pages. They are computed once for all pages.
    async fn source(&self, id: &str, execution: &Execution) -> Arc<Source> {
        if let Some(source) = self.sources.get(id) {
            return source;
        }
        let source = Arc::new(self.computed(execution).await);
        self.sources.add(id.to_owned(), source.clone());
        source
    }

    async fn computed(&self, execution: &Execution) -> Source {
        let (seed, today) = (self.seed, execution.today);
        if let Results::Bulk(count) = self.finished {
            return Source::Bulk(Bulk::new(seed, today, execution.selection.days(today), count));
        }
        let selection = execution.selection.clone();
        // Years by day take long enough to block the other connections of a single-threaded runtime.
        let compute = move || Source::History(Table::compute(&selection, seed, today));
        self.threads.run(compute).await
    }
}

fn without_rows(status: &str) -> Payload {
    Payload::whole(format!(r#"{{"queryStatus":{status}}}"#))
}

/// Refuses a page of more rows than a fault allows.
fn limited(page: &Page, edit: &BodyEdit, status: StatusCode) -> Result<(), ApiError> {
    match edit.page_limit {
        Some(limit) if page.rows.end - page.rows.start > limit => {
            Err(ApiError::with_code(status, "max.response.size.reached"))
        }
        _ => Ok(()),
    }
}
