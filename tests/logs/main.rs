//! What the client logs: the table in its README. It needs a process of its own, since other tests would decide whether a
//! span is of interest.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer, layer::Context, layer::SubscriberExt as _, registry::LookupSpan, util::SubscriberInitExt as _,
};
use usage_client::{
    ApiUsageQuery, Client, Credentials, Interval, RetryPolicy,
    types::{ApiUsageSimpleSearch, OrganizationPublicApiUsageQueryRequest},
};
use usage_sim::{Fault, Simulator};

const README: &str = include_str!("../../usage-client/README.md");

/// Level and fields, by kind and name.
type Table = BTreeMap<(String, String), (String, BTreeSet<String>)>;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    table: Table,
    /// The warnings, each with the names of the spans around it.
    warnings: Vec<(String, Vec<&'static str>)>,
    execution_ids: Vec<String>,
}

/// The texts of a span or an event.
#[derive(Default)]
struct Texts(BTreeMap<&'static str, String>);

impl Visit for Texts {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Log {
    fn add(&self, kind: &str, name: &str, metadata: &Metadata<'_>) {
        let fields = metadata.fields().iter().map(|field| field.name().to_owned());
        let fields = fields.filter(|field| field != "message").collect();
        let level = metadata.level().to_string().to_lowercase();
        let mut seen = self.0.lock().unwrap();
        seen.table
            .insert((kind.to_owned(), name.to_owned()), (level, fields));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with("usage_client")
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.add("span", attributes.metadata().name(), attributes.metadata());
        let mut texts = Texts::default();
        attributes.record(&mut texts);
        self.0
            .lock()
            .unwrap()
            .execution_ids
            .extend(texts.0.remove("execution.id"));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut texts = Texts::default();
        event.record(&mut texts);
        let message = texts.0.remove("message").unwrap();
        self.add("event", &message, event.metadata());
        if *event.metadata().level() == tracing::Level::WARN {
            let spans = context.event_scope(event).into_iter().flatten();
            let spans = spans.map(|span| span.name()).collect();
            self.0.lock().unwrap().warnings.push((message, spans));
        }
    }
}

/// The table in the README.
fn documented() -> Table {
    let section = README
        .split("## Logs")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let lines = section
        .lines()
        .filter(|line| line.starts_with("| span |") || line.starts_with("| event |"));
    let row = |line: &str| {
        let cells: Vec<_> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace('`', ""))
            .collect();
        let fields = cells[3]
            .split(", ")
            .filter(|field| !field.is_empty())
            .map(str::to_owned);
        (
            (cells[0].clone(), cells[1].clone()),
            (cells[2].clone(), fields.collect()),
        )
    };
    lines.map(row).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_logged_is_what_the_readme_lists() {
    let log = Log::default();
    let _guard = tracing_subscriber::registry().with(log.clone()).set_default();

    let near = Fault::on_submit()
        .after(1)
        .status(429)
        .header("retry-after", "2")
        .header("inin-ratelimit-count", "299")
        .header("inin-ratelimit-allowed", "300")
        .header("inin-ratelimit-reset", "9");
    let service = Simulator::builder()
        .client("id", "secret")
        .running_polls(1)
        .fault(Fault::on_login().status(503))
        .fault(Fault::on_submit().status(401))
        .fault(near)
        .fault(Fault::on_results().times(4).status(502))
        .fault(Fault::on_results().after(4).reset());
    let service = service.start().await.unwrap();
    let client = Client::builder()
        .base_url(service.url())
        .credentials(Credentials::client_credentials("id", "secret"))
        .retry(RetryPolicy::default().with_max_attempts(4))
        .build()
        .unwrap();
    let query = ApiUsageQuery::builder().interval("2024-02-01/2024-02-07");
    let execution = client.submit(query).await.unwrap();
    let mut rows = execution.rows();
    while let Some(row) = rows.next().await {
        row.unwrap();
    }
    execution.wait().await.unwrap();
    let week = Interval::last_days(7);
    let request = OrganizationPublicApiUsageQueryRequest::builder().interval(week);
    client.submit_job(request).await.unwrap().wait().await.unwrap();
    let search = ApiUsageSimpleSearch::builder().interval(week);
    client.submit_search(search).await.unwrap().wait().await.unwrap();

    let seen = log.0.lock().unwrap();
    assert_eq!(seen.table, documented(), "## Logs in usage-client/README.md");
    assert_eq!(seen.execution_ids, [execution.id(), execution.id()]);
    let [(limited, submit), (given_up, results)] = &seen.warnings[..] else {
        panic!("{:?}", seen.warnings)
    };
    assert_eq!(
        (limited.as_str(), &submit[..]),
        ("waiting for the rate limit", &["usage_client.call"][..])
    );
    assert_eq!(
        (given_up.as_str(), &results[..]),
        (
            "not sending again",
            &["usage_client.call", "usage_client.execution"][..]
        )
    );
}
