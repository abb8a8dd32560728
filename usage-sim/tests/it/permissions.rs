//! What a token may do, and what is no longer there.

use serde_json::Value;
use usage_sim::{Fault, Simulator};

use crate::support::{
    JOBS, QUERY, SEARCH, WALLBOARD, builder, code, faulty, get, of_client, post, submitted,
};

const MARCH: &str = r#"{"interval":"2024-03-01/2024-03-31"}"#;

/// Which of the submits are allowed: the organization's old one, the client's, search, and both kinds of jobs.
async fn allowed(sim: &Simulator) -> [bool; 5] {
    let [old_client, client_jobs] = of_client(WALLBOARD);
    let mut allowed = [false; 5];
    for (allowed, path) in allowed
        .iter_mut()
        .zip([QUERY, &old_client, SEARCH, JOBS, &client_jobs])
    {
        let response = post(sim, path, MARCH).await;
        *allowed = response.status() == 200;
        if !*allowed {
            assert_eq!(code(response, 403).await, "missing.any.permissions", "{path}");
        }
    }
    allowed
}

#[tokio::test]
async fn each_permission_allows_its_operations() {
    for (permission, expected) in [
        ("oauth:client:view", [true, true, true, false, false]),
        ("usage:organization:view", [true, false, false, true, false]),
        ("usage:client:view", [false, true, false, false, true]),
        ("usage:simpleSearch:view", [false, false, true, false, false]),
        ("routing:queue:view", [false; 5]),
    ] {
        let sim = builder().permissions([permission]).start().await.unwrap();
        assert_eq!(allowed(&sim).await, expected, "{permission}");
    }
    let sim = builder().start().await.unwrap();
    assert_eq!(allowed(&sim).await, [true; 5]);
}

#[tokio::test]
async fn a_403_names_the_permissions_of_what_was_asked() {
    let sim = builder()
        .permissions(["oauth:client:view"])
        .start()
        .await
        .unwrap();
    let body: Value = post(&sim, JOBS, MARCH).await.json().await.unwrap();
    let message = body["message"].as_str().unwrap();
    assert!(message.ends_with("[usage:organization:view]"), "{message}");
    // A fault that only has the status names them too.
    let sim = faulty([Fault::on_any().status(403)]).await;
    let body: Value = post(&sim, QUERY, MARCH).await.json().await.unwrap();
    let message = body["message"].as_str().unwrap();
    assert!(
        message.ends_with("[oauth:client:view, usage:organization:view]"),
        "{message}"
    );
}

#[tokio::test]
async fn retired_operations_are_gone_and_jobs_stay() {
    for status in [404, 410] {
        let sim = builder().retired(status).start().await.unwrap();
        let [old_client, client_jobs] = of_client(WALLBOARD);
        for path in [QUERY, &old_client, SEARCH] {
            let response = post(&sim, path, MARCH).await;
            let expected = if status == 404 { "not.found" } else { "gone" };
            assert_eq!(code(response, status).await, expected, "{path}");
        }
        for path in [JOBS, &client_jobs] {
            assert_eq!(get(&submitted(&sim, path, MARCH).await).await.status(), 200);
        }
    }
}
