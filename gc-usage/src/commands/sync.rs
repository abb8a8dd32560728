//! `gc-usage sync`: keeps a data set up to date, shows what it holds, and prints statements that make it a table.

use std::{collections::BTreeSet, io::Write as _, sync::Arc};

use chrono::{Days, NaiveDate};
use serde::Serialize;
use usage_dataset::Location;

use crate::{
    args::{StatusFormat, SyncArgs, SyncCommand, SyncDdlArgs, SyncRunArgs, SyncStatusArgs},
    calendar::today,
    connection::Connection,
    dataset::{explain, open},
    error::{CliError, Outcome},
    output::Output,
    printer::Printer,
    sync::{self, Options, OrganizationStatus},
};

pub(crate) async fn run(args: SyncArgs, printer: &Printer) -> Result<Outcome, CliError> {
    match args.command {
        Some(SyncCommand::Status(args)) => status(args, printer).await,
        Some(SyncCommand::Ddl(args)) => ddl(args, printer).await,
        None => store(args.run, printer).await,
    }
}

async fn store(args: SyncRunArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let yesterday = today() - Days::new(1);
    if let Some(since) = args.since.filter(|since| *since > yesterday) {
        return Err(
            CliError::local(format!("--since: there is no data for {since} yet")).with_hint(format!(
                "data arrives a day later; the last day with data is {yesterday} (UTC)"
            )),
        );
    }
    // Only a subcommand goes without it.
    let place = args.to.as_deref().unwrap_or_default();
    let dataset = open("--to", place)?;
    let connection = Connection::open(&args.connection.selection()?, printer).await?;
    let organizations = connection.organizations.iter().cloned();
    let organizations: Vec<_> = organizations
        .map(|organization| {
            let name = args
                .name
                .as_deref()
                .map_or_else(|| organization.name.clone(), Arc::from);
            (name, organization)
        })
        .collect();
    if args.name.is_some() && organizations.len() > 1 {
        return Err(
            CliError::local("--name: several profiles cannot have the same name")
                .with_hint("leave --name out: each organization has the name of its profile"),
        );
    }
    let options = Options {
        since: args.since,
        refresh: args.refresh,
        verify: args.verify,
        dry_run: args.dry_run,
        family: args.source,
        yesterday,
    };
    let failures = sync::sync_all(organizations, dataset, options, printer).await?;
    let mut failures = failures.into_iter();
    let Some(first) = failures.next() else {
        return Ok(Outcome::Success);
    };
    failures.for_each(|failure| printer.failure(&failure));
    Err(first)
}

async fn status(args: SyncStatusArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let yesterday = today() - Days::new(1);
    let format = args.output.format()?;
    let mut output = Output::open(args.output.path(), printer)?;
    let dataset = open("--to", &args.to)?;
    let all = sync::status(&dataset, yesterday).await?;
    let written = match format {
        StatusFormat::Text => sync::write_status(&mut output, &all),
        StatusFormat::Json => json(&mut output, dataset.location(), &all),
    };
    output.finish_with(written)?;
    if all.is_empty() {
        printer.note(format_args!(
            "there is no data set at {}; gc-usage sync makes one",
            dataset.location()
        ));
    }
    Output::announce(args.output.path(), None, printer);
    Ok(Outcome::Success)
}

fn json(output: &mut Output, location: &Location, all: &[OrganizationStatus]) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct Status<'a> {
        location: String,
        organizations: &'a [OrganizationStatus],
    }
    let status = Status {
        location: location.to_string(),
        organizations: all,
    };
    serde_json::to_writer_pretty(&mut *output, &status)?;
    writeln!(output)
}

async fn ddl(args: SyncDdlArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let dataset = open("--to", &args.to)?;
    let failed = |error| explain(&error);
    let names = dataset.organizations().await.map_err(failed)?;
    let mut first = BTreeSet::<NaiveDate>::new();
    for name in &names {
        first.extend(dataset.days(name).await.map_err(failed)?.keys().next());
    }
    let first = first.first().copied().unwrap_or_else(today);
    let statement =
        usage_dataset::ddl(args.engine.into(), dataset.location(), &names, first).map_err(failed)?;
    printer.print(statement)?;
    Ok(Outcome::Success)
}
