//! `gc-usage query`: submit, wait, show.

use std::io::{self, BufWriter, Write as _};

use usage_client::{ApiUsageQuery, Interval};

use crate::{
    args::{Format, QueryArgs},
    exit::Failure,
    export::{self, Answer},
    settings::Connection,
};

pub(crate) async fn run(args: QueryArgs) -> Result<(), Failure> {
    let query = query(&args)?;
    let connection = Connection::open(args.connection).await?;
    let mut execution = connection.client.submit(query.clone()).await?;
    let result = execution.wait().await?;
    let answer = Answer {
        query: &query,
        execution_id: execution.id(),
        result: &result,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match args.format {
        Format::Table => export::table::write(&mut out, &answer),
        Format::Json => export::json::write(&mut out, &answer),
    };
    written
        .and_then(|()| out.flush())
        .map_err(|error| Failure::writing(&error))
}

fn query(args: &QueryArgs) -> Result<ApiUsageQuery, Failure> {
    let interval = args.interval.unwrap_or_else(|| Interval::last_days(30));
    let query = ApiUsageQuery::builder()
        .interval(interval)
        .granularity(args.granularity.map(Into::into))
        .group_by(args.group_by.iter().copied().map(Into::into).collect::<Vec<_>>())
        .metrics(args.metrics.iter().copied().map(Into::into).collect::<Vec<_>>());
    query
        .try_into()
        .map_err(|error| Failure::local(format!("{error}")))
}
