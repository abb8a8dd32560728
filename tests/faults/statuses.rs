//! Error statuses: which are waited out, and how long.

use std::time::Duration;

use usage_client::{RetryPolicy, reqwest::StatusCode};
use usage_sim::Fault;

use crate::{assert_says, assert_seen, builder, client, quick, run, seen, service, service_with, submit};

#[tokio::test]
async fn each_transient_status_is_waited_out_on_both_operations() {
    for status in [408, 429, 502, 503, 504] {
        let service = service_with(Fault::on_submit().status(status)).await;
        service.add_fault(Fault::on_results().status(status));
        let result = run(&client(&service)).await.unwrap();
        assert!(!result.results.unwrap().is_empty());
        let script = format!("login 200, submit {status}, submit 200, results {status}, results 200");
        assert_seen(&service, &script);
    }
}

#[tokio::test]
async fn an_internal_error_is_repeated_for_results_but_not_for_a_submit() {
    let service = service_with(Fault::on_results().status(500)).await;
    submit(&client(&service)).await.unwrap().poll().await.unwrap();
    assert_seen(&service, "login 200, submit 200, results 500, results 200");

    let service = service_with(Fault::on_submit().status(500)).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(error.attempts(), 1);
    assert_seen(&service, "login 200, submit 500");
}

#[tokio::test]
async fn other_errors_are_not_repeated() {
    for status in [400, 403, 404, 413, 415] {
        let service = service_with(Fault::on_submit().always().status(status)).await;
        let error = submit(&client(&service)).await.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_seen(&service, &format!("login 200, submit {status}"));
    }
}

#[tokio::test]
async fn a_transient_error_is_one_that_was_retried() {
    for status in [400, 401, 403, 404, 408, 413, 415, 429, 500, 502, 503, 504] {
        let service = service_with(Fault::on_submit().always().status(status)).await;
        service.add_fault(Fault::on_results().always().status(status));
        let client = client(&service);
        let submitted = submit(&client).await.unwrap_err();
        let polled = client.execution("9f32b7cf").poll().await.unwrap_err();
        for (error, kind) in [(submitted, "submit"), (polled, "results")] {
            assert_eq!(error.status().unwrap(), status);
            // A refused token is replaced, and the call is repeated with the new one.
            let was_retried = error.attempts() > if status == 401 { 2 } else { 1 };
            assert_eq!(error.is_transient(), was_retried, "{kind} {status}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_429_with_seconds_is_never_undercut() {
    let service = service_with(Fault::on_submit().status(429).header("retry-after", "1")).await;
    run(&client(&service)).await.unwrap();
    assert_seen(&service, "login 200, submit 429, submit 200, results 200");
    let requests = service.requests();
    let waited = requests[2].at - requests[1].at;
    assert!(waited >= Duration::from_secs(1), "{waited:?}");
}

#[tokio::test]
async fn a_429_with_a_date_is_waited_for_by_the_service_s_own_clock() {
    // Years off from this machine's clock.
    let fault = Fault::on_submit()
        .status(429)
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("retry-after", "Sun, 06 Nov 1994 08:49:38 GMT");
    let service = service_with(fault).await;
    run(&client(&service)).await.unwrap();
    let requests = service.requests();
    let waited = requests[2].at - requests[1].at;
    assert!(waited >= Duration::from_millis(990), "{waited:?}");
}

#[tokio::test]
async fn a_429_with_two_hours_fails_at_once_and_says_how_long_to_wait() {
    let limited = Fault::on_submit().status(429).header("retry-after", "7200");
    let service = service_with(limited.always()).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7200)));
    assert_says(&error, "retry after 7200 s");
    assert_seen(&service, "login 200, submit 429");
}

#[tokio::test]
async fn a_429_with_two_hours_while_polling_ends_the_wait_too() {
    let limited = Fault::on_results().status(429).header("retry-after", "7200");
    let service = service_with(limited.always()).await;
    let error = run(&client(&service)).await.unwrap_err();
    assert!(error.is_rate_limited(), "{error}");
    assert!(error.execution_id().is_some(), "{error}");
    assert_seen(&service, "login 200, submit 200, results 429");
}

#[tokio::test]
async fn html_of_a_load_balancer_is_waited_out_and_if_it_stays_keeps_its_status() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let bad_gateway = Fault::on_submit().status(502).body("text/html", page);
    let bad_gateway = bad_gateway.header("genesys-correlation-id", "corr-7");
    let service = service_with(bad_gateway.always()).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::BAD_GATEWAY));
    assert_eq!(error.attempts(), 4);
    assert_says(&error, "\"502 Bad Gateway\"");
    assert_eq!(error.correlation_id(), Some("corr-7"));
    assert_seen(
        &service,
        "login 200, submit 502, submit 502, submit 502, submit 502",
    );
}

#[tokio::test]
async fn no_retry_means_one_attempt_and_a_call_may_differ_from_its_client() {
    let service = service_with(Fault::on_submit().times(2).status(503)).await;
    let client = client(&service);
    let error = submit(&client.with_retry(RetryPolicy::none())).await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(error.attempts(), 1);
    submit(&client).await.unwrap();
    assert_seen(&service, "login 200, submit 503, submit 503, submit 200");
}

#[tokio::test]
async fn raw_operations_have_login_and_retry_under_them() {
    let service = service_with(Fault::on_results().status(503)).await;
    let client = client(&service);
    let execution = submit(&client).await.unwrap();
    let answer = client
        .get_usage_query_execution_id_results()
        .execution_id(execution.id())
        .send()
        .await
        .unwrap();
    assert_eq!((answer.status(), answer.attempts()), (StatusCode::OK, 2));
    assert!(answer.correlation_id().is_some());
    assert_seen(&service, "login 200, submit 200, results 503, results 200");
}

#[tokio::test]
async fn the_rate_limit_is_readable_and_a_client_near_it_slows_down() {
    let service = service().rate_limit(10).start().await.unwrap();
    let client = builder(&service).retry(RetryPolicy::none()).build().unwrap();
    assert_eq!(client.rate_limit(), None);
    for _ in 0..9 {
        submit(&client).await.unwrap();
    }
    let limit = client.rate_limit().unwrap();
    assert_eq!((limit.count, limit.allowed), (9, 10));
    // The tenth waits for its share of the minute, so this does not come back soon.
    let tenth = tokio::time::timeout(Duration::from_millis(200), submit(&client));
    assert!(tenth.await.is_err());
    assert_eq!(seen(&service).len(), 10);
}

#[tokio::test]
async fn without_pacing_a_client_runs_into_its_limit() {
    let service = service().rate_limit(3).start().await.unwrap();
    let impatient = quick().with_max_retry_after(Duration::ZERO);
    let builder = builder(&service).retry(impatient).pacing(false);
    let client = builder.build().unwrap();
    for _ in 0..3 {
        submit(&client).await.unwrap();
    }
    let error = submit(&client).await.unwrap_err();
    assert!(error.is_rate_limited(), "{error:?}");
    assert_eq!(error.code(), Some("too.many.requests.retry.after"));
    assert_eq!(client.rate_limit(), None);
}
