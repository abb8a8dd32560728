//! What asking an organization came to.

use std::sync::Arc;

use crate::{error::CliError, printer::Printer};

/// The result of one organization, without its rows.
#[derive(Debug)]
pub(crate) struct OrganizationResult {
    pub(crate) profile: Option<Arc<str>>,
    /// The execution's id, once all of its rows came.
    pub(crate) outcome: Result<String, CliError>,
    /// Whether it failed after some of its rows came: those mean nothing without the others.
    pub(crate) is_cut: bool,
}

/// Whether there is something to show, and nothing of it is a part of an organization's rows.
pub(crate) fn are_whole(results: &[OrganizationResult]) -> bool {
    some_succeeded(results) && !results.iter().any(|result| result.is_cut)
}

pub(crate) fn some_succeeded(results: &[OrganizationResult]) -> bool {
    results.iter().any(|result| result.outcome.is_ok())
}

/// The first failure, after all others are reported.
pub(crate) fn failures(results: Vec<OrganizationResult>, printer: &Printer) -> Result<(), CliError> {
    let mut failures = results
        .into_iter()
        .filter_map(|result| Some(result.outcome.err()?.of_profile(result.profile.as_deref())));
    let Some(first) = failures.next() else {
        return Ok(());
    };
    failures.for_each(|failure| printer.failure(&failure));
    Err(first)
}
