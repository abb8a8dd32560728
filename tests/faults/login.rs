//! Tokens: got once, renewed in time, got again when refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use usage_client::{AccessToken, Client, Credentials, RetryPolicy, TokenFuture, TokenSource};
use usage_sim::Fault;

use crate::{
    CUTS, ID, assert_says, assert_seen, builder, client, count_seen, pass, run, seen, service, service_with,
    submit, until_seen,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_tasks_starting_at_once_log_in_once() {
    let service = service_with(Fault::on_login().delay(Duration::from_millis(50)).times(1)).await;
    let client = client(&service);
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { submit(&client).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(service.logins(), 1);
    assert_eq!(count_seen(&service, "submit 200"), 200);
}

#[tokio::test]
async fn two_hundred_tasks_share_one_failed_login() {
    let slow = Duration::from_secs(30);
    let refusal = r#"{"error":"invalid_client","error_description":"authentication failed"}"#;
    let fault = Fault::on_login()
        .always()
        .delay(slow)
        .status(400)
        .body("application/json", refusal);
    let service = service_with(fault).await;
    let client = client(&service);
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { submit(&client).await.unwrap_err() })
        })
        .collect();
    // The tasks take their turns on this thread, so all of them wait for the login once it is under way.
    until_seen(&service, "login", 1).await;
    pass(slow).await;
    for task in tasks {
        assert!(task.await.unwrap().is_login());
    }
    assert_seen(&service, "login 400");
}

#[tokio::test]
async fn a_wrong_secret_is_its_own_error_that_speaks_of_the_region() {
    let service = service().start().await.unwrap();
    let client = builder(&service)
        .credentials(Credentials::client_credentials(ID, "wrong"))
        .build()
        .unwrap();
    let error = submit(&client).await.unwrap_err();
    assert!(error.is_login() && error.is_auth(), "{error:?}");
    assert_eq!(error.status().unwrap(), 400);
    assert_says(&error, "invalid_client");
    assert_says(&error, "region");
    assert_seen(&service, "login 400");
}

#[tokio::test]
async fn a_throttled_login_is_waited_out_like_a_429() {
    let body = r#"{"error":"invalid_request","error_description":"rate limit exceeded for this client"}"#;
    let throttled = || Fault::on_login().status(400).body("application/json", body);
    let service = service_with(throttled().times(2)).await;
    run(&client(&service)).await.unwrap();
    assert_seen(
        &service,
        "login 400, login 400, login 200, submit 200, results 200",
    );

    let service = service_with(throttled().always()).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert!(error.is_login() && error.is_rate_limited(), "{error:?}");
    assert_eq!(error.attempts(), 4);
}

#[tokio::test]
async fn a_login_host_that_is_down_is_tried_again_and_then_reported() {
    let service = service_with(Fault::on_login().times(2).reset()).await;
    run(&client(&service)).await.unwrap();
    assert_eq!(seen(&service)[..3], ["login -", "login -", "login 200"]);

    let down = Fault::on_login().status(503).body("text/html", "<h1>Down</h1>");
    let service = service_with(down.always()).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert!(error.is_login(), "{error:?}");
    assert_says(&error, "\"Down\"");
    assert_eq!(seen(&service), ["login 503"; 4]);
}

#[tokio::test]
async fn a_cut_answer_to_a_login_is_asked_for_again() {
    let cuts = CUTS.map(|cut| cut(Fault::on_login(), 20));
    for cut in cuts.into_iter().chain([Fault::on_login().cut_body_after(0)]) {
        let service = service_with(cut).await;
        run(&client(&service)).await.unwrap();
        assert_eq!(count_seen(&service, "login"), 2);
    }
}

#[tokio::test]
async fn a_token_that_is_revoked_in_mid_poll_is_replaced_once() {
    let service = service().running_polls(1).start().await.unwrap();
    let client = client(&service);
    let execution = submit(&client).await.unwrap();
    service.revoke_tokens();
    execution.wait().await.unwrap();
    assert_seen(
        &service,
        "login 200, submit 200, results 401, login 200, results 200, results 200",
    );
}

#[tokio::test]
async fn a_token_that_stays_refused_is_reported_after_one_new_login() {
    let service = service_with(Fault::on_submit().always().status(401)).await;
    let error = submit(&client(&service)).await.unwrap_err();
    assert!(error.is_auth() && !error.is_login(), "{error:?}");
    assert_seen(&service, "login 200, submit 401, login 200, submit 401");
}

