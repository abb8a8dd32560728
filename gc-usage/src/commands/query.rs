//! `gc-usage query`: submit, wait, show.

use usage_client::Metric;

use super::usage::show;
use crate::{
    args::{QueryArgs, SortKey},
    ask::Question,
    connection::Connection,
    exit::{Failure, Outcome},
    export::Context,
    screen::Screen,
};

pub(crate) async fn run(args: QueryArgs, screen: &Screen) -> Result<Outcome, Failure> {
    let query = args.select.query(&args.show.filter)?;
    let metrics = &query.metrics;
    let leaves_out = |metric| !metrics.is_empty() && !metrics.contains(&metric);
    let sort = args.show.sort.or(args.show.top.map(|_| SortKey::Requests));
    if sort == Some(SortKey::Requests) && leaves_out(Metric::Requests) {
        return Err(
            Failure::local("rows cannot be sorted by requests, which --metrics leaves out")
                .with_hint("add it to --metrics, or choose another --sort"),
        );
    }
    if sort == Some(SortKey::Date) && query.granularity.is_none() {
        return Err(Failure::local(
            "--sort date: without --granularity, rows have no date",
        ));
    }
    let connection = Connection::open(&args.connection).await?;
    let context = Context {
        granularity: query.granularity,
        query: Some(query.clone()),
        has_profiles: connection.organizations.len() > 1,
        is_part: args.show.leaves_out(),
    };
    show(
        &connection,
        Question::Query(Box::new(query)),
        context,
        &args.show,
        screen,
    )
    .await
}
