//! Waiting for a query.

use std::time::Duration;

use futures_util::StreamExt as _;
use usage_client::{ApiUsageQuery, ExecutionState, QueryStatus, RetryPolicy, RowsPolicy};
use usage_sim::Fault;

use crate::{
    HOUR, INTERVAL, assert_says, assert_seen, builder, client, pass, quick, quick_polls, run, seen, service,
    service_with, submit, until_seen,
};

#[tokio::test]
async fn running_twice_then_complete() {
    let service = service().running_polls(2).start().await.unwrap();
    let result = run(&client(&service)).await.unwrap();
    assert_eq!(result.query_status, Some(QueryStatus::Complete));
    assert!(!result.results.unwrap().is_empty());
    assert_seen(
        &service,
        "login 200, submit 200, results 200, results 200, results 200",
    );
}

#[tokio::test]
async fn a_429_then_running_then_a_502_page_then_complete() {
    let page = Fault::on_results().body("text/html", "<p>Bad Gateway</p>");
    let service = service()
        .running_polls(1)
        .fault(Fault::on_results().status(429))
        .fault(page.after(2).status(502))
        .start();
    let service = service.await.unwrap();
    run(&client(&service)).await.unwrap();
    let script = "login 200, submit 200, results 429, results 200, results 502, results 200";
    assert_seen(&service, script);
}

#[tokio::test]
async fn an_unknown_status_and_none_at_all_are_waited_on() {
    let service = service()
        .fault(Fault::on_results().query_status("Archiving"))
        .fault(Fault::on_results().after(1).query_status(None))
        .start();
    let service = service.await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    let states: Vec<_> = execution.states().map(|state| state.unwrap()).collect().await;
    let [
        ExecutionState::Waiting(first),
        ExecutionState::Waiting(second),
        ExecutionState::Complete(_),
    ] = &states[..]
    else {
        panic!("{states:?}");
    };
    assert_eq!(first.status, Some(QueryStatus::Unknown("Archiving".to_owned())));
    assert_eq!(second.status, None);
}

#[tokio::test]
async fn a_failed_query_ends_at_once_with_its_own_error() {
    let service = service_with(Fault::on_results().always().query_status("Failed")).await;
    let error = run(&client(&service)).await.unwrap_err();
    assert!(error.is_query_failed(), "{error:?}");
    assert!(error.execution_id().is_some() && error.polls() == 1, "{error:?}");
    assert_seen(&service, "login 200, submit 200, results 200");
}

#[tokio::test]
async fn the_states_tell_polls_elapsed_and_the_next_poll() {
    let service = service().running_polls(3).start().await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    let states: Vec<_> = execution.states().collect().await;
    assert_eq!(states.len(), 4);
    let mut last = Duration::ZERO;
    for (index, state) in states.iter().take(3).enumerate() {
        let Ok(ExecutionState::Waiting(waiting)) = state else {
            panic!("{state:?}")
        };
        assert_eq!(waiting.polls as usize, index + 1);
        assert_eq!(waiting.status, Some(QueryStatus::Running));
        assert!(waiting.elapsed >= last && waiting.next_poll_in >= quick_polls().initial_wait);
        last = waiting.elapsed;
    }
    assert!(matches!(states[3], Ok(ExecutionState::Complete(_))));
}

#[tokio::test]
async fn progress_is_reported_whichever_way_the_results_are_read() {
    for way in ["wait", "states", "rows", "row_batches"] {
        let service = service().running_polls(2).start().await.unwrap();
        let (sender, polls) = std::sync::mpsc::channel();
        let execution = submit(&client(&service)).await.unwrap();
        let execution = execution.on_progress(move |waiting| sender.send(waiting.polls).unwrap());
        match way {
            "wait" => drop(execution.wait().await.unwrap()),
            "states" => drop(execution.states().collect::<Vec<_>>().await),
            "rows" => drop(execution.rows().next().await.unwrap().unwrap()),
            _ => drop(execution.row_batches().next().await.unwrap().unwrap()),
        }
        assert_eq!(polls.try_iter().collect::<Vec<_>>(), [1, 2], "{way}");
    }
}

