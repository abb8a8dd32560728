//! Jobs and searches: what the caller gets when a page is odd, lost or repeated, and what the service saw of it.

use std::time::Duration;

use futures_util::{FutureExt as _, TryStreamExt as _};
use proptest::prelude::*;
use usage_client::{
    Client, Error, Granularity, Interval, Job, JobKind, JobPlan, JobState, OrganizationJob, Result, RowRef,
    RowsPolicy,
    types::{
        ApiUsageSimpleSearch, ClientJobGroupBy, ClientPublicApiUsageQueryRequest, JobGroupBy, JobStatus,
        OrganizationPublicApiUsage, OrganizationPublicApiUsageQueryRequest, QueryStatus,
    },
};
use usage_sim::{Fault, Simulator};

use crate::{HOUR, assert_says, builder, client, pass, quick_polls, service, service_with, until_seen};

const ONE_CLIENT: &str = "some-client";

/// The last 30 days by endpoint.
fn request() -> OrganizationPublicApiUsageQueryRequest {
    OrganizationPublicApiUsageQueryRequest::builder()
        .interval(Interval::last_days(30))
        .group_by([JobGroupBy::TemplateUri])
        .try_into()
        .unwrap()
}

async fn submit(client: &Client) -> Result<OrganizationJob> {
    Ok(client.submit_job(request()).await?.with_polling(quick_polls()))
}

/// All rows until the end, and the error that was the last item, if there was one.
async fn rows_of<K: JobKind>(job: &Job<K>) -> (Vec<K::Row>, Option<Error>) {
    let mut rows = Vec::new();
    let mut stream = job.rows();
    loop {
        match stream.try_next().await {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => return (rows, None),
            Err(error) => {
                assert!(
                    stream.try_next().await.unwrap().is_none(),
                    "an error is the last item"
                );
                return (rows, Some(error));
            }
        }
    }
}

async fn all_rows(service: &Simulator) -> Result<Vec<OrganizationPublicApiUsage>> {
    submit(&client(service)).await?.rows().try_collect().await
}

/// The error after these first rows.
async fn error_of(service: &Simulator) -> (usize, Error) {
    let (rows, error) = rows_of(&submit(&client(service)).await.unwrap()).await;
    (rows.len(), error.expect("the rows are not complete"))
}

/// What the service saw after the login: `submit 202`, `page 200`.
fn seen(service: &Simulator) -> String {
    let requests = service.requests();
    let requests = requests.iter().filter(|seen| seen.path != "/oauth/token");
    let lines = requests.map(|seen| {
        let what = match seen.method.as_str() {
            "POST" => "submit",
            _ => "page",
        };
        let status = seen.status.map(|status| status.to_string());
        format!("{what} {}", status.as_deref().unwrap_or("-"))
    });
    lines.collect::<Vec<_>>().join(", ")
}

/// The bodies of submits, as JSON.
fn submitted(service: &Simulator) -> Vec<serde_json::Value> {
    let requests = service.requests();
    let submits = requests.iter().filter(|seen| seen.path.ends_with("/jobs"));
    submits
        .map(|seen| serde_json::from_slice(&seen.body).unwrap())
        .collect()
}

