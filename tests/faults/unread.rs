//! Streams that nobody reads: what they hold, and that the service is not taken for a slow one.

use std::{sync::mpsc, thread, time::Duration};

use futures_util::TryStreamExt as _;
use tokio::runtime::{Builder, Runtime};
use usage_client::{RowBatches, RowsPolicy};
use usage_sim::Simulator;

use crate::{
    HANG, HOUR, client, count_seen, idle, pass,
    raw::{Asked, Raw, whole},
    service, submit,
};

const ROWS: u64 = 20_000;

/// Runs the test on its own thread, and fails if it does not end.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let thread = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    if let Err(mpsc::RecvTimeoutError::Timeout) = is_done.recv_timeout(HANG) {
        panic!("it does not end");
    }
    thread.join().unwrap();
}

/// A service in its own runtime, so that it outlives the runtime of the client.
fn served() -> (Runtime, Simulator) {
    let runtime = Runtime::new().unwrap();
    let simulator = runtime.block_on(service().rows(ROWS).start()).unwrap();
    (runtime, simulator)
}

/// A stream, and how many rows its first batch had. That batch was read.
async fn begun(service: &Simulator) -> (RowBatches, usize) {
    let mut batches = submit(&client(service)).await.unwrap().row_batches();
    let rows = batches.try_next().await.unwrap().unwrap().len();
    (batches, rows)
}

#[test]
fn a_runtime_is_dropped_though_a_stream_of_it_is_held() {
    for builder in [Builder::new_current_thread, Builder::new_multi_thread] {
        ends(move || {
            let (_alive, service) = served();
            let runtime = builder().enable_all().build().unwrap();
            let mut streams = Vec::new();
            for read in 1..=8 {
                let (mut stream, _) = runtime.block_on(begun(&service));
                for _ in 1..read {
                    runtime.block_on(stream.try_next()).unwrap();
                }
                streams.push(stream);
            }
            drop(runtime);
            // Rows that came before may still be read. Then there is an error, not the end of the stream.
            for mut stream in streams {
                let runtime = Builder::new_current_thread().build().unwrap();
                let outcome = runtime.block_on(async {
                    while stream.try_next().await?.is_some() {}
                    Ok(())
                });
                let error: usage_client::Error = outcome.unwrap_err();
                assert!(error.is_connect(), "{error:?}");
            }
        });
    }
}

#[test]
fn unread_streams_leave_a_pool_of_one_thread_to_others_and_are_read_in_turns() {
    for builder in [Builder::new_current_thread, Builder::new_multi_thread] {
        ends(move || {
            let (_alive, service) = served();
            let runtime = builder().enable_all().max_blocking_threads(1).build().unwrap();
            runtime.block_on(async {
                let mut streams = Vec::new();
                for _ in 0..4 {
                    streams.push(begun(&service).await);
                }
                // As a name that is looked up.
                assert_eq!(tokio::task::spawn_blocking(|| 7).await.unwrap(), 7);
                let mut is_open = true;
                while is_open {
                    is_open = false;
                    for (stream, rows) in &mut streams {
                        if let Some(batch) = stream.try_next().await.unwrap() {
                            *rows += batch.len();
                            is_open = true;
                        }
                    }
                }
                assert!(streams.iter().all(|(_, rows)| *rows as u64 == ROWS));
            });
            assert_eq!(count_seen(&service, "results 200"), 4);
        });
    }
}

#[tokio::test]
async fn time_in_which_nobody_reads_is_not_the_service_s() {
    let row = format!("{{\"clientName\":\"{}\"}}", "n".repeat(100));
    let rows = vec![row; 60_000].join(",");
    let body = format!("{{\"results\":[{rows}],\"queryStatus\":\"Complete\"}}");
    let raw = Raw::on(Asked::Results, move || whole(200, "", &body)).await;
    let builder = raw.builder().read_timeout(Duration::from_millis(500));
    let execution = submit(&builder.build().unwrap()).await.unwrap();
    let policy = RowsPolicy::default().with_resume(false).with_deadline(HOUR / 2);
    let mut batches = execution.with_streaming(policy).row_batches();
    let mut rows = batches.try_next().await.unwrap().unwrap().len();
    // Until the buffers on the way are full.
    idle().await;
    pass(HOUR).await;
    while let Some(batch) = batches.try_next().await.unwrap() {
        rows += batch.len();
    }
    assert_eq!(rows, 60_000);
    assert_eq!(raw.asked(), [Asked::Login, Asked::Submit, Asked::Results]);
}
