//! A submitted query: poll, wait, resume.

use std::time::Duration;

use crate::{
    error::Error,
    generated::{
        Client,
        types::{ApiUsageQueryResult, QueryStatus},
    },
    transport::Result,
};

/// First poll this soon, then growing to the cap.
const FIRST_POLL: Duration = Duration::from_secs(1);
const LONGEST_POLL: Duration = Duration::from_secs(15);
const DEADLINE: Duration = Duration::from_secs(15 * 60);

/// A submitted query.
#[derive(Clone, Debug)]
pub struct Execution {
    client: Client,
    id: String,
}

impl Execution {
    pub(crate) fn new(client: Client, id: String) -> Self {
        Self { client, id }
    }

    /// The id to resume with, in another process too.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Waits until the query is done.
    ///
    /// # Errors
    ///
    /// The query failed, the results cannot be read, or the query is still not done after 15 minutes.
    pub async fn wait(&mut self) -> Result<ApiUsageQueryResult> {
        let started = tokio::time::Instant::now();
        let mut pause = FIRST_POLL;
        let mut polls = 0;
        loop {
            polls += 1;
            let result = self.poll().await?;
            match &result.query_status {
                Some(QueryStatus::Complete) => return Ok(result),
                Some(QueryStatus::Failed) => return Err(Error::query_failed(&self.id)),
                status => {
                    if started.elapsed() + pause > DEADLINE {
                        return Err(Error::deadline(&self.id, started.elapsed(), polls, status.as_ref()));
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 5 / 4).min(LONGEST_POLL);
        }
    }

    /// Asks once.
    async fn poll(&self) -> Result<ApiUsageQueryResult> {
        let operation = self.client.get_usage_query_execution_id_results();
        let outcome = operation.execution_id(self.id.as_str()).send().await;
        Ok(outcome.map_err(|error| error.of_execution(&self.id))?.into_inner())
    }
}