#[tokio::test]
async fn each_retry_may_replace_a_refused_token_again() {
    let service = service()
        .fault(Fault::on_submit().status(401))
        .fault(Fault::on_submit().after(1).status(503))
        .fault(Fault::on_submit().after(2).status(401));
    let service = service.start().await.unwrap();
    submit(&client(&service)).await.unwrap();
    let replaced = "submit 401, login 200, ";
    let script = format!("login 200, {replaced}submit 503, {replaced}submit 200");
    assert_seen(&service, &script);
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_next_attempt_would_be_too_late_for_the_call_fails_at_once() {
    let fault = Fault::on_login().status(503).header("Retry-After", "100");
    let service = service_with(fault).await;
    let hurried = builder(&service).timeout(Duration::from_secs(60));
    let error = submit(&hurried.build().unwrap()).await.unwrap_err();
    assert!(error.is_login() && error.status().unwrap() == 503, "{error:?}");
    assert_seen(&service, "login 503");
}

#[tokio::test]
async fn a_fixed_token_that_is_refused_is_not_tried_again() {
    let service = service().access_token("fixed-token").start().await.unwrap();
    let fixed = |token: &str| {
        let credentials = Credentials::access_token(token);
        builder(&service).credentials(credentials).build().unwrap()
    };
    run(&fixed("fixed-token")).await.unwrap();
    let error = submit(&fixed("other-token")).await.unwrap_err();
    assert!(error.is_auth(), "{error:?}");
    assert_eq!(error.code(), Some("bad.credentials"));
    assert_seen(&service, "submit 200, results 200, submit 401");
}

#[tokio::test]
async fn a_short_token_is_renewed_at_half_its_life_without_a_401() {
    let service = service().token_lifetime(Duration::from_secs(100)).start();
    let service = service.await.unwrap();
    let client = client(&service);
    let execution = submit(&client).await.unwrap();
    pass(Duration::from_secs(60)).await;
    execution.wait().await.unwrap();
    assert_seen(&service, "login 200, submit 200, login 200, results 200");
}

#[tokio::test]
async fn a_failed_renewal_of_a_token_that_is_still_good_is_no_error() {
    let service = service()
        .token_lifetime(Duration::from_secs(100))
        .fault(Fault::on_login().after(1).always().status(400));
    let service = service.start().await.unwrap();
    let client = client(&service);
    submit(&client).await.unwrap();
    pass(Duration::from_secs(60)).await;
    submit(&client).await.unwrap();
    submit(&client).await.unwrap();
    // The failed renewal is not tried again for a while.
    assert_seen(
        &service,
        "login 200, submit 200, login 400, submit 200, submit 200",
    );
}

/// Gives out the tokens of the simulated service by another way.
struct Vault {
    asked: Arc<AtomicUsize>,
}

impl TokenSource for Vault {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            match self.asked.fetch_add(1, Ordering::SeqCst) {
                0 => Ok(AccessToken::new("stale-token", None)),
                1 => Ok(AccessToken::new("fresh-token", Some(Duration::from_secs(3600)))),
                _ => Err("the vault is sealed".into()),
            }
        })
    }
}

#[tokio::test]
async fn a_token_source_is_asked_again_when_its_token_is_refused() {
    let service = service().access_token("fresh-token").start().await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let vault = Credentials::token_source(Vault { asked: asked.clone() });
    let client = builder(&service).credentials(vault).build().unwrap();
    run(&client).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_seen(&service, "submit 401, submit 200, results 200");
}

#[tokio::test]
async fn a_closure_is_a_token_source() {
    let service = service().access_token("fresh-token").start().await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let source = Credentials::token_source(move || {
        let call = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            match call {
                0 => Ok(AccessToken::new("stale-token", None)),
                1 => Ok(AccessToken::new("fresh-token", Some(Duration::from_secs(1)))),
                _ => Err(std::io::Error::other("the vault is sealed")),
            }
        }
    });
    let client = builder(&service).credentials(source).build().unwrap();
    submit(&client).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);

    let sealed = Credentials::token_source(async || Err::<AccessToken, _>(std::io::Error::other("sealed")));
    let client = builder(&service).credentials(sealed).build().unwrap();
    let error = submit(&client).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    assert!(error.is_login() && cause.is::<std::io::Error>(), "{error:?}");
}

#[tokio::test]
async fn a_token_source_that_fails_is_a_login_error_with_its_cause() {
    let service = service().start().await.unwrap();
    let vault = Credentials::token_source(Vault {
        asked: Arc::new(AtomicUsize::new(2)),
    });
    let builder = Client::builder().base_url(service.url()).credentials(vault);
    let client = builder.retry(RetryPolicy::none()).build().unwrap();
    let error = submit(&client).await.unwrap_err();
    assert!(error.is_login() && !error.is_auth(), "{error:?}");
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "the vault is sealed");
}

#[tokio::test]
async fn a_wrong_login_url_is_no_missing_execution_and_no_missing_permission() {
    for status in [403, 404] {
        let service = service_with(Fault::on_login().always().status(status)).await;
        let error = submit(&client(&service)).await.unwrap_err();
        assert!(error.is_login() && !error.is_auth(), "{error:?}");
        assert!(!error.is_not_found() && !error.is_permission(), "{error:?}");
        assert!(error.correlation_id().is_some(), "{error:?}");
    }
}

#[tokio::test]
async fn a_machine_that_slept_past_its_token_s_life_logs_in_again() {
    // The client's clock does not see the sleep, so it takes the token for good; the service does not.
    let service = service().token_lifetime(Duration::from_secs(86_400));
    let service = service.start().await.unwrap();
    let client = client(&service);
    submit(&client).await.unwrap();
    let expired = r#"{"code":"credentials.expired","status":401}"#;
    service.add_fault(Fault::on_submit().status(401).body("application/json", expired));
    submit(&client).await.unwrap();
    assert_seen(
        &service,
        "login 200, submit 200, submit 401, login 200, submit 200",
    );
}

#[tokio::test]
async fn tokens_that_are_announced_as_expired_do_not_make_an_endless_loop() {
    let service = service().token_lifetime(Duration::ZERO).start().await.unwrap();
    let error = submit(&client(&service)).await.unwrap_err();
    assert!(error.is_auth(), "{error:?}");
    assert_eq!(error.code(), Some("credentials.expired"));
    assert_eq!(service.logins(), 4);
}
