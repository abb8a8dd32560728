//! Rows that are streamed: what the caller gets when the answer is odd, cut, or other than before.

use std::{error::Error as _, fmt::Write as _, time::Duration};

use futures_util::TryStreamExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use usage_client::{
    ApiUsageRow, Client, Error, Execution, QueryStatus, Result, RetryPolicy, RowDecoder, RowsPolicy,
};
use usage_sim::{Fault, Simulator};

use crate::{
    CUTS, HANG, HOUR, assert_says, assert_seen, builder, client, count_seen, idle, pass, quick, quick_polls,
    raw::{Asked, Raw, at_once, silence, whole},
    run, seen, service, service_with, submit, token_builder, until_seen,
};

/// All rows until the end, and the error that was the last item, if there was one.
async fn rows_of(execution: &Execution) -> (Vec<ApiUsageRow>, Option<Error>) {
    let mut rows = Vec::new();
    let mut stream = execution.rows();
    loop {
        match stream.try_next().await {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => return (rows, None),
            Err(error) => {
                let end = stream.try_next().await.unwrap();
                assert!(end.is_none(), "an error is the last item");
                return (rows, Some(error));
            }
        }
    }
}

async fn all_rows(client: &Client) -> Result<Vec<ApiUsageRow>> {
    submit(client).await?.rows().try_collect().await
}

/// Rows of a service that answers the results with this text.
async fn rows_of_text(text: impl Into<Vec<u8>>) -> (Vec<ApiUsageRow>, Option<Error>) {
    let fault = Fault::on_results().always().body("application/json", text.into());
    let service = service_with(fault).await;
    rows_of(&submit(&client(&service)).await.unwrap()).await
}

#[tokio::test]
async fn rows_are_those_of_wait_after_running_twice() {
    let service = service().running_polls(2).start().await.unwrap();
    let client = client(&service);
    let execution = submit(&client).await.unwrap();
    let (told, waited) = std::sync::mpsc::channel();
    let execution = execution.on_progress(move |waiting| {
        told.send((waiting.polls, waiting.status.clone())).unwrap();
    });
    let mut streamed = Vec::new();
    let mut rows = execution.rows();
    while let Some(row) = rows.next().await {
        streamed.push(row.unwrap());
    }
    let running = Some(QueryStatus::Running);
    let waited: Vec<_> = waited.try_iter().collect();
    assert_eq!(waited, [(1, running.clone()), (2, running)]);
    assert_seen(
        &service,
        "login 200, submit 200, results 200, results 200, results 200",
    );
    let waited = execution.wait().await.unwrap().into_rows();
    assert!(!streamed.is_empty() && streamed == waited);
}

#[tokio::test]
async fn batches_have_the_rows_of_the_whole_answer_however_large_it_is() {
    for count in [0, 1, 1_000, 20_000] {
        let service = service().rows(count).start().await.unwrap();
        let execution = submit(&client(&service)).await.unwrap();
        let mut rows = Vec::new();
        let mut batches = execution.row_batches();
        while let Some(batch) = batches.try_next().await.unwrap() {
            assert!(!batch.is_empty());
            rows.extend(batch.iter().map(|row| row.to_row()));
        }
        assert!(rows.len() == count as usize && rows == execution.wait().await.unwrap().results.unwrap());
    }
}

#[tokio::test]
async fn rows_of_an_answer_that_says_running_are_neither_lost_nor_doubled() {
    for count in [50, 20_000] {
        let running = Fault::on_results().times(2).query_status("Running");
        let service = service().rows(count).fault(running).start().await.unwrap();
        let rows = all_rows(&client(&service)).await.unwrap();
        assert_eq!(rows.len() as u64, count);
        assert_eq!(rows, run(&client(&service)).await.unwrap().results.unwrap());
    }
}

