//! The results of querying organizations.

use std::sync::Arc;

use crate::{error::CliError, printer::Printer, submitted::Ids};

/// The result of one organization, without its rows.
#[derive(Debug)]
pub(crate) struct OrganizationResult {
    pub(crate) profile: Option<Arc<str>>,
    /// The ids of what was submitted, if all of its rows arrived.
    pub(crate) outcome: Result<Ids, CliError>,
    /// Whether it failed after some of its rows arrived. They are useless without the others.
    pub(crate) is_cut: bool,
}

/// Whether there is something to show, and no organization has only part of its rows.
pub(crate) fn are_complete(results: &[OrganizationResult]) -> bool {
    some_succeeded(results) && !results.iter().any(|result| result.is_cut)
}

pub(crate) fn some_succeeded(results: &[OrganizationResult]) -> bool {
    results.iter().any(|result| result.outcome.is_ok())
}

/// Reports all failures but the first, which it returns.
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
