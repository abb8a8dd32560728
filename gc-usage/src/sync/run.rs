//! Brings the days of all organizations up to date.

use std::{collections::BTreeSet, sync::Arc};

use chrono::NaiveDate;
use futures_util::{StreamExt as _, stream};
use indicatif::HumanBytes;
use tokio::sync::Semaphore;
use usage_dataset::{Dataset, SourceFamily, Writer};

use super::{
    piece::{Target, Written},
    plan::Plan,
};
use crate::{
    calendar::{Period, ranges},
    dataset::explain,
    error::{CliError, Code},
    organization::Organization,
    printer::Printer,
    source::{Family, Source},
    text::{counted, grouped},
};

/// How many organizations are brought up to date at the same time.
const ORGANIZATIONS_AT_ONCE: usize = 4;
/// How many requests of an organization are submitted at the same time.
const REQUESTS_AT_ONCE: usize = 4;
/// How many requests sort and store rows at the same time. The memory grows with it.
const STORED_AT_ONCE: usize = 1;
/// How many ranges of days a line names.
const RANGES: usize = 6;

/// What is brought up to date.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) since: Option<NaiveDate>,
    pub(crate) refresh: u32,
    pub(crate) verify: bool,
    pub(crate) dry_run: bool,
    pub(crate) family: Family,
    pub(crate) yesterday: NaiveDate,
}

/// Brings the data set up to date, and prints a line for each organization. A failure of one does not stop the others.
/// The failures are in the order of the organizations.
pub(crate) async fn sync_all(
    organizations: Vec<(Arc<str>, Organization)>,
    dataset: Dataset,
    options: Options,
    printer: &Printer,
) -> Result<Vec<CliError>, CliError> {
    let several = organizations.len() > 1;
    let writer = match options.dry_run {
        true => None,
        false => Some(Arc::new(dataset.writer().await.map_err(|error| explain(&error))?)),
    };
    let storing = Arc::new(Semaphore::new(STORED_AT_ONCE));
    let syncing = organizations.into_iter().map(|(name, organization)| {
        let target = Target {
            organization,
            name,
            dataset: dataset.clone(),
            source: Source {
                family: options.family,
                client: None,
            },
            verify: options.verify,
            storing: Arc::clone(&storing),
            printer: printer.clone(),
        };
        let writer = &writer;
        async move {
            let outcome = sync(&target, options, writer.as_ref()).await;
            (target.name, outcome)
        }
    });
    let mut syncing = stream::iter(syncing).buffered(ORGANIZATIONS_AT_ONCE);
    let mut failures = Vec::new();
    while let Some((name, outcome)) = syncing.next().await {
        match outcome {
            Ok(line) => printer.line(format_args!("{name}: {line}"))?,
            Err(failure) => failures.push(failure.of_profile(several.then_some(&name))),
        }
    }
    Ok(failures)
}

/// Brings one organization up to date, and says what was done. Without a writer, it says what would be done.
async fn sync(target: &Target, options: Options, writer: Option<&Arc<Writer>>) -> Result<String, CliError> {
    target.organization.client()?;
    check_source(target).await?;
    let stored = target.dataset.days(&target.name).await;
    let stored: BTreeSet<_> = stored.map_err(|error| explain(&error))?.into_keys().collect();
    let plan = Plan::new(&stored, options.since, options.refresh, options.yesterday);
    let pieces = plan.pieces();
    let Some(wanted) = plan.wanted.filter(|_| !pieces.is_empty()) else {
        return Ok(match (stored.first(), stored.last()) {
            (Some(first), Some(last)) => format!("nothing to do; it has {first} to {last}"),
            _ => format!("nothing to do; the last day with data is {}", options.yesterday),
        });
    };
    let Some(writer) = writer else {
        return Ok(would_fetch(&plan, &pieces));
    };
    let mut storing = stream::iter(pieces)
        .map(|piece| target.store(piece, writer))
        .buffered(REQUESTS_AT_ONCE);
    let (mut all, mut failures) = (Written::default(), Vec::new());
    while let Some(outcome) = storing.next().await {
        match outcome {
            Ok(part) => all.add(part),
            Err(failure) => {
                let is_of_all = matches!(
                    failure,
                    CliError::Reported {
                        code: Code::Access | Code::Usage,
                        ..
                    }
                );
                failures.push(failure);
                // Other requests would fail in the same way.
                if is_of_all {
                    break;
                }
            }
        }
    }
    drop(storing);
    let others = failures.len().saturating_sub(1);
    match failures.into_iter().next() {
        Some(failure) => Err(failure.noting(&match (others, all.days) {
            (0, 0) => String::new(),
            (0, days) => format!("{} were stored", counted(days, "other day")),
            (_, days) => format!(
                "{} failed too; {} were stored",
                counted(others, "other request"),
                counted(days, "day")
            ),
        })),
        None => Ok(done(wanted, all)),
    }
}

/// A data set holds the counts of one source: those of jobs are higher, so a period with both would have wrong sums.
async fn check_source(target: &Target) -> Result<(), CliError> {
    let stored = target
        .dataset
        .source(&target.name)
        .await
        .map_err(|error| explain(&error))?;
    let wanted = SourceFamily::from(target.source.family);
    match stored {
        Some(stored) if stored != wanted => Err(CliError::local(format!(
            "--source: the data set has counts of {stored} for `{}`, and {wanted} count other requests",
            target.name
        ))
        .with_hint("choose another --to or --name for them")),
        _ => Ok(()),
    }
}

fn would_fetch(plan: &Plan, pieces: &[Period]) -> String {
    let missing = (&plan.missing, "missing");
    let again = (&plan.again, "again");
    let days = [missing, again].into_iter().filter(|(days, _)| !days.is_empty());
    let days: Vec<_> = days
        .map(|(days, why)| format!("{} {why} ({})", counted(days.len(), "day"), ranges(days, RANGES)))
        .collect();
    format!(
        "would fetch {}, in {}",
        days.join(" and "),
        counted(pieces.len(), "request")
    )
}

fn done(wanted: Period, written: Written) -> String {
    let Written {
        days,
        kept,
        rows,
        bytes,
    } = written;
    let kept = match kept {
        0 => String::new(),
        _ => format!("; {} had a newer version", counted(kept, "day")),
    };
    format!(
        "stored {} of {} to {}: {} rows, {}{kept}",
        counted(days, "day"),
        wanted.first,
        wanted.last,
        grouped(rows),
        HumanBytes(bytes)
    )
}