#[tokio::test]
async fn rows_whose_status_is_failed_unknown_or_missing_end_in_an_error() {
    for count in [50, 20_000] {
        for status in [Some("Failed"), Some("Paused"), None] {
            let fault = Fault::on_results().always().query_status(status);
            let service = service().rows(count).fault(fault).start().await.unwrap();
            let (rows, error) = rows_of(&submit(&client(&service)).await.unwrap()).await;
            let error = error.expect("not all rows are sure to have come");
            assert_eq!(error.is_query_failed(), status == Some("Failed"), "{error:?}");
            assert_eq!(error.is_decode(), status != Some("Failed"), "{error:?}");
            // The status comes after the rows, so all of them may have been read before it.
            assert!(error.execution_id().is_some() && rows.len() as u64 <= count);
            assert_eq!(seen(&service).len(), 3, "{status:?}");
        }
    }
    let (_, error) = rows_of_text(r#"{"results":[{"requests":1}]}"#).await;
    assert!(error.unwrap().is_decode());
}

#[tokio::test]
async fn an_unknown_status_without_rows_is_polled_again() {
    let service = service()
        .running_polls(3)
        .fault(Fault::on_results().query_status("Paused"))
        .fault(Fault::on_results().after(1).query_status(None));
    let service = service.start().await.unwrap();
    assert!(!all_rows(&client(&service)).await.unwrap().is_empty());
    assert_eq!(seen(&service).len(), 6);
}

#[tokio::test]
async fn keys_in_any_order_unknown_values_escapes_and_whitespace_are_read() {
    let text = r#"
        { "queryStatus" : "Complete", "cursors": {"after": [1, {"}": "]"}]}, "total": 12,
          "results" : [ {"new": {"deep": [[], {"results": [{}]}]}, "clientName": "\"Zoë\" \ud83d\ude00\\", "requests": 3},
                        {} , {"requests": null, "clientId": "žluť 🐎"} ] , "more" : null }
        "#;
    let (rows, error) = rows_of_text(text).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].client_name.as_deref(), Some("\"Zoë\" 😀\\"));
    assert_eq!((rows[0].requests, rows[2].requests), (Some(3), None));
    assert_eq!(rows[2].client_id.as_deref(), Some("žluť 🐎"));

    let (rows, error) = rows_of_text(r#"{"results":null,"queryStatus":"Complete"}"#).await;
    assert!(rows.is_empty() && error.is_none(), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_no_answer_ends_in_an_error_after_the_rows_before_it() {
    for (text, rows_before) in [
        (r#"{"results":[{"requests":1}],"queryStatus":"Complete"} x"#, 1),
        (r#"{"results":[{"requests":1}],"queryStatus":"Complete"}{}"#, 1),
        (
            r#"{"results":[{"requests":1},{"requests":"2"}],"queryStatus":"Complete"}"#,
            1,
        ),
        (r#"{"results":[{"requests":1},null],"queryStatus":"Complete"}"#, 1),
        (
            r#"{"results":[{"requests":1}],"results":[],"queryStatus":"Complete"}"#,
            1,
        ),
        (r#"{"results":[{"requests":1}]],"queryStatus":"Complete"}"#, 1),
        (r#"{"results":[{"requests":1},],"queryStatus":"Complete"}"#, 1),
        (r#"{"results":{},"queryStatus":"Complete"}"#, 0),
        (r#"{"results":[{"requests":1}],"queryStatus":7}"#, 1),
        (r#"[{"requests":1}]"#, 0),
        ("<html>", 0),
    ] {
        let (rows, error) = rows_of_text(text).await;
        let error = error.unwrap_or_else(|| panic!("{text}"));
        assert!(error.is_decode(), "{text}: {error:?}");
        assert!(error.execution_id().is_some(), "{text}: {error:?}");
        assert_eq!(rows.len(), rows_before, "{text}");
    }
    let (_, error) =
        rows_of_text(b"{\"results\":[{\"clientId\":\"\xff\"}],\"queryStatus\":\"Complete\"}").await;
    assert!(error.unwrap().to_string().contains("UTF-8"));
}

#[tokio::test]
async fn a_body_cut_at_a_thousand_places_is_resumed_without_a_row_lost_or_doubled() {
    const ROWS: u64 = 150;
    let service = service().rows(ROWS).start().await.unwrap();
    let whole = all_rows(&client(&service)).await.unwrap();
    let client = builder(&service)
        .compression(false)
        .retry(RetryPolicy::default().with_initial_wait(Duration::ZERO))
        .build()
        .unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    for round in 0..1_000 {
        // A reset takes the simulator's time, so it has fewer turns.
        let cut = if round % 50 == 0 {
            Fault::reset_after
        } else {
            CUTS[round % 3]
        };
        let cuts = random.usize(1..3);
        for _ in 0..cuts {
            service.add_fault(cut(Fault::on_results(), random.usize(0..58_000)));
        }
        let rows = all_rows(&client).await;
        let rows = rows.unwrap_or_else(|error| panic!("{round}: {error:?}"));
        assert!(rows == whole, "{round}: {} rows", rows.len());
    }
}

#[tokio::test]
async fn a_large_answer_that_is_cut_late_is_resumed_with_gzip_too() {
    const ROWS: u64 = 20_000;
    let uncut = service().rows(ROWS).start().await.unwrap();
    let whole = all_rows(&client(&uncut)).await.unwrap();
    for (cut, gzip) in [
        (7_000_000, false),
        (400_000, true),
        (1_200_000, false),
        (50, true),
    ] {
        let fault = Fault::on_results().times(2).cut_chunked_after(cut);
        let service = service().rows(ROWS).fault(fault).start().await.unwrap();
        let mut builder = builder(&service);
        if !gzip {
            builder = builder.compression(false);
        }
        assert!(all_rows(&builder.build().unwrap()).await.unwrap() == whole);
        assert_eq!(seen(&service).len(), 5, "cut after {cut}");
    }
}

#[tokio::test]
async fn rows_in_another_order_when_fetched_again_are_an_error_and_no_wrong_row() {
    const ROWS: u64 = 20_000;
    let uncut = service().rows(ROWS).start().await.unwrap();
    let whole = all_rows(&client(&uncut)).await.unwrap();
    for cut in [300_000, 1_000_000, 7_000_000] {
        let service = service()
            .rows(ROWS)
            .fault(Fault::on_results().cut_chunked_after(cut))
            .fault(Fault::on_results().always().after(1).reorder_rows())
            .start()
            .await
            .unwrap();
        let client = builder(&service).compression(false).build().unwrap();
        let (rows, error) = rows_of(&submit(&client).await.unwrap()).await;
        let error = error.expect("the rows are others");
        assert!(error.is_changed() && error.execution_id().is_some(), "{error:?}");
        let are_first = !rows.is_empty() && whole.starts_with(&rows);
        assert!(are_first, "cut after {cut}");
    }
}

#[tokio::test]
async fn fewer_rows_when_fetched_again_are_an_error() {
    let mut long = r#"{"results":[{"requests":0}"#.to_owned();
    for number in 1..20_000 {
        write!(long, r#",{{"requests":{number}}}"#).unwrap();
    }
    let short = r#"{"results":[{"requests":0},{"requests":1}],"queryStatus":"Complete"}"#;
    let long = Fault::on_results().body("application/json", long);
    let service = service_with(long.close_delimited_after(300_000)).await;
    service.add_fault(Fault::on_results().always().body("application/json", short));
    let (rows, error) = rows_of(&submit(&client(&service)).await.unwrap()).await;
    assert!(error.unwrap().is_changed() && rows.len() > 2);
}

#[tokio::test]
async fn without_resuming_a_cut_is_an_error_after_the_rows_that_came() {
    for (cut, at_least) in [(100_000, 200), (2_000_000, 4_000)] {
        for framing in CUTS {
            let fault = framing(Fault::on_results(), cut);
            let service = service().rows(20_000).fault(fault).start().await.unwrap();
            let client = builder(&service).compression(false).build().unwrap();
            let execution = submit(&client).await.unwrap();
            let execution = execution.with_streaming(RowsPolicy::default().with_resume(false));
            let (rows, error) = rows_of(&execution).await;
            let error = error.expect("the rest is missing");
            assert!(error.is_connect(), "{error:?}");
            assert!(rows.len() > at_least, "{}", rows.len());
            assert_eq!(seen(&service).len(), 3);
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_always_cut_ends_when_no_attempt_brings_a_new_row() {
    let fault = Fault::on_results().always().cut_chunked_after(1_000_000);
    let service = service().rows(20_000).fault(fault).start().await.unwrap();
    let client = builder(&service).compression(false).build().unwrap();
    let (rows, error) = rows_of(&submit(&client).await.unwrap()).await;
    let error = error.expect("the rest is missing");
    assert!(error.is_connect() && rows.len() > 2_000, "{error:?}");
    assert_eq!(error.attempts(), 4);
    // A few attempts may have brought rows, fewer each time, before the four that did not.
    assert!((6..=10).contains(&seen(&service).len()), "{:?}", seen(&service));
}

#[tokio::test]
async fn what_else_goes_wrong_when_fetching_again_is_waited_out() {
    let silence = Duration::from_secs(60);
    let service = service()
        .rows(20_000)
        .fault(Fault::on_results().cut_chunked_after(1_000_000))
        .fault(Fault::on_results().after(1).status(503))
        .fault(Fault::on_results().after(2).status(401))
        .fault(Fault::on_results().after(3).stall_body_after(2_000_000))
        .start()
        .await
        .unwrap();
    let stubborn = quick().with_max_attempts(u32::MAX).with_deadline(Duration::MAX);
    let builder = builder(&service).compression(false).read_timeout(silence);
    let client = builder.retry(stubborn).build().unwrap();
    let execution = submit(&client).await.unwrap();
    let execution = execution.with_polling(quick_polls().with_deadline(Duration::MAX));
    let until_silent = async {
        until_seen(&service, "results 200", 2).await;
        // The client's patience begins with its last read, which may still be to come.
        while count_seen(&service, "results 200") < 3 {
            pass(silence).await;
        }
        std::future::pending().await
    };
    let (rows, error) = tokio::select! {
        outcome = rows_of(&execution) => outcome,
        never = until_silent => never,
    };
    assert!(error.is_none() && rows.len() == 20_000, "{error:?}");
    let begin = "login 200, submit 200, results 200, results 503, results 401, login 200, results 200";
    let seen = seen(&service).join(", ");
    let rest = seen.strip_prefix(begin).unwrap_or_else(|| panic!("{seen}"));
    let is_fetched_again = !rest.is_empty() && rest.replace(", results 200", "").is_empty();
    assert!(is_fetched_again, "{seen}");
}

#[tokio::test]
async fn an_error_that_is_no_cut_ends_the_stream_with_what_the_service_said() {
    let service = service_with(Fault::on_results().always().status(403)).await;
    let (rows, error) = rows_of(&submit(&client(&service)).await.unwrap()).await;
    let error = error.unwrap();
    assert!(rows.is_empty() && error.is_permission(), "{error:?}");
    assert!(error.correlation_id().is_some(), "{error:?}");
    let id = client(&service).execution("..");
    assert!(rows_of(&id).await.1.unwrap().is_invalid_request());
}

#[tokio::test]
async fn a_query_that_does_not_end_ends_at_the_deadline() {
    let service = service().running_polls(u32::MAX).start().await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    let execution = execution.with_polling(quick_polls().with_deadline(HOUR));
    let ((rows, error), ()) = tokio::join!(rows_of(&execution), async {
        until_seen(&service, "results", 2).await;
        pass(HOUR).await;
    });
    assert!(rows.is_empty() && error.unwrap().is_deadline());
}

#[tokio::test]
async fn a_row_of_20_megabytes_is_an_error_unless_the_limit_is_set() {
    let text = format!(
        r#"{{"results":[{{"clientName":"{}"}}],"queryStatus":"Complete"}}"#,
        "x".repeat(20 << 20)
    );
    let (rows, error) = rows_of_text(text.clone()).await;
    let error = error.unwrap();
    assert!(rows.is_empty() && error.is_decode(), "{error:?}");
    assert_says(&error, "max_row_bytes");
    assert_says(&error, "1048576");

    let service = service_with(Fault::on_results().body("application/json", text)).await;
    let execution = submit(&client(&service)).await.unwrap();
    let execution = execution.with_streaming(RowsPolicy::default().with_max_row_bytes(32 << 20));
    let (rows, error) = rows_of(&execution).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(rows[0].client_name.as_ref().unwrap().len(), 20 << 20);

    let mut decoder = RowDecoder::new().with_max_row_bytes(10);
    let mut input = &br#"{"results":[{"clientId":"too large"}]}"#[..];
    assert_says(&decoder.decode(&mut input).unwrap_err(), "limit of 10 bytes");
}

/// A service that sends rows without end, and counts what it could send.
async fn endless() -> (String, tokio::sync::watch::Receiver<(usize, bool)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sent, seen) = tokio::sync::watch::channel((0, false));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"results\":[{}";
        stream.write_all(head.as_bytes()).await.unwrap();
        let rows = r#",{"clientId":"someone","requests":1}"#.repeat(1_000);
        while stream.write_all(rows.as_bytes()).await.is_ok() {
            sent.send_modify(|(bytes, _)| *bytes += rows.len());
        }
        sent.send_modify(|(_, closed)| *closed = true);
    });
    (url, seen)
}

#[tokio::test]
async fn rows_that_nobody_reads_hold_up_the_service_and_dropping_the_stream_closes_the_connection() {
    let (url, mut sent) = endless().await;
    let client = token_builder(url).retry(quick()).build().unwrap();
    let execution = client.execution("endless");
    let mut rows = execution.with_polling(quick_polls()).rows();
    assert!(rows.try_next().await.unwrap().is_some());
    idle().await;
    let held = sent.borrow().0;
    // The buffers of both sockets, and a few pieces of ours.
    assert!(held < 32 << 20, "{held} bytes were taken");
    // All that was held and more, so that the service can send on.
    for _ in 0..held / 30 {
        rows.try_next().await.unwrap();
    }
    tokio::time::timeout(HANG, sent.wait_for(|(bytes, _)| *bytes > held))
        .await
        .expect("reading goes on")
        .unwrap();
    drop(rows);
    tokio::time::timeout(HANG, sent.wait_for(|(_, closed)| *closed))
        .await
        .expect("the connection is closed")
        .unwrap();
}

#[tokio::test]
async fn dropping_a_stream_that_waits_stops_the_polling() {
    let service = service().running_polls(u32::MAX).start().await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    let mut rows = execution.rows();
    tokio::select! {
        row = rows.try_next() => panic!("{row:?}"),
        () = until_seen(&service, "results", 2) => {}
    }
    drop(rows);
    let polls = seen(&service).len();
    pass(HOUR).await;
    // One may have been under way.
    assert!(seen(&service).len() <= polls + 1);
}

#[tokio::test]
async fn a_stream_that_was_not_polled_asks_nothing() {
    let service: Simulator = service().start().await.unwrap();
    let execution = submit(&client(&service)).await.unwrap();
    drop(execution.rows());
    drop(execution.row_batches());
    pass(HOUR).await;
    assert_seen(&service, "login 200, submit 200");
}

#[tokio::test(start_paused = true)]
async fn rows_that_began_before_the_deadline_are_fetched_again_after_it() {
    let deadline = Duration::from_millis(200);
    let rows = r#"{"clientId":"a","requests":7},{"clientId":"b"}"#;
    // Too few for a batch, and cut after the deadline.
    let begin = format!("HTTP/1.1 200 X\r\nContent-Length: 999\r\n\r\n{{\"results\":[{rows}");
    let cut = Box::new(at_once(begin).chain([(2 * deadline, Vec::new())]));
    let all = format!("{{\"results\":[{rows}],\"queryStatus\":\"Complete\"}}");
    let raw = Raw::on_first(Asked::Results, cut, move || whole(200, "", &all)).await;
    let polling = quick_polls().with_deadline(deadline);
    let execution = submit(&raw.client()).await.unwrap();
    let (rows, error) = rows_of(&execution.with_polling(polling)).await;
    assert!(rows.len() == 2 && error.is_none(), "{rows:?} {error:?}");
    let expected = [Asked::Login, Asked::Submit, Asked::Results, Asked::Results];
    assert_eq!(raw.asked(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_cut_is_the_cause_if_the_second_response_never_comes() {
    let cut = at_once(*b"HTTP/1.1 200 X\r\nContent-Length: 999\r\n\r\n{\"results\":[{}");
    let raw = Raw::on_first(Asked::Results, cut, silence).await;
    let patient = raw.builder().timeout(HANG / 2).read_timeout(HANG);
    let client = patient.build().unwrap();
    let (_, error) = rows_of(&submit(&client).await.unwrap()).await;
    let error = error.unwrap();
    let cause = error.source().unwrap().downcast_ref::<Error>().unwrap();
    assert!(error.is_timeout() && cause.is_connect(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn no_wait_before_the_first_row_goes_past_the_deadline() {
    let service = service_with(Fault::on_results().always().cut_chunked_after(5)).await;
    let pause = HOUR / 10;
    let patient = quick().with_initial_wait(pause).with_max_wait(pause);
    let client = client(&service).with_retry(patient.with_deadline(HOUR));
    let polling = quick_polls().with_deadline(Duration::from_millis(200));
    let execution = submit(&client).await.unwrap().with_polling(polling);
    let (rows, error) = tokio::time::timeout(HANG, rows_of(&execution)).await.unwrap();
    assert!(rows.is_empty() && error.unwrap().is_deadline());
}
