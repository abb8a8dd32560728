//! Bodies that end early, or never.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use usage_client::RetryPolicy;
use usage_sim::Fault;

use crate::{
    CUTS, HOUR, assert_says, assert_seen, builder, client, count_seen, pass, quick, run, seen, service,
    service_with, submit, token_builder, until_seen,
};

#[tokio::test]
async fn a_body_cut_anywhere_is_fetched_again_however_it_was_framed() {
    let whole = run(&client(&service().start().await.unwrap())).await.unwrap();
    let length = serde_json::to_vec(&whole).unwrap().len();
    let reset = Fault::reset_after as fn(Fault, usize) -> Fault;
    for (framing, cut) in CUTS.into_iter().chain([reset]).enumerate() {
        let edges = (0..length)
            .step_by(37)
            .chain([1, 2, 11, 12, length - 20, length - 1]);
        for at in edges {
            let service = service_with(cut(Fault::on_results(), at)).await;
            let result = run(&builder(&service).compression(false).build().unwrap()).await;
            let result = result.unwrap_or_else(|error| panic!("{framing} {at}: {error:?}"));
            assert_eq!(result, whole, "framing {framing}, cut after {at}");
            let seen = seen(&service);
            assert_eq!(seen.len(), 4, "framing {framing}, cut after {at}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn a_gzip_body_cut_anywhere_is_fetched_again_too() {
    let whole = run(&client(&service().start().await.unwrap())).await.unwrap();
    for cut in CUTS {
        for at in [0, 1, 10, 11, 40, 150] {
            let service = service_with(cut(Fault::on_results(), at)).await;
            assert_eq!(run(&client(&service)).await.unwrap(), whole, "cut after {at}");
            assert_eq!(seen(&service).len(), 4, "cut after {at}");
        }
    }
}

#[tokio::test]
async fn a_cut_answer_to_a_submit_is_submitted_again() {
    let service = service_with(Fault::on_submit().cut_body_after(10)).await;
    run(&client(&service)).await.unwrap();
    assert_eq!(count_seen(&service, "submit"), 2, "{:?}", seen(&service));
}

#[tokio::test]
async fn a_body_that_is_always_cut_is_an_error_never_an_empty_result() {
    for cut in CUTS {
        for at in [0, 15] {
            let service = service_with(cut(Fault::on_submit().always(), at)).await;
            let error = submit(&client(&service)).await.unwrap_err();
            assert!(error.is_connect(), "{error:?}");
            assert_eq!(error.attempts(), 4);
        }
    }
}

#[tokio::test]
async fn an_empty_body_that_only_the_close_ends_is_no_success() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
                .await;
        }
    });
    let client = token_builder(url).retry(quick()).build().unwrap();
    let error = submit(&client).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert_eq!(error.attempts(), 4);
}

#[tokio::test]
async fn a_stalled_body_is_given_up_and_fetched_again() {
    let service = service_with(Fault::on_results().stall_body_after(20)).await;
    let silence = Duration::from_secs(10);
    let client = builder(&service).read_timeout(silence).build().unwrap();
    let (result, ()) = tokio::join!(run(&client), async {
        until_seen(&service, "results 200", 1).await;
        pass(silence).await;
    });
    result.unwrap();
    assert_seen(&service, "login 200, submit 200, results 200, results 200");
}

#[tokio::test]
async fn a_silent_service_is_a_timeout() {
    let service = service_with(Fault::on_submit().always().delay(HOUR)).await;
    let silence = Duration::from_secs(30);
    let impatient = builder(&service).read_timeout(silence);
    let client = impatient.retry(RetryPolicy::none()).build().unwrap();
    let (submitted, ()) = tokio::join!(submit(&client), async {
        until_seen(&service, "submit", 1).await;
        pass(silence).await;
    });
    let error = submitted.unwrap_err();
    assert!(error.is_timeout() && !error.is_deadline(), "{error:?}");
}

#[tokio::test]
async fn a_whole_call_has_its_time_with_all_attempts() {
    let patient = quick().with_max_attempts(u32::MAX).with_deadline(Duration::MAX);
    let whole = HOUR;

    // Every attempt fails: that is what is told, whether or not the last was cut off under way.
    let failing = service_with(Fault::on_submit().always().status(503)).await;
    let client = builder(&failing).retry(patient.clone()).timeout(whole);
    let client = client.build().unwrap();
    let (submitted, ()) = tokio::join!(submit(&client), async {
        until_seen(&failing, "submit 503", 3).await;
        pass(whole).await;
    });
    let error = submitted.unwrap_err();
    assert!(error.attempts() > 1, "{error:?}");
    assert_says(&error, "503");

    // An attempt that is silent, though not for as long as the read time-out, is cut off.
    let silent = service_with(Fault::on_submit().always().delay(2 * whole)).await;
    let client = builder(&silent)
        .retry(patient)
        .timeout(whole)
        .read_timeout(2 * whole);
    let client = client.build().unwrap();
    let (submitted, ()) = tokio::join!(submit(&client), async {
        until_seen(&silent, "submit", 1).await;
        pass(whole).await;
    });
    let error = submitted.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_says(&error, "longer than 3600 s");
}

#[tokio::test]
async fn a_body_as_it_is_comes_whole_or_ends_in_an_error() {
    let text = r#"{"new": [1, 2], "results": [{"requests": 7}], "queryStatus": "Complete"}"#;
    for framing in [None].into_iter().chain(CUTS.map(Some)) {
        let fault = Fault::on_results().body("application/json", text);
        let fault = match framing {
            Some(cut) => cut(fault, 40),
            None => fault,
        };
        let service = service_with(fault).await;
        let client = builder(&service).compression(false).build().unwrap();
        let mut body = submit(&client).await.unwrap().body().await.unwrap();
        let mut read = Vec::new();
        let outcome = loop {
            match body.chunk().await {
                Ok(Some(chunk)) => read.extend_from_slice(&chunk),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        match outcome {
            None => assert!(framing.is_none() && read == text.as_bytes()),
            Some(error) => assert!(
                framing.is_some() && error.is_connect() && error.execution_id().is_some(),
                "{error:?}"
            ),
        }
    }
}
