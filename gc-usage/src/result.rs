//! What asking an organization came to.

use std::sync::Arc;

use crate::exit::{self, Failure};

/// One organization's answer, without its rows.
#[derive(Debug)]
pub(crate) struct OrganizationResult {
    pub(crate) profile: Option<Arc<str>>,
    /// The execution's id, once all of its rows came.
    pub(crate) outcome: Result<String, Failure>,
    /// Whether it failed after some of its rows came: those mean nothing without the others.
    pub(crate) is_cut: bool,
}

/// Whether there is something to show, and nothing of it is a part of an organization's rows.
pub(crate) fn are_whole(answers: &[OrganizationResult]) -> bool {
    some_succeeded(answers) && !answers.iter().any(|answer| answer.is_cut)
}

pub(crate) fn some_succeeded(answers: &[OrganizationResult]) -> bool {
    answers.iter().any(|answer| answer.outcome.is_ok())
}

/// The first failure, after all others are reported.
pub(crate) fn failures(answers: Vec<OrganizationResult>) -> Result<(), Failure> {
    let mut failures = answers.into_iter().filter_map(|answer| {
        let failure = answer.outcome.err()?;
        Some(match &answer.profile {
            Some(name) => failure.of_profile(name),
            None => failure,
        })
    });
    let Some(first) = failures.next() else {
        return Ok(());
    };
    failures.for_each(|failure| exit::report(&failure));
    Err(first)
}
