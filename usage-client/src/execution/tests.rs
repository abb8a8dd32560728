//! What calls, logins and downloads cost and earn in the budgets of retries.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt as _;
use tokio::sync::Notify;
use usage_sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Fault, Simulator};

use crate::{
    auth::credentials::Credentials,
    client::builder::ClientBuilder,
    error::Result,
    generated::{client::Client, types::ApiUsageQuery},
    retry::{budget::Budget, policy::RetryPolicy, poll_policy::PollPolicy},
};

/// A full budget. Time adds nothing to it, so what is taken and earned is exact.
const FULL: f64 = 50.0;

async fn service(faults: impl IntoIterator<Item = Fault>) -> Simulator {
    let service = faults
        .into_iter()
        .fold(Simulator::builder().rows(1000), |service, fault| {
            service.fault(fault)
        });
    service.start().await.unwrap()
}

/// A client that retries at once, unless the service asks to wait.
fn builder(service: &Simulator) -> ClientBuilder {
    Client::builder()
        .base_url(service.url())
        .credentials(Credentials::client_credentials(
            DEMO_CLIENT_ID,
            DEMO_CLIENT_SECRET,
        ))
        .retry(
            RetryPolicy::default()
                .with_max_attempts(3)
                .with_initial_wait(Duration::ZERO),
        )
}

fn client(service: &Simulator) -> Client {
    builder(service).build().unwrap()
}

fn calls(client: &Client) -> &Budget {
    &client.inner.shared.budget
}

fn logins(client: &Client) -> &Budget {
    client.inner.shared.tokens.login_budget()
}

/// Spends ten retries, so that a success has something to fill.
fn spend_ten(budget: &Budget) -> f64 {
    (0..10).for_each(|_| budget.take().use_up());
    budget.tokens()
}

async fn submit(client: &Client) -> Result<()> {
    let query = ApiUsageQuery::builder().interval("2024-02-01/2024-02-07");
    client.submit(query).await.map(drop)
}

#[tokio::test]
async fn a_call_and_its_login_earn_half_a_retry_each() {
    let service = service([]).await;
    let client = client(&service);
    let before = (spend_ten(calls(&client)), spend_ten(logins(&client)));
    submit(&client).await.unwrap();
    let after = (calls(&client).tokens(), logins(&client).tokens());
    assert_eq!(after, (before.0 + 0.5, before.1 + 0.5));
    // The token is kept, so nothing is earned by another login.
    submit(&client).await.unwrap();
    let after = (calls(&client).tokens(), logins(&client).tokens());
    assert_eq!(after, (before.0 + 1.0, before.1 + 0.5));
}

#[tokio::test]
async fn what_the_service_refuses_earns_nothing() {
    for status in [400, 401, 403, 404, 500] {
        let service = service([Fault::on_submit().always().status(status)]).await;
        let client = client(&service);
        let before = spend_ten(calls(&client));
        submit(&client).await.unwrap_err();
        assert_eq!(calls(&client).tokens(), before, "{status}");
    }
    let service = service([Fault::on_login().always().status(401)]).await;
    let client = client(&service);
    let before = (spend_ten(calls(&client)), spend_ten(logins(&client)));
    submit(&client).await.unwrap_err();
    let after = (calls(&client).tokens(), logins(&client).tokens());
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_retry_costs_one_in_the_budget_of_its_host() {
    let service = service([Fault::on_submit().status(503)]).await;
    let client = client(&service);
    submit(&client).await.unwrap();
    assert_eq!(calls(&client).tokens(), FULL - 1.0 + 0.5);
    assert_eq!(logins(&client).tokens(), FULL);
    let service = self::service([Fault::on_login().status(503)]).await;
    let client = self::client(&service);
    submit(&client).await.unwrap();
    assert_eq!(calls(&client).tokens(), FULL);
    assert_eq!(logins(&client).tokens(), FULL - 1.0 + 0.5);
}

#[tokio::test]
async fn a_cancelled_retry_of_a_call_or_login_gives_its_permit_back() {
    for (fault, budget) in [
        (Fault::on_submit(), calls as fn(&Client) -> &Budget),
        (Fault::on_login(), logins),
    ] {
        let service = service([fault.always().status(503).header("Retry-After", "100")]).await;
        let pausing = Arc::new(Notify::new());
        let pauses = pausing.clone();
        let client = builder(&service)
            .on_retry(move |_| pauses.notify_one())
            .build()
            .unwrap();
        let mut submitting = Box::pin(submit(&client));
        tokio::select! {
            outcome = &mut submitting => panic!("{outcome:?}"),
            () = pausing.notified() => {}
        }
        assert_eq!(budget(&client).tokens(), FULL - 1.0);
        drop(submitting);
        assert_eq!(budget(&client).tokens(), FULL);
    }
}

/// Streams rows of some 380 bytes each, and returns how many requests that took.
async fn download(service: &Simulator, client: &Client) -> usize {
    let query = ApiUsageQuery::builder().interval("2024-02-01/2024-02-07");
    let execution = client.submit(query).await.unwrap();
    let before = service.requests().len();
    let polls = PollPolicy::default().with_initial_wait(Duration::ZERO);
    let rows = execution.with_polling(polls).rows();
    assert_eq!(rows.try_collect::<Vec<_>>().await.unwrap().len(), 1000);
    service.requests().len() - before
}

#[tokio::test]
async fn a_download_that_is_resumed_costs_one_and_earns_half_for_each_response() {
    let service = service([Fault::on_results().cut_chunked_after(200_000)]).await;
    let client = builder(&service).compression(false).build().unwrap();
    assert_eq!(download(&service, &client).await, 2);
    assert_eq!(calls(&client).tokens(), FULL - 1.0 + 0.5);
    // What was not cut only earns.
    let before = spend_ten(calls(&client));
    assert_eq!(download(&service, &client).await, 1);
    // The submit has earned too.
    assert_eq!(calls(&client).tokens(), before + 0.5 + 0.5);
}

#[tokio::test]
async fn each_new_row_gives_a_download_all_its_attempts_again() {
    let cuts =
        [0, 50_000, 100_000, 200_000, 300_000].map(|bytes| Fault::on_results().cut_chunked_after(bytes));
    let service = service(cuts).await;
    let client = builder(&service).compression(false);
    let client = client.retry(
        RetryPolicy::default()
            .with_max_attempts(2)
            .with_initial_wait(Duration::ZERO),
    );
    assert_eq!(download(&service, &client.build().unwrap()).await, 6);
}