#[tokio::test]
async fn the_states_outlive_their_execution_and_two_tasks_wait_for_one_execution() {
    let service = service().running_polls(1).start().await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    let (one, other) = tokio::join!(execution.wait(), execution.wait());
    assert_eq!(one.unwrap().into_rows(), other.unwrap().into_rows());
    let mut states = execution.states();
    drop(execution);
    let state = tokio::spawn(async move { states.next().await }).await.unwrap();
    let is_complete = matches!(state, Some(Ok(ExecutionState::Complete(_))));
    assert!(is_complete, "{state:?}");
}

#[tokio::test]
async fn a_poll_that_fails_beyond_its_retries_is_not_a_failed_query() {
    // More failures in a row than one call has attempts.
    let service = service_with(Fault::on_results().times(6).status(503)).await;
    let execution = submit(&client(&service)).await.unwrap();
    let states: Vec<_> = execution.states().map(|state| state.unwrap()).collect().await;
    let [ExecutionState::Waiting(failed), ExecutionState::Complete(_)] = &states[..] else {
        panic!("{states:?}")
    };
    assert_eq!(failed.poll_error.as_ref().unwrap().status().unwrap(), 503);
}

#[tokio::test]
async fn a_deadline_tells_time_polls_status_and_the_id_to_resume_with() {
    let service = service().running_polls(u32::MAX).start().await.unwrap();
    let client = client(&service);
    let polling = quick_polls().with_deadline(HOUR);
    let execution = submit(&client).await.unwrap().with_polling(polling);
    let mut polls = 0;
    let error = {
        let mut states = execution.states();
        loop {
            match states.next().await.unwrap() {
                Ok(ExecutionState::Waiting(waiting)) => polls = waiting.polls,
                Ok(other) => panic!("{other:?}"),
                Err(error) => break error,
            }
            if polls == 3 {
                pass(HOUR).await;
            }
        }
    };
    assert!(error.is_deadline(), "{error:?}");
    assert!(!error.is_timeout() && !error.is_transient(), "{error:?}");
    // The poll that was due when the time passed may still be made, and comes too late.
    assert!((3..=4).contains(&polls), "{error}");
    assert_eq!(error.polls(), polls);
    let polls = format!("{polls} polls");
    for part in [&polls, "last status: Running", "3600", execution.id()] {
        assert_says(&error, part);
    }
    assert_eq!(error.execution_id(), Some(execution.id()));
}