#[tokio::test]
async fn a_job_is_polled_until_it_succeeds_and_its_pages_are_joined() {
    let service = service().rows(2_500).running_polls(2).start().await.unwrap();
    let job = submit(&client(&service)).await.unwrap();
    let (told, waited) = std::sync::mpsc::channel();
    let job = job.on_progress(move |waiting| told.send((waiting.polls, waiting.status.clone())).unwrap());
    let (rows, error) = rows_of(&job).await;
    assert!(error.is_none() && rows.len() == 2_500, "{error:?}");
    let waited: Vec<_> = waited.try_iter().collect();
    assert_eq!(
        waited,
        [(1, Some(JobStatus::Queued)), (2, Some(JobStatus::Running))]
    );
    assert_eq!(
        seen(&service),
        "submit 200, page 202, page 202, page 200, page 200, page 200"
    );
    let queries = service.requests();
    let queries: Vec<_> = queries.iter().filter_map(|seen| seen.query.as_deref()).collect();
    assert!(
        queries.iter().all(|query| query.contains("pageSize=1000")),
        "{queries:?}"
    );
    assert_eq!(rows, job.wait().await.unwrap());
    let mut batched = Vec::new();
    let mut batches = job.row_batches();
    while let Some(batch) = batches.try_next().await.unwrap() {
        let owned = |row: RowRef<'_>| (row.client_id.map(str::to_owned), row.status200, row.requests);
        batched.extend(batch.iter().map(owned));
    }
    let rows = rows.into_iter().map(|row| {
        let client = row.oauth_client.and_then(|client| client.id);
        (client, row.status200, row.request_count)
    });
    assert_eq!(batched, rows.collect::<Vec<_>>());
}

#[tokio::test]
async fn states_end_with_success_and_a_poll_has_the_first_page() {
    let service = service().rows(1_500).running_polls(1).start().await.unwrap();
    let job = submit(&client(&service)).await.unwrap();
    let mut states = job.states();
    assert!(matches!(states.next().await, Some(Ok(JobState::Waiting(waiting))) if waiting.polls == 1));
    assert!(matches!(states.next().await, Some(Ok(JobState::Succeeded))));
    assert!(states.next().await.is_none());
    let page = job.poll().await.unwrap();
    assert_eq!(page.query_status, Some(JobStatus::Succeeded));
    assert!(page.entities.unwrap().len() == 1_000 && page.next_uri.is_some());
}

#[tokio::test]
async fn the_query_status_decides_and_the_http_status_does_not() {
    let says =
        |status: u16, query_status: &str| Fault::on_job_results().status(status).query_status(query_status);
    let service = service()
        .rows(1_500)
        .fault(says(200, "Running"))
        .fault(says(200, "Defrosting"))
        .fault(says(202, "Succeeded"))
        .start()
        .await
        .unwrap();
    assert_eq!(all_rows(&service).await.unwrap().len(), 1_500);
    assert_eq!(
        seen(&service),
        "submit 200, page 200, page 200, page 202, page 200"
    );
}

#[tokio::test]
async fn a_job_that_failed_or_was_cancelled_ends_with_the_reason_of_the_service() {
    let ends = |status: &str| Fault::on_job_submit().query_status(status);
    for (fault, says, code) in [
        (
            ends("Failed").error_code("query.error"),
            "the job failed",
            Some("query.error"),
        ),
        (ends("Failed"), "the job failed; it gives no reason", None),
        (
            ends("Cancelled"),
            "the job was cancelled; it gives no reason",
            None,
        ),
    ] {
        let service = service_with(fault).await;
        let job = submit(&client(&service)).await.unwrap();
        for error in [
            rows_of(&job).await.1.unwrap(),
            job.wait().await.unwrap_err(),
            job.states().next().await.unwrap().unwrap_err(),
        ] {
            assert!(error.is_query_failed() && error.code() == code, "{error:?}");
            assert_says(&error, says);
            assert_eq!(error.execution_id(), Some(job.id()));
            assert!(error.correlation_id().is_some());
        }
        assert_eq!(seen(&service), "submit 200, page 202, page 202, page 202");
    }
}

#[tokio::test]
async fn a_page_that_is_lost_is_fetched_again() {
    for lost in [
        Fault::on_job_results().status(503),
        Fault::on_job_results().status(504),
        Fault::on_job_results().cut_body_after(10_000),
        Fault::on_job_results().cut_chunked_after(10_000),
        Fault::on_job_results().reset(),
    ] {
        for page in 0..3 {
            let fault = lost.clone().after(page);
            let service = service().rows(2_500).fault(fault).start().await.unwrap();
            let rows = all_rows(&service).await.unwrap();
            let whole = self::service().rows(2_500).start().await.unwrap();
            assert!(rows == all_rows(&whole).await.unwrap(), "{lost:?} of page {page}");
            assert_eq!(seen(&service).matches("page").count(), 4, "{}", seen(&service));
        }
    }
}

