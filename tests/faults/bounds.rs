//! Bodies that never end, explode or trickle: each ends in an error, after a bounded size and time.
//!
//! The largest resident set of `gc-usage query` against such servers, measured with `/usr/bin/time -v`, is in
//! SECURITY.md.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::TryStreamExt as _;
use usage_client::{Client, Error, PollPolicy, RetryPolicy, RowsPolicy};

use crate::{
    HANG, assert_says,
    raw::{Asked, COMPLETE, Raw, Script, at_once, chunked, gzip, silence, whole},
    run, submit, with_source,
};

const MIB: usize = 1024 * 1024;

fn endless(status: u16, begin: &'static str, piece: Vec<u8>, pause: Duration) -> Script {
    let pieces = std::iter::once(begin.as_bytes().to_vec()).chain(std::iter::repeat(piece));
    chunked(status, "", pause, pieces)
}

/// 64 MiB of spaces behind a beginning, which travel as 64 KiB.
fn bomb(status: u16, begin: &str) -> Script {
    static SPACES: LazyLock<Vec<u8>> = LazyLock::new(|| gzip([&vec![b' '; MIB][..]]));
    let mut body = gzip([begin.as_bytes()]);
    for _ in 0..64 {
        body.extend_from_slice(&SPACES);
    }
    whole(status, "Content-Encoding: gzip\r\n", body)
}

