//! A thousand queries by a hundred tasks on a bad day.

use std::{collections::HashMap, sync::Arc, time::Duration};

use usage_client::{ApiUsageQuery, ApiUsageRow, Client, Granularity, RetryPolicy};
use usage_sim::Fault;

use crate::{builder, client, quick_polls, service};

const TASKS: u32 = 100;
const QUERIES_EACH: u32 = 10;
/// After how many requests the service forgets its tokens.
const REQUESTS_A_TOKEN: usize = 1_000;

async fn rows(client: &Client, day: u32) -> Vec<ApiUsageRow> {
    let query = ApiUsageQuery::builder()
        .interval(format!("2024-02-{:02}/2024-03-{:02}", day % 29 + 1, day / 29 + 1))
        .granularity(Granularity::Week);
    let execution = client
        .submit(query)
        .await
        .unwrap()
        .with_polling(quick_polls().with_deadline(Duration::MAX));
    execution.wait().await.unwrap().results.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_queries_by_a_hundred_tasks_all_come_right() {
    let calm = service().start().await.unwrap();
    let mut expected = HashMap::new();
    for day in 0..TASKS {
        expected.insert(day, rows(&client(&calm), day).await);
    }
    let expected = Arc::new(expected);

    let faults = [
        Fault::on_any().with_probability(0.05, 1).reset(),
        Fault::on_any().with_probability(0.05, 2).cut_body_after(25),
        Fault::on_any().with_probability(0.03, 3).cut_chunked_after(40),
        Fault::on_any()
            .with_probability(0.03, 4)
            .close_delimited_after(30),
        Fault::on_any().with_probability(0.05, 5).status(429),
        Fault::on_any()
            .with_probability(0.05, 6)
            .status(503)
            .body("text/html", "<p>down</p>"),
    ];
    let bad_day = faults
        .into_iter()
        .fold(service(), |service, fault| service.fault(fault));
    let bad_day = bad_day.running_polls(1).start().await.unwrap();
    let policy = RetryPolicy::default()
        .with_max_attempts(40)
        .with_initial_wait(Duration::from_millis(2))
        .with_max_wait(Duration::from_millis(20));
    let client = builder(&bad_day).retry(policy).build().unwrap();

    let bad_day = Arc::new(bad_day);
    // A token that is refused is replaced once for each call, so two losses must not meet in one call.
    let losing = tokio::spawn({
        let service = bad_day.clone();
        async move {
            for lost in 1.. {
                while service.requests().len() < lost * REQUESTS_A_TOKEN {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                service.revoke_tokens();
            }
        }
    });
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (client, expected) = (client.clone(), expected.clone());
            tokio::spawn(async move {
                for query in 0..QUERIES_EACH {
                    let day = (task + query * 7) % TASKS;
                    assert_eq!(
                        rows(&client, day).await,
                        expected[&day],
                        "task {task}, query {query}"
                    );
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    losing.abort();
    let requests = bad_day.requests().len();
    // A login and, for each query, a submit and two polls: what is beyond that was sent again.
    let needed = bad_day.logins() + (3 * TASKS * QUERIES_EACH) as usize;
    println!(
        "{} queries right: {requests} requests, {} of them attempts that failed, {} logins",
        TASKS * QUERIES_EACH,
        requests - needed,
        bad_day.logins()
    );
    assert!((requests - needed) * 6 > requests, "the day was not bad");
    // One for each token that was lost; those whose answer the day spoilt come on top.
    let tokens = requests / REQUESTS_A_TOKEN;
    let logins = bad_day.logins();
    assert!(
        tokens > 2 && (tokens..tokens * 3 + 5).contains(&logins),
        "{logins} logins, {tokens} tokens"
    );
}