#[tokio::test]
async fn a_page_or_cursor_that_repeats_is_an_error_and_not_a_loop() {
    let on = |page: u64| Fault::on_job_results().after(page);
    for (fault, rows, says) in [
        (on(1).repeat_page(), 1_000, "the same rows as the page before it"),
        (on(1).next_page(0), 2_000, "is one of an earlier page"),
        (on(2).always().next_page(2), 2_000, "is one of an earlier page"),
        (on(1).always().empty_page(), 1_000, "3 pages in a row are empty"),
    ] {
        let service = service().rows(5_000).fault(fault).start().await.unwrap();
        let (delivered, error) = error_of(&service).await;
        assert!(error.is_decode() && delivered == rows, "{delivered} {error:?}");
        assert_says(&error, says);
        assert!(error.execution_id().is_some() && error.correlation_id().is_some());
        let pages = seen(&service).matches("page").count();
        assert!(pages <= 4, "{pages} pages were requested");
    }
}

#[tokio::test]
async fn empty_pages_with_rows_between_them_are_not_the_end() {
    let mut service = service().rows(4_500);
    for page in [1, 3, 5, 7] {
        service = service.fault(Fault::on_job_results().after(page).empty_page());
    }
    let service = service.start().await.unwrap();
    assert_eq!(all_rows(&service).await.unwrap().len(), 4_500);
}

#[tokio::test]
async fn one_empty_page_is_not_the_end() {
    let fault = Fault::on_job_results().after(1).empty_page();
    let service = service().rows(2_500).fault(fault).start().await.unwrap();
    assert_eq!(all_rows(&service).await.unwrap().len(), 2_500);
}

#[tokio::test]
async fn the_host_of_next_uri_is_never_asked() {
    let foreign = service().start().await.unwrap();
    for base in [
        foreign.url().to_owned(),
        "https://127.0.0.1:1".to_owned(),
        "//127.0.0.1:1/other".to_owned(),
    ] {
        let fault = Fault::on_job_results().always().uri_base(&base);
        let service = service().rows(2_500).fault(fault).start().await.unwrap();
        assert_eq!(all_rows(&service).await.unwrap().len(), 2_500);
        assert_eq!(seen(&service).matches("page 200").count(), 3);
    }
    assert!(foreign.requests().is_empty());
}