/// A body that stops after its first byte.
fn stalled() -> Script {
    let begin = at_once(*b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{");
    Box::new(begin.chain(silence()))
}

/// Polls at once, until the deadline.
fn until(deadline: Duration) -> PollPolicy {
    PollPolicy::default()
        .with_initial_wait(Duration::ZERO)
        .with_deadline(deadline)
}

async fn stream(client: &Client) -> Result<usize, Error> {
    let rows = submit(client).await?.rows();
    rows.try_fold(0, |count, _| async move { Ok(count + 1) }).await
}

#[tokio::test]
async fn a_body_beyond_its_limit_is_an_error_after_one_request() {
    for (kind, status) in [
        (Asked::Login, 200),
        (Asked::Login, 401),
        (Asked::Login, 503),
        (Asked::Submit, 200),
        (Asked::Submit, 403),
        (Asked::Submit, 503),
        (Asked::Results, 200),
        (Asked::Results, 403),
        (Asked::Results, 500),
    ] {
        for explodes in [false, true] {
            let script = move || match explodes {
                true => bomb(status, "{"),
                false => endless(status, "{", vec![b' '; 64 * 1024], Duration::ZERO),
            };
            let raw = Raw::on(kind, script).await;
            let client = raw.builder().max_result_bytes(4 * MIB).build().unwrap();
            let error = run(&client).await.unwrap_err();
            let case = format!("{kind:?} {status} {explodes}: {error:?}");
            let is_over_limit = with_source(&error).contains("over the limit");
            assert!(error.is_decode() && is_over_limit, "{case}");
            assert_eq!(raw.count(kind), 1, "{:?} {case}", raw.asked());
            // What the sockets hold is sent too.
            assert!(raw.sent() < 16 * MIB, "{} {case}", raw.sent());
        }
    }
}

#[tokio::test]
async fn results_over_the_limit_of_wait_name_the_way_that_has_none() {
    let rows = vec![r#"{"clientId":"a","requests":7}"#; 4_000].join(",");
    let body = format!("{{\"results\":[{rows}],\"queryStatus\":\"Complete\"}}");
    let length = body.len();
    let raw = Raw::on(Asked::Results, move || whole(200, "", &body)).await;
    let client = raw.builder().max_result_bytes(length - 1).build().unwrap();
    let error = run(&client).await.unwrap_err();
    assert_says(&error, "Execution::rows");
    assert_eq!(stream(&client).await.unwrap(), 4_000);
    let client = raw.builder().max_result_bytes(length).build().unwrap();
    assert_eq!(run(&client).await.unwrap().results.unwrap().len(), 4_000);
}

#[tokio::test]
async fn rows_of_an_answer_that_explodes_or_never_ends_without_a_row_end_in_an_error() {
    // Long members, so that the time of reading them does not matter.
    let member = format!(",\"k\":\"{}\"", "v".repeat(8_000));
    for (begin, piece) in [
        ("{", " "),
        ("{\"a\":1", member.as_str()),
        ("{\"results\":[{\"requests\":1},", " "),
        ("{\"results\":[],\"a\":[0", ",0"),
    ] {
        let piece = piece.repeat(64 * 1024 / piece.len()).into_bytes();
        let script = move || endless(200, begin, piece.clone(), Duration::ZERO);
        let raw = Raw::on(Asked::Results, script).await;
        let error = stream(&raw.client()).await.unwrap_err();
        assert!(error.is_decode(), "{begin}: {error:?}");
        assert!(raw.sent() < 40 * MIB, "{begin}: {}", raw.sent());
    }
    let raw = Raw::on(Asked::Results, || bomb(200, "{\"results\":[")).await;
    let error = stream(&raw.client()).await.unwrap_err();
    assert!(error.is_decode(), "{error:?}");
    assert_says(&error, "without a row");
}

#[tokio::test]
async fn json_that_is_nested_deeply_is_survived_in_every_place() {
    let deep = |open: &str| open.repeat(200_000);
    for (kind, status) in [
        (Asked::Login, 200),
        (Asked::Login, 401),
        (Asked::Submit, 200),
        (Asked::Submit, 403),
        (Asked::Results, 200),
        (Asked::Results, 403),
    ] {
        for body in [
            deep("["),
            format!("{{\"results\":{}", deep("[")),
            format!("{{\"results\":[{{\"clientId\":{}", deep("[")),
            format!("{{\"cursors\":{}", deep("{\"a\":")),
            format!("{{\"errors\":[{}", deep("{\"errors\":[")),
            format!("{{\"access_token\":{}", deep("[")),
        ] {
            let raw = Raw::on(kind, move || whole(status, "", &body)).await;
            let client = raw.builder().retry(RetryPolicy::none()).build().unwrap();
            let error = run(&client).await.unwrap_err();
            assert_eq!(error.is_login(), kind == Asked::Login, "{error}");
            let error = stream(&client).await.unwrap_err();
            assert_eq!(error.status().unwrap(), status, "{error:?}");
        }
    }
}

#[tokio::test]
async fn thousands_of_headers_are_an_error_or_read() {
    let headers: String = (0..2_000).map(|n| format!("X-{n}: {n}\r\n")).collect();
    let script = move || whole(200, &headers, COMPLETE);
    let raw = Raw::on(Asked::Results, script).await;
    let client = raw.builder().retry(RetryPolicy::none()).build().unwrap();
    let execution = submit(&client).await.unwrap().with_polling(until(HANG));
    match execution.wait().await {
        Ok(result) => assert_eq!(result.results.unwrap().len(), 1),
        Err(error) => {
            assert!(error.is_decode(), "{error:?}");
            assert_says(&error, "headers");
            assert_eq!(raw.asked(), [Asked::Login, Asked::Submit, Asked::Results]);
        }
    }
}

/// A client that gives up after `limit`, whatever it waits for.
fn impatient(raw: &Raw, limit: Duration) -> Client {
    raw.builder().timeout(limit).read_timeout(limit).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_phase_ends_in_time_however_it_stalls_or_trickles() {
    const TICK: Duration = Duration::from_millis(20);
    let head_trickles: fn() -> Script = || {
        let head = at_once(*b"HTTP/1.1 200 X\r\nX: ");
        Box::new(head.chain(std::iter::repeat((TICK, b"x".to_vec()))))
    };
    let trickles: fn() -> Script = || endless(200, "{\"results\":[{\"requests\":1},", b" ".to_vec(), TICK);
    let members: fn() -> Script = || endless(200, "{\"a\":1", b",\"k\":1".to_vec(), TICK);
    let slow_rows: fn() -> Script = || endless(200, "{\"results\":[{}", b",{}".to_vec(), 5 * TICK);
    let mut cases = Vec::new();
    for (name, script) in [
        ("silent", silence as fn() -> Script),
        ("stalled", stalled),
        ("head trickles", head_trickles),
        ("trickles", trickles),
        ("members", members),
        ("slow rows", slow_rows),
    ] {
        for kind in [Asked::Login, Asked::Submit, Asked::Results] {
            for streamed in [false, true] {
                cases.push(ends_in_time(name, kind, script, streamed));
            }
        }
    }
    // Without limits each would take a minute, or for ever.
    let all = futures_util::future::join_all(cases);
    tokio::time::timeout(HANG / 2, all).await.unwrap();
}

async fn ends_in_time(name: &str, kind: Asked, script: fn() -> Script, streamed: bool) {
    let raw = Raw::on(kind, script).await;
    // All cases run at once. The phases before the one that hangs must fit, on a busy machine too.
    let limit = Duration::from_secs(2);
    let client = impatient(&raw, limit);
    let outcome = async {
        let execution = submit(&client).await?.with_polling(until(limit));
        match streamed {
            false => execution.wait().await.map(drop),
            true => execution.rows().try_for_each(|_| async { Ok(()) }).await,
        }
    };
    let error = outcome.await.unwrap_err();
    let case = format!("{name} {kind:?} {streamed}: {error:?}");
    assert!(error.is_timeout() || error.is_deadline(), "{case}");
    assert_eq!(error.is_login(), kind == Asked::Login, "{case}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_ends_with_the_deadline_and_the_whole_time_too() {
    let short = Duration::from_millis(300);
    for (deadline, whole) in [(short, 10 * HANG), (10 * HANG, short)] {
        let raw = Raw::on(Asked::Results, stalled).await;
        // Long silence is no reason here.
        let builder = raw.builder().read_timeout(HANG).retry(RetryPolicy::none());
        let execution = submit(&builder.build().unwrap()).await.unwrap();
        let execution = execution
            .with_polling(until(deadline))
            .with_streaming(RowsPolicy::default().with_deadline(whole));
        let rows = execution.rows().try_for_each(|_| async { Ok(()) });
        let error = tokio::time::timeout(HANG / 2, rows).await.unwrap().unwrap_err();
        assert_eq!(error.is_deadline(), deadline == short, "{error:?}");
        assert_eq!(error.is_timeout(), whole == short, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_within_its_limits_comes_whole() {
    let rows = [r#"{"clientId":"a","clientName":"A long enough name","requests":7}"#; 200].join(",");
    let body = format!("{{\"results\":[{rows}],\"queryStatus\":\"Complete\"}}");
    let pieces: Vec<_> = body.as_bytes().chunks(2_000).map(<[u8]>::to_vec).collect();
    let script = move || chunked(200, "", Duration::from_millis(20), pieces.clone().into_iter());
    let raw = Raw::on(Asked::Results, script).await;
    let builder = raw.builder().read_timeout(Duration::from_secs(30));
    let client = builder.build().unwrap();
    assert_eq!(stream(&client).await.unwrap(), 200);
    assert_eq!(run(&client).await.unwrap().results.unwrap().len(), 200);
}

#[tokio::test]
async fn rows_that_never_end_end_with_the_whole_time() {
    // One row at a time is too few for a batch, so the reader has none when the time is over. At full speed the service
    // is hardly waited for.
    for (rows, pause) in [
        (200, Duration::from_millis(2)),
        (1, Duration::from_millis(2)),
        (200, Duration::ZERO),
    ] {
        let row = format!(",{{\"clientName\":\"{}\"}}", "n".repeat(100)).into_bytes();
        let script = move || endless(200, "{\"results\":[{}", row.repeat(rows), pause);
        let raw = Raw::on(Asked::Results, script).await;
        let execution = submit(&raw.client()).await.unwrap();
        let policy = RowsPolicy::default().with_deadline(Duration::from_millis(200));
        let stream = execution.with_streaming(policy).rows();
        let error = stream.try_for_each(|_| async { Ok(()) }).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert_says(&error, "0.2 s");
        assert_eq!(raw.asked(), [Asked::Login, Asked::Submit, Asked::Results]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_time_is_up_tells_what_it_waited_for_and_what_it_met() {
    let limit = Duration::from_millis(300);
    let raw = Raw::on(Asked::Login, silence).await;
    let error = submit(&impatient(&raw, limit)).await.unwrap_err();
    assert!(error.is_login(), "{error}");
    assert_says(&error, "waiting for the login");
    let raw = Raw::on(Asked::Submit, silence).await;
    let error = submit(&impatient(&raw, limit)).await.unwrap_err();
    assert!(!error.is_login(), "{error}");
    assert_says(&error, "waiting for the response of 127.0.0.1");

    let raw = Raw::on_first(Asked::Submit, whole(503, "", "{}"), silence).await;
    let error = submit(&impatient(&raw, limit)).await.unwrap_err();
    assert_says(&error, "; attempt 1 failed: the service returned 503");

    let raw = Raw::on_first(Asked::Login, whole(503, "", "{}"), silence).await;
    let patient = raw.builder().timeout(HANG / 2).read_timeout(HANG);
    let error = submit(&patient.build().unwrap()).await.unwrap_err();
    assert!(error.is_login(), "{error}");
    assert_says(&error, "; attempt 1 failed: login failed: 127.0.0.1 returned 503");

    // Refused connections are told, with the attempts, though the time is what ended them.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for login_is_up in [false, true] {
        let raw = Raw::start(|_| None).await;
        let mut builder = raw.builder().base_url(&nowhere).timeout(limit);
        if !login_is_up {
            builder = builder.login_url(&nowhere);
        }
        let patient = builder.retry(RetryPolicy::default().with_max_attempts(99));
        let error = submit(&patient.build().unwrap()).await.unwrap_err();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        assert!(cause.to_string().contains("refused"), "{error:?}");
        assert!(error.attempts() > 0, "{error:?}");
        assert_eq!(error.is_login(), !login_is_up, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_stored_as_it_comes_has_its_time_too() {
    let rows = format!(",{{\"clientName\":\"{}\"}}", "n".repeat(100));
    let rows = rows.repeat(100).into_bytes();
    let fast = move || endless(200, "{\"results\":[{}", rows.clone(), Duration::from_millis(2));
    let slow = || endless(200, "{\"results\":[{}", b" ".to_vec(), Duration::from_millis(20));
    for trickles in [false, true] {
        let fast = fast.clone();
        let script = move || if trickles { slow() } else { fast() };
        let raw = Raw::on(Asked::Results, script).await;
        let limit = Duration::from_millis(200);
        let client = raw.builder().read_timeout(limit).build().unwrap();
        let limit = if trickles { HANG } else { limit };
        let execution = submit(&client).await.unwrap();
        let execution = execution.with_streaming(RowsPolicy::default().with_deadline(limit));
        let mut body = execution.body().await.unwrap();
        let read = async {
            loop {
                match body.chunk().await {
                    Ok(piece) => assert!(piece.is_some()),
                    Err(error) => break error,
                }
            }
        };
        let error = tokio::time::timeout(HANG / 2, read).await.unwrap();
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(error.execution_id(), Some("e-1"));
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_come_a_few_with_each_answer_have_one_whole_time() {
    // Each answer has a batch more than the one before, and is cut. Between them the service is silent.
    let answers = AtomicUsize::new(0);
    let raw = Raw::start(move |asked| {
        if asked != Asked::Results {
            return None;
        }
        let number = answers.fetch_add(1, Ordering::Relaxed);
        if number % 2 == 1 {
            return Some(silence());
        }
        let rows = (0..1_000 * (number + 1)).map(|id| format!("{{\"clientId\":\"{id:0>40}\"}}"));
        let body = format!("{{\"results\":[{}", rows.collect::<Vec<_>>().join(","));
        let head = format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n", 2 * body.len());
        Some(at_once(head + &body))
    })
    .await;
    let builder = raw.builder().read_timeout(Duration::from_millis(200));
    let client = builder.build().unwrap();
    let policy = RowsPolicy::default().with_deadline(Duration::from_secs(1));
    let execution = submit(&client).await.unwrap().with_streaming(policy);
    let rows = execution.rows().try_for_each(|_| async { Ok(()) });
    let error = tokio::time::timeout(HANG / 2, rows).await.unwrap().unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_says(&error, "longer than 1 s");
    // Each silence takes a fifth of the time, so there are five at most.
    assert!(raw.count(Asked::Results) <= 12, "{:?}", raw.asked());
}

#[tokio::test]
async fn a_body_that_is_stored_never_goes_on_without_a_row() {
    let raw = Raw::on(Asked::Results, || bomb(200, "{\"results\":[")).await;
    let execution = submit(&raw.client()).await.unwrap();
    let mut body = execution.body().await.unwrap();
    let mut length = 0;
    let error = loop {
        match body.chunk().await {
            Ok(piece) => length += piece.unwrap().len(),
            Err(error) => break error,
        }
    };
    assert!(
        error.to_string().contains("without a row") && length < 20 * MIB,
        "{length} {error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn limits_beyond_the_clock_are_no_limits() {
    let script = || chunked(200, "", Duration::from_millis(20), [COMPLETE.into()].into_iter());
    let raw = Raw::on(Asked::Results, script).await;
    let builder = raw.builder().timeout(Duration::MAX).read_timeout(Duration::MAX);
    let client = builder.connect_timeout(Duration::MAX).build().unwrap();
    let policy = RowsPolicy::default().with_deadline(Duration::MAX);
    let execution = submit(&client).await.unwrap().with_streaming(policy);
    assert_eq!(execution.rows().try_collect::<Vec<_>>().await.unwrap().len(), 1);
    assert_eq!(run(&client).await.unwrap().results.unwrap().len(), 1);
}
