//! More connections than are served at once.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use usage_sim::Simulator;

use crate::support::{End, FEBRUARY, HOUR, builder, connect, raw};

/// A submit on a connection that stays open.
fn keep_alive() -> String {
    format!(
        "POST /api/v2/usage/query HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer fixed\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{FEBRUARY}",
        FEBRUARY.len()
    )
}

/// Sends a request; returns what came until now, and the connection, still open on this side.
async fn ask(sim: &Simulator) -> (String, TcpStream) {
    let mut stream = connect(sim).await;
    stream.write_all(keep_alive().as_bytes()).await.unwrap();
    let mut all = Vec::new();
    while !all.ends_with(b"}") {
        assert!(stream.read_buf(&mut all).await.unwrap() > 0);
    }
    (String::from_utf8(all).unwrap(), stream)
}

/// Asks until there is room: the simulator learns of a connection that ended a moment after it did.
async fn served_again(sim: &Simulator) {
    for _ in 0..1_000 {
        if ask(sim).await.0.starts_with("HTTP/1.1 200 ") {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the connections that ended made no room");
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_refused_politely() {
    let sim = builder().max_connections(2).start().await.unwrap();
    let (first, one) = ask(&sim).await;
    let (second, two) = ask(&sim).await;
    assert!(first.starts_with("HTTP/1.1 200 ") && second.starts_with("HTTP/1.1 200 "));

    // A body that is read to its end before the connection is closed: nothing is lost in a reset.
    let large = format!(
        "POST /oauth/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 16000000\r\n\r\n{}",
        "x".repeat(16_000_000)
    );
    for request in [keep_alive(), large] {
        let (head, body, end) = raw(&sim, &request).await;
        let head = head.to_lowercase();
        assert!(head.starts_with("http/1.1 503 "), "{head}");
        for line in [
            "connection: close",
            "retry-after: 1",
            "content-type: application/json",
        ] {
            assert!(head.lines().any(|other| other == line), "{line} is not in {head}");
        }
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["code"], "service.unavailable");
        assert_eq!(body["status"], 503);
        let message = "The simulator serves 2 connections at once, and has as many. Try again";
        assert_eq!(body["message"], message);
        let line = format!("inin-correlation-id: {}", body["contextId"].as_str().unwrap());
        assert!(head.lines().any(|other| other == line), "{head}");
        assert_eq!(end, End::Closed);
    }
    assert_eq!(sim.requests().len(), 2);

    drop((one, two));
    served_again(&sim).await;
}

#[tokio::test]
async fn of_many_connections_at_once_the_limit_is_served_and_the_others_are_refused() {
    let sim = builder().max_connections(4).start().await.unwrap();
    let address = sim.url();
    let mut clients = JoinSet::new();
    for _ in 0..300 {
        let address = address.strip_prefix("http://").unwrap().to_owned();
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(keep_alive().as_bytes()).await.unwrap();
            let mut line = vec![0; 12];
            stream.read_exact(&mut line).await.unwrap();
            (String::from_utf8(line).unwrap(), stream)
        });
    }
    let answered = clients.join_all().await;
    let count = |line: &str| answered.iter().filter(|(other, _)| other == line).count();
    assert_eq!((count("HTTP/1.1 200"), count("HTTP/1.1 503")), (4, 296));
    assert_eq!(sim.requests().len(), 4);

    drop(answered);
    served_again(&sim).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_beyond_the_limit_that_says_nothing_is_closed() {
    let sim = builder().max_connections(1).start().await.unwrap();
    let _first = connect(&sim).await;
    // So many that each of them needs the place of another to be refused.
    let mut silent = Vec::new();
    let begun = Instant::now();
    for _ in 0..300 {
        silent.push(connect(&sim).await);
    }
    for mut stream in silent {
        assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 0);
    }
    // By the clock of the test.
    assert!(begun.elapsed() < HOUR / 4, "{:?}", begun.elapsed());
    assert_eq!(sim.requests().len(), 0);
}