#[tokio::test]
async fn a_next_uri_without_a_cursor_is_an_error() {
    for uri in [
        "/api/v2/usage/aggregates/query/jobs/1?pageSize=100",
        "?after=",
        "http://[",
    ] {
        let body =
            format!(r#"{{"queryStatus":"Succeeded","entities":[{{"requestCount":1}}],"nextUri":"{uri}"}}"#);
        let fault = Fault::on_job_results()
            .always()
            .body("application/json", body.into_bytes());
        let (rows, error) = error_of(&service_with(fault).await).await;
        assert!(rows == 0 && error.is_decode(), "{error:?}");
        assert_says(&error, "without the cursor `after`");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_pages() {
    let fault = Fault::on_job_results().always().page_limit(300);
    let service = service().rows(1_100).fault(fault).start().await.unwrap();
    assert_eq!(all_rows(&service).await.unwrap().len(), 1_100);
    // 1,000, 500, 250, and then pages of 250.
    assert_eq!(
        seen(&service),
        "submit 200, page 400, page 400, page 200, page 200, page 200, page 200, page 200"
    );
    let fault = Fault::on_job_results().always().page_limit(0);
    let service = self::service().rows(10).fault(fault).start().await.unwrap();
    let (_, error) = error_of(&service).await;
    assert_eq!(error.code(), Some("max.response.size.reached"), "{error:?}");
}

#[tokio::test]
async fn a_job_that_expires_between_pages_is_an_error() {
    let fault = Fault::on_job_results().after(2).always().status(404);
    let service = service().rows(5_000).fault(fault).start().await.unwrap();
    let (rows, error) = error_of(&service).await;
    assert!(error.is_not_found() && rows == 2_000, "{rows} {error:?}");
    assert_says(&error, "submit it again");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_after_the_rows_before_it() {
    let body = r#"{"queryStatus":"Succeeded","entities":[{"requestCount":"many"}]}"#;
    let fault = Fault::on_job_results()
        .after(1)
        .body("application/json", body.as_bytes().to_vec());
    let service = service().rows(2_500).fault(fault).start().await.unwrap();
    let (rows, error) = error_of(&service).await;
    assert!(error.is_decode() && rows == 1_000, "{rows} {error:?}");
    assert_says(&error, "requestCount");
    assert_says(&error, "many");
}

#[tokio::test]
async fn a_job_that_is_not_done_at_the_deadline_can_be_resumed() {
    let service = service().rows(10).running_polls(u32::MAX).start().await.unwrap();
    let job = submit(&client(&service)).await.unwrap();
    let waiting = tokio::spawn({
        let job = job.clone();
        async move { job.wait().await }
    });
    until_seen(&service, "/api/v2/usage/aggregates/query/jobs/", 2).await;
    pass(HOUR).await;
    let error = waiting.await.unwrap().unwrap_err();
    assert!(
        error.is_deadline() && error.execution_id() == Some(job.id()),
        "{error:?}"
    );
    assert_says(&error, &format!("resume with job id {}", job.id()));
}

#[tokio::test]
async fn pages_may_take_only_so_long_and_a_result_only_so_much_memory() {
    let service = service().rows(5_000).start().await.unwrap();
    let client = builder(&service).max_result_bytes(1_000_000).build().unwrap();
    let job = submit(&client).await.unwrap();
    let error = job.wait().await.unwrap_err();
    assert!(error.is_decode(), "{error:?}");
    let job = job.with_streaming(RowsPolicy::default().with_deadline(Duration::ZERO));
    let (rows, error) = rows_of(&job).await;
    let error = error.unwrap();
    assert!(
        rows.len() == 1_000 && error.is_timeout(),
        "{} {error:?}",
        rows.len()
    );
}

#[tokio::test]
async fn an_accepted_job_without_an_id_and_an_invalid_id_are_errors() {
    let service = service_with(Fault::on_job_submit().body("application/json", b"{}".to_vec())).await;
    let client = client(&service);
    assert!(submit(&client).await.unwrap_err().is_decode());
    let before = service.requests().len();
    // It is refused at once, not after the wait before the first poll.
    let at_once = |outcome: Option<Error>| outcome.is_some_and(|error| error.is_invalid_request());
    for id in ["", ".", ".."] {
        assert!(at_once(
            client.job(id).wait().now_or_never().and_then(Result::err)
        ));
        let job = client.client_job(id, "id");
        assert!(at_once(job.wait().now_or_never().and_then(Result::err)));
    }
    assert_eq!(service.requests().len(), before);
}

#[tokio::test]
async fn a_request_without_groups_is_grouped_by_client_and_days_get_their_times() {
    let service = service().start().await.unwrap();
    let client = client(&service);
    let interval = Interval::last_days(7);
    let ungrouped = OrganizationPublicApiUsageQueryRequest::builder().interval(interval);
    client.submit_job(ungrouped).await.unwrap();
    let by_platform = [ClientJobGroupBy::Platform];
    let one = ClientPublicApiUsageQueryRequest::builder().interval("2026-10-01T10:00:00/2026-10-02T10:00:00");
    let one = one.group_by(by_platform.to_vec());
    // The simulator counts whole days only, and a year is over at some time. What was sent counts.
    let _ = client.submit_client_job(ONE_CLIENT, one).await;
    let times = format!(
        "{}T00:00:00/{}T23:59:59",
        interval.first_day(),
        interval.last_day()
    );
    let sent = submitted(&service);
    assert_eq!(
        sent[0]["groupBy"],
        serde_json::json!(["OauthClientId", "OauthClientName"])
    );
    assert_eq!(sent[0]["interval"], times);
    assert_eq!(sent[1]["groupBy"], serde_json::json!(["Platform"]));
    assert_eq!(sent[1]["interval"], "2026-10-01T10:00:00/2026-10-02T10:00:00");
}

#[tokio::test]
async fn a_long_interval_becomes_several_jobs_whose_rows_are_joined_in_order() {
    let service = service().start().await.unwrap();
    let client = client(&service);
    let interval = Interval::last_days(200);
    let request = OrganizationPublicApiUsageQueryRequest::builder()
        .interval(interval)
        .granularity(Granularity::Day)
        .group_by([JobGroupBy::Platform]);
    let jobs = client
        .submit_jobs(request)
        .await
        .unwrap()
        .with_polling(quick_polls());
    assert_eq!(jobs.jobs().len(), 3);
    let rows: Vec<_> = jobs.rows().try_collect().await.unwrap();
    let mut days: Vec<_> = rows.iter().map(|row| row.date.unwrap()).collect();
    days.dedup();
    assert!(days.is_sorted() || rows.len() > days.len());
    days.sort();
    days.dedup();
    assert_eq!(
        (days.len(), days[0], days[199]),
        (200, interval.first_day(), interval.last_day())
    );
    let ids: Vec<_> = jobs.jobs().iter().map(|job| job.id().to_owned()).collect();
    let resumed: Vec<_> = client
        .jobs(ids)
        .with_polling(quick_polls())
        .rows()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows, resumed);
    let whole = OrganizationPublicApiUsageQueryRequest::builder().interval(interval);
    let error = client.submit_jobs(whole).await.unwrap_err();
    assert!(error.is_invalid_request());
    assert_says(&error, "set the granularity");
}

#[tokio::test]
async fn the_endpoints_of_one_client_serve_queries_jobs_and_summaries() {
    let service = service().start().await.unwrap();
    let client = client(&service);
    let all = OrganizationPublicApiUsageQueryRequest::builder().interval(Interval::last_days(7));
    let all = client
        .submit_job(all)
        .await
        .unwrap()
        .with_polling(quick_polls())
        .wait()
        .await
        .unwrap();
    let known = all.iter().find_map(|row| row.oauth_client.clone()?.id).unwrap();
    let days = |days: u32| Interval::last_days(days);
    let query = usage_client::types::ApiUsageClientQuery::builder().interval(days(7));
    let execution = client
        .submit_for_client(&known, query)
        .await
        .unwrap()
        .with_polling(quick_polls());
    let resumed = client
        .client_execution(&known, execution.id())
        .with_polling(quick_polls());
    let rows = execution.wait().await.unwrap().into_rows();
    assert!(!rows.is_empty());
    assert_eq!(rows, resumed.rows().try_collect::<Vec<_>>().await.unwrap());
    let summary = client
        .submit_summary(&known, 7)
        .await
        .unwrap()
        .with_polling(quick_polls());
    assert_eq!(
        summary.wait().await.unwrap().into_rows()[0].requests,
        rows[0].requests
    );
    let request = ClientPublicApiUsageQueryRequest::builder().interval(days(7));
    let job = client
        .submit_client_job(&known, request)
        .await
        .unwrap()
        .with_polling(quick_polls());
    assert_eq!(job.wait().await.unwrap()[0].request_count, rows[0].requests);
}

#[tokio::test]
async fn a_search_is_paged_and_its_final_internal_errors_are_not_repeated() {
    let search = || ApiUsageSimpleSearch::builder().interval(Interval::last_days(30));
    let service = service().rows(2_500).running_polls(1).start().await.unwrap();
    let client = client(&service);
    let found = client
        .submit_search(search())
        .await
        .unwrap()
        .with_polling(quick_polls());
    let mut states = found.states();
    let Some(Ok(JobState::Waiting(waiting))) = states.next().await else {
        panic!("the search is running first")
    };
    assert_eq!(waiting.status, Some(QueryStatus::Running));
    let (rows, error) = rows_of(&found).await;
    assert!(error.is_none() && rows.len() == 2_500, "{error:?}");
    assert_eq!(
        rows,
        client
            .search(found.id())
            .with_polling(quick_polls())
            .wait()
            .await
            .unwrap()
    );
    for code in ["query.error", "max.response.size.reached"] {
        let fault = Fault::on_results().always().status(500).error_code(code);
        let service = service_with(fault).await;
        let found = self::client(&service).submit_search(search()).await.unwrap();
        let (_, error) = rows_of(&found.with_polling(quick_polls())).await;
        assert_eq!(error.unwrap().code(), Some(code));
        assert_eq!(seen(&service), "submit 200, page 500");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_over_pages_are_those_of_one_page_whatever_breaks(
        rows in 0_u64..400,
        limit in 1_u64..150,
        faults in prop::collection::vec((0_u64..12, 0_usize..6), 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let whole = service().rows(rows).start().await.unwrap();
            let whole = all_rows(&whole).await.unwrap();
            let mut paged = service().rows(rows);
            for (after, kind) in &faults {
                let fault = Fault::on_job_results().after(*after);
                paged = paged.fault(match kind {
                    0 => fault.status(503),
                    1 => fault.cut_body_after(100),
                    2 => fault.reset(),
                    3 => fault.query_status("Running"),
                    4 => fault.uri_base("https://elsewhere.invalid"),
                    _ => fault.status(429),
                });
            }
            let paged = paged.fault(Fault::on_job_results().always().page_limit(limit));
            let paged = paged.start().await.unwrap();
            let found = all_rows(&paged).await;
            assert!(found.as_ref().is_ok_and(|found| *found == whole), "{:?} {}", found.err(), seen(&paged));
        });
    }

    #[test]
    fn a_plan_covers_the_interval_within_the_limits_and_splits_no_bucket(
        before in 0_u64..366,
        length in 1_u64..367,
        granularity in prop_oneof![Just(Granularity::Day), Just(Granularity::Week), Just(Granularity::Month)],
    ) {
        use usage_client::chrono::{Datelike as _, Days, NaiveDate};
        let today: NaiveDate = "2026-11-26".parse().unwrap();
        let first = today - Days::new(before.max(1));
        let last = first + Days::new(length - 1);
        let interval = Interval::parse_at(&format!("{first}/{last}"), today).unwrap();
        let plan = JobPlan::new(interval, Some(granularity), today).unwrap();
        let pieces = plan.pieces();
        prop_assert_eq!(pieces[0].first_day(), first);
        let end = pieces[pieces.len() - 1].last_day();
        prop_assert!(end == last || end >= today - Days::new(1), "{}", end);
        prop_assert!(pieces[pieces.len() - 1].first_day() < today);
        for piece in pieces {
            prop_assert!((piece.last_day() - piece.first_day()).num_days() < 90, "{}", piece);
        }
        for pair in pieces.windows(2) {
            let next = pair[1].first_day();
            prop_assert_eq!(pair[0].last_day() + Days::new(1), next);
            match granularity {
                Granularity::Week => prop_assert_eq!(next.weekday(), usage_client::chrono::Weekday::Mon),
                Granularity::Month => prop_assert_eq!(next.day(), 1),
                _ => {}
            }
        }
    }
}

#[test]
fn a_job_begins_at_most_a_year_ago() {
    let today = "2026-11-26".parse().unwrap();
    let plan = |interval: &str| {
        let interval = Interval::parse_at(interval, today).unwrap();
        JobPlan::new(interval, Some(Granularity::Day), today)
    };
    assert_eq!(plan("2025-11-26/2025-12-01").unwrap().pieces().len(), 1);
    let error = plan("2025-11-25/2025-12-01").unwrap_err();
    assert!(error.is_invalid_request());
    for says in ["2025-11-26", "POST /api/v2/usage/query", "2025-11-25/2025-12-01"] {
        assert_says(&error, says);
    }
}