#[tokio::test]
async fn a_service_that_is_down_until_the_deadline_is_told_as_the_cause() {
    let service = service_with(Fault::on_results().always().status(503)).await;
    let polling = quick_polls().with_deadline(HOUR);
    // Left to itself, one poll alone would try for ever.
    let policy = quick().with_max_attempts(u32::MAX).with_deadline(Duration::MAX);
    let stubborn = client(&service).with_retry(policy);
    let execution = submit(&stubborn).await.unwrap().with_polling(polling);
    let (waited, ()) = tokio::join!(execution.wait(), async {
        until_seen(&service, "results 503", 3).await;
        pass(HOUR).await;
    });
    let error = waited.unwrap_err();
    assert!(error.is_deadline() && error.polls() == 1, "{error:?}");
    assert!(error.attempts() >= 3, "{error:?}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("503"), "{cause}");
}

#[tokio::test]
async fn an_execution_is_resumed_by_its_id_from_another_client() {
    let service = service().running_polls(1).start().await.unwrap();
    let id = submit(&client(&service)).await.unwrap().id().to_owned();
    let other = client(&service);
    let execution = other.execution(id).with_polling(quick_polls());
    let result = execution.wait().await.unwrap();
    assert_eq!(result.query_status, Some(QueryStatus::Complete));
}

#[tokio::test]
async fn an_unknown_execution_is_not_found_at_once() {
    let service = service().start().await.unwrap();
    let id = "00000000-0000-4000-8000-000000000000";
    let execution = client(&service).execution(id).with_polling(quick_polls());
    let error = execution.wait().await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    assert_eq!(error.execution_id(), Some(id));
    assert_seen(&service, "login 200, results 404");
}

#[tokio::test]
async fn dropping_the_wait_stops_the_polling() {
    let service = service().running_polls(u32::MAX).start().await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    tokio::select! {
        waited = execution.wait() => panic!("{waited:?}"),
        () = until_seen(&service, "results", 2) => {}
    }
    let polls = seen(&service).len();
    pass(HOUR).await;
    // One may have been under way.
    assert!(seen(&service).len() <= polls + 1);
}

#[tokio::test]
async fn nulls_in_every_row_are_survived() {
    let service = service_with(Fault::on_results().nulls()).await;
    let result = run(&client(&service)).await.unwrap();
    assert!(result.results.unwrap().iter().any(|row| row.requests.is_none()));
}

#[tokio::test]
async fn a_429_with_a_short_wait_is_waited_out_beyond_the_retries_of_one_poll() {
    let fault = || Fault::on_results().status(429).header("retry-after", "1");
    let service = service_with(fault()).await;
    let once = client(&service).with_retry(RetryPolicy::none());
    let execution = submit(&once).await.unwrap();
    let states: Vec<_> = execution.states().map(|state| state.unwrap()).collect().await;
    let [ExecutionState::Waiting(limited), ExecutionState::Complete(_)] = &states[..] else {
        panic!("{states:?}")
    };
    assert!(limited.poll_error.as_ref().unwrap().is_rate_limited());
    assert!(limited.next_poll_in >= Duration::from_secs(1), "{limited:?}");
    let requests = service.requests();
    assert!(requests[3].at - requests[2].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_stalled_poll_does_not_outlast_the_deadline() {
    let service = service_with(Fault::on_results().always().stall_body_after(5)).await;
    let polling = quick_polls().with_deadline(HOUR);
    let execution = submit(&client(&service)).await.unwrap().with_polling(polling);
    let (waited, ()) = tokio::join!(execution.wait(), async {
        until_seen(&service, "results 200", 1).await;
        pass(HOUR).await;
    });
    let error = waited.unwrap_err();
    assert!(error.is_deadline() && error.polls() == 1, "{error:?}");
    assert!(error.attempts() == 1, "{error:?}");
}

#[tokio::test]
async fn a_login_host_that_is_down_in_mid_poll_is_not_a_failed_query() {
    let service = service().running_polls(1).start().await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    service.revoke_tokens();
    // More than one login has attempts.
    service.add_fault(Fault::on_login().times(6).reset());
    let states: Vec<_> = execution.states().map(|state| state.unwrap()).collect().await;
    let ExecutionState::Waiting(down) = &states[0] else {
        panic!("{states:?}")
    };
    let error = down.poll_error.as_ref().unwrap();
    assert!(error.is_login() && !error.is_auth(), "{error:?}");
    assert!(error.is_connect(), "{error:?}");
    assert!(matches!(states.last(), Some(ExecutionState::Complete(_))));
}

#[tokio::test]
async fn a_deadline_before_the_first_poll_still_makes_one() {
    let service = service().running_polls(1).start().await.unwrap();
    let polling = quick_polls()
        .with_initial_wait(Duration::from_secs(60))
        .with_deadline(Duration::from_millis(200));
    let execution = submit(&client(&service)).await.unwrap().with_polling(polling);
    let error = execution.wait().await.unwrap_err();
    assert!(error.is_deadline(), "{error}");
    assert_says(&error, "1 poll (");
}

#[tokio::test(start_paused = true)]
async fn the_policies_of_the_client_hold_for_an_execution_unless_it_has_others() {
    let service = service().running_polls(3).start().await.unwrap();
    let impatient = quick_polls()
        .with_initial_wait(HOUR)
        .with_max_wait(HOUR)
        .with_deadline(3 * HOUR);
    let client = builder(&service)
        .polling(impatient)
        .streaming(RowsPolicy::default().with_max_row_bytes(10));
    let client = client.timeout(4 * HOUR).build().unwrap();
    let query = ApiUsageQuery::builder().interval(INTERVAL);
    let execution = client.submit(query).await.unwrap();
    let error = execution.wait().await.unwrap_err();
    assert!(error.is_deadline() && error.polls() == 3, "{error:?}");

    let execution = execution.with_polling(quick_polls());
    let error = execution.rows().next().await.unwrap().unwrap_err();
    assert!(error.is_decode(), "{error:?}");
    assert_says(&error, "10 bytes");
    let execution = execution.with_streaming(RowsPolicy::default());
    assert!(execution.rows().next().await.unwrap().is_ok());
}
