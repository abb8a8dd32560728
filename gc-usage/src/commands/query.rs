//! `gc-usage query`: submits a query, waits for it, and shows its rows.

use usage_client::Dimension;

use super::{
    origin::Origin,
    rows::{Sink, show, show_nothing},
};
use crate::{
    args::{QueryArgs, ShowArgs},
    calendar::today,
    error::{CliError, Outcome},
    export::{Context, SortKey},
    printer::Printer,
    query::Query,
    request::Request,
    resume::ResumeCommands,
};

pub(crate) async fn run(
    args: QueryArgs,
    resume: &ResumeCommands,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    let origin = Origin::new(&args.from, &args.connection).await?;
    let source = origin.source(&args.source);
    let (query, days) = args.select.request(&source, &args.show.filter, today())?;
    printer.notes(&days.note);
    for key in args.show.sort(&query.metrics) {
        check_sort(key, &query)?;
    }
    let sink = Sink::open(&args.show, printer)?;
    let connection = origin.connection(&args.connection, printer).await?;
    let mut connection = connection.asking(&source);
    let has_profiles = connection.organizations.len() > 1;
    let again = args.show.again(query.granularity, &query.metrics, has_profiles);
    connection.resume_with(&again, resume);
    let context = context(&args.show, &query, has_profiles);
    if days.interval.is_none() {
        printer.note(days.no_data());
        return show_nothing(context, &args.show, sink, printer);
    }
    let query = Query::New(Box::new(query));
    show(&connection, query, context, &args.show, sink, printer).await
}

/// What the formats show of the query.
pub(super) fn context(show: &ShowArgs, query: &Request, has_profiles: bool) -> Context {
    Context {
        granularity: query.granularity,
        query: Some(query.clone()),
        has_profiles,
        has_platforms: query.groups_by(Dimension::Platform),
        is_part: show.leaves_out(),
    }
}

/// Refuses to sort by a key that the rows do not have, since any order would look right.
pub(super) fn check_sort(sort: SortKey, query: &Request) -> Result<(), CliError> {
    let dimension = |dimension, name: &str| match query.groups_by(dimension) {
        true => Ok(()),
        false => Err(CliError::local(format!(
            "--sort: rows cannot be sorted by {name} because they are not grouped by it"
        ))
        .with_hint("add it to --group-by, or choose another --sort")),
    };
    match sort {
        SortKey::Count(metric) if query.metrics.is_empty() || query.metrics.contains(&metric) => Ok(()),
        SortKey::Count(metric) => Err(CliError::local(format!(
            "--sort: rows cannot be sorted by {} because --metrics does not include it",
            metric.to_string().to_lowercase()
        ))
        .with_hint("add it to --metrics, or choose another --sort")),
        SortKey::Client => dimension(Dimension::OAuthClientId, "client"),
        SortKey::Method => dimension(Dimension::HttpMethod, "method"),
        SortKey::TemplateUri => dimension(Dimension::TemplateUri, "template-uri"),
        SortKey::Date if query.granularity.is_none() => Err(CliError::local(
            "--sort: rows cannot be sorted by date because they have no date without --granularity",
        )
        .with_hint("add --granularity day, week or month, or choose another --sort")),
        SortKey::Date => Ok(()),
    }
}
