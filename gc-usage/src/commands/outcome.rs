//! What the results of several organizations come to.

use crate::{
    ask::Answered,
    exit::{self, Failure},
};

pub(super) fn some_succeeded(answers: &[Answered]) -> bool {
    answers.iter().any(|answer| answer.outcome.is_ok())
}

/// The first failure, after all others are reported.
pub(super) fn failures(answers: Vec<Answered>) -> Result<(), Failure> {
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
