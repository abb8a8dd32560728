//! Which hosts a request may name, and how much of requests is kept.

use serde_json::Value;

use crate::support::{builder, raw};

/// A request with these `Host` headers, each with its line end.
fn post(path: &str, hosts: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\n{hosts}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

const SUBMIT: &str = "/api/v2/usage/query";
const LOGIN: &str = "/oauth/token";

#[tokio::test]
async fn a_host_that_is_not_this_one_is_refused() {
    let sim = builder().host("genesys.test").start().await.unwrap();
    for host in [
        "evil.example",
        "rebind.evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "xlocalhost",
        "0.0.0.0:1",
        "10.0.0.1",
        "[::2]:1",
        "a b",
        "",
    ] {
        let header = format!("host: {host}\r\n");
        let twice = format!("host: localhost\r\n{header}");
        for request in [
            post(SUBMIT, &header, ""),
            post(LOGIN, &header, ""),
            post(SUBMIT, &twice, ""),
        ] {
            let (head, body, _) = raw(&sim, &request).await;
            assert!(head.starts_with("HTTP/1.1 4"), "{host}: {head}");
            // What cannot be a request at all is refused without a body.
            if head.starts_with("HTTP/1.1 421") {
                let body: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(body["code"], "bad.host", "{host}: {body}");
            }
        }
    }
    let (head, ..) = raw(
        &sim,
        "GET http://evil.example/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(head.starts_with("HTTP/1.1 421"), "{head}");
}

#[tokio::test]
async fn this_host_is_served_under_each_of_its_names() {
    let sim = builder().host("genesys.test").start().await.unwrap();
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:9",
        "127.9.9.9",
        "[::1]:80",
        "Genesys.Test:443",
    ] {
        let (head, ..) = raw(&sim, &post(LOGIN, &format!("host: {host}\r\n"), "")).await;
        // Not logged in, but asked.
        assert!(head.starts_with("HTTP/1.1 400"), "{host}: {head}");
    }
}

#[tokio::test]
async fn requests_are_kept_within_the_limit() {
    let sim = builder().max_recorded_bytes(2_000_000).start().await.unwrap();
    let body = "x".repeat(500_000);
    for number in 0..20 {
        let request = post(&format!("/{number}"), "host: localhost\r\n", &body);
        let (head, ..) = raw(&sim, &request).await;
        assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    }
    let seen = sim.requests();
    let paths: Vec<_> = seen.iter().map(|seen| &*seen.path).collect();
    assert_eq!(paths, ["/17", "/18", "/19"]);
    assert!(
        seen.iter()
            .all(|seen| seen.status == Some(401) && seen.body.len() == body.len())
    );
}
