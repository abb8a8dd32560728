//! Polls of a job one after the other, and what each finds.

use super::{
    super::{
        polling::Polling,
        progress::Waiting,
        states::{Polls, States},
    },
    head::Turn,
    kind::JobKind,
    pages::{MAX_PAGE_SIZE, turn},
};
use crate::error::Result;

/// What a poll of a job found. `S` is the type of its status.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JobState<S> {
    /// The job is not done yet.
    Waiting(Waiting<S>),
    /// The job has succeeded, and its rows can be read. This is the last state.
    Succeeded,
}

/// The polls of a job: see [`Job::states`](crate::Job::states).
pub type JobStates<S> = States<JobState<S>>;

impl<K: JobKind> Polls for K {
    type State = JobState<K::Status>;

    async fn poll(polling: &mut Polling<K>) -> Result<JobState<K::Status>> {
        let state = poll(polling).await;
        state.map_err(|error| error.with_execution_id(&polling.source.id))
    }

    fn is_waiting(state: &JobState<K::Status>) -> bool {
        matches!(state, JobState::Waiting(_))
    }
}

async fn poll<K: JobKind>(polling: &mut Polling<K>) -> Result<JobState<K::Status>> {
    polling.wait_for_next().await?;
    let mut size = MAX_PAGE_SIZE;
    let turn = turn(&polling.source, &polling.client, None, &mut size).await;
    let outcome = match turn {
        Ok(Turn::Page(_)) => return Ok(JobState::Succeeded),
        Ok(Turn::Unfinished(status)) => Ok(status),
        Err(error) => Err(error),
    };
    Ok(JobState::Waiting(polling.not_done(outcome)?))
}
