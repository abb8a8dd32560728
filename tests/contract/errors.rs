//! Errors: every documented one is typed, and every other keeps its status.

use std::time::Duration;

use httpmock::MockServer;
use serde_json::Value;
use usage_client::{Credentials, Error, RetryPolicy, types::ErrorBody};

use crate::{
    calls::{call, operations, results},
    client, client_of, document,
};

const JSON: &str = "application/json";

/// What an operation makes of one answer.
async fn outcome(operation: &str, status: u16, content_type: &str, body: &str) -> Result<(), Error> {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.any_request();
        then.status(status)
            .header("content-type", content_type)
            .header("ININ-Correlation-Id", "corr-1")
            .body(body);
    });
    let outcome = call(&client(&server), operation).await;
    mock.assert();
    outcome
}

#[tokio::test]
async fn every_documented_success_is_taken_and_so_are_its_neighbours() {
    for (operation, value) in document::operations() {
        for (documented, examples) in document::documented_successes(value) {
            let neighbours = [documented, 200, 201, 202, 206, 299];
            // An answer without a body has no example.
            let bodies = examples.iter().map(|example| example.to_string());
            let bodies: Vec<_> = bodies.chain(examples.is_empty().then(String::new)).collect();
            for (body, status) in bodies
                .iter()
                .flat_map(|body| neighbours.map(|status| (body, status)))
            {
                let taken = outcome(operation, status, JSON, body).await;
                taken.unwrap_or_else(|error| {
                    panic!("{operation}: {status} with an example of {documented}: {error:?}")
                });
            }
        }
    }
}

#[tokio::test]
async fn every_documented_error_is_typed() {
    for (operation, value) in document::operations() {
        let errors = document::documented_errors(value);
        for status in [401, 403, 429] {
            assert!(
                errors.iter().any(|(documented, _)| *documented == status),
                "`{operation}` documents no {status}, which the service answers to any call: add it to its responses in \
                 openapi/usage.yaml"
            );
        }
        for (status, example) in errors {
            let error = outcome(operation, status, JSON, &example.to_string())
                .await
                .unwrap_err();
            let body: ErrorBody = serde_json::from_value(example.clone()).unwrap();
            assert_eq!(error.status().unwrap(), status);
            assert_eq!(error.body(), Some(&body));
            assert_eq!(error.code(), example["code"].as_str());
            assert_eq!(error.correlation_id(), Some("corr-1"));
            assert_eq!(error.attempts(), 1);
            let text = error.to_string();
            assert!(text.contains(example["message"].as_str().unwrap()), "{text}");
        }
    }
}

#[tokio::test]
async fn the_predicates_tell_the_documented_errors_apart() {
    type Predicate = fn(&Error) -> bool;
    let predicates: [(u16, Predicate); 4] = [
        (401, Error::is_auth),
        (403, Error::is_permission),
        (404, Error::is_not_found),
        (429, Error::is_rate_limited),
    ];
    for (status, _) in predicates {
        let error = outcome("postUsageQuery", status, JSON, "{}").await.unwrap_err();
        for (of, is) in predicates {
            assert_eq!(is(&error), of == status, "{of} on {status}");
        }
    }
}

#[tokio::test]
async fn a_403_names_the_permissions_of_the_operation_unless_the_service_does() {
    for (operation, value) in document::operations() {
        let needed = &value["x-inin-requires-permissions"];
        assert_eq!(needed["type"], "ANY", "{operation}");
        let permissions = needed["permissions"].as_array().unwrap();
        let permissions: Vec<_> = permissions.iter().filter_map(Value::as_str).collect();
        let advice = format!("; the client's role needs {}", permissions.join(" or "));
        let body = r#"{"code":"missing.permissions"}"#;
        let error = outcome(operation, 403, JSON, body).await.unwrap_err();
        assert!(error.to_string().ends_with(&advice), "{operation}: {error}");
        let body = r#"{"message":"The permission [other:thing:view] is missing."}"#;
        let error = outcome(operation, 403, JSON, body).await.unwrap_err();
        assert!(!error.to_string().contains("role needs"), "{operation}: {error}");
    }
}

/// How often an operation is sent if the service responds with an internal error of this code each time.
async fn sent_after_500(operation: &str, code: &str) -> usize {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.any_request();
        then.status(500)
            .header("content-type", JSON)
            .body(format!(r#"{{"code":"{code}"}}"#));
    });
    let retry = RetryPolicy::default()
        .with_max_attempts(2)
        .with_initial_wait(Duration::from_millis(1));
    let client = client(&server).with_retry(retry);
    let error = call(&client, operation).await.unwrap_err();
    assert_eq!(error.code(), Some(code), "{operation}: {error}");
    mock.calls()
}

#[tokio::test]
async fn an_internal_error_is_repeated_only_where_the_document_says_so() {
    for (operation, value) in document::operations() {
        let retries = value["x-retry-internal-error"].as_bool().unwrap();
        let expected = if retries { 2 } else { 1 };
        assert_eq!(
            sent_after_500(operation, "internal.server.error").await,
            expected,
            "{operation}"
        );
        let is_final = value["x-final-internal-errors"].as_array();
        for code in is_final.into_iter().flatten() {
            let sent = sent_after_500(operation, code.as_str().unwrap()).await;
            assert_eq!(sent, 1, "{operation}: {code}");
        }
    }
    assert_eq!(
        sent_after_500(
            "getUsageSimplesearchExecutionIdResults",
            "max.response.size.reached"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn an_undocumented_answer_keeps_its_status() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    for (status, content_type, body, part) in [
        (
            502,
            "text/html",
            page,
            "502 Bad Gateway with the text \"502 Bad Gateway\"",
        ),
        (503, "text/html", page, "503 Service Unavailable with the text"),
        (503, "text/plain", "", "503 Service Unavailable with no text"),
        (500, JSON, r#"{"message":"cut he"#, "500 Internal Server Error"),
        (418, JSON, "{}", "418"),
        (302, "text/html", "", "302 Found"),
    ] {
        for operation in operations() {
            let error = outcome(operation, status, content_type, body).await.unwrap_err();
            assert_eq!(error.status().unwrap(), status, "{error}");
            assert!(error.to_string().contains(part), "{error}");
            assert_eq!(error.body(), None);
            assert_eq!(error.correlation_id(), Some("corr-1"));
        }
    }
}

#[tokio::test]
async fn a_success_without_the_documented_body_is_an_error_with_its_status() {
    for (operation, value) in document::operations() {
        let successes = document::documented_successes(value);
        if successes.iter().all(|(_, examples)| examples.is_empty()) {
            continue;
        }
        let error = outcome(operation, 204, "text/plain", "").await.unwrap_err();
        assert_eq!(error.status().unwrap(), 204, "{error}");
        assert!(error.to_string().contains("204 No Content"), "{error}");
    }
}

#[tokio::test]
async fn a_200_that_is_not_the_promised_json_is_an_error_with_its_status() {
    for (content_type, body, reason) in [
        (JSON, r#"{"results":[{"requests":1}"#, "ends early"),
        (JSON, "", "no body"),
        ("text/html", "<html>Please log in</html>", "it is a web page"),
        (
            JSON,
            r#"{"results":"none"}"#,
            "`results`: invalid type: string \"none\", expected a sequence (at byte 16)",
        ),
        (
            JSON,
            r#"{"queryStatus":"Running"} trailing"#,
            "something follows its end",
        ),
    ] {
        let error = outcome("getUsageQueryExecutionIdResults", 200, content_type, body)
            .await
            .unwrap_err();
        assert!(error.is_decode(), "{error}");
        assert_eq!(error.status().unwrap(), 200);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn no_body_and_no_token_is_in_display_or_debug() {
    // Of a field that cannot be read the value is told, but no word that is as long as a token.
    let secret = "s3cr3t-payload-s3cr3t-payload-s3cr3t-payload";
    for (status, body) in [
        (200, format!(r#"{{"results":"{secret}"}}"#)),
        (400, format!(r#"{{"entityId":"{secret}"}}"#)),
    ] {
        let outcome = outcome("getUsageQueryExecutionIdResults", status, JSON, &body).await;
        let error = outcome.unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains(secret), "{shown}");
        assert!(!shown.contains("test-token"), "{shown}");
    }
}

#[tokio::test]
async fn nobody_listening_is_a_connect_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = client_of(url, Credentials::access_token("test-token"));
    let error = results(&client, "one").await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert_eq!(error.status(), None);
}

#[test]
fn the_documented_examples_are_the_service_s_error_shape() {
    for (_, operation) in document::operations() {
        for (status, example) in document::documented_errors(operation) {
            assert!(document::validator("ErrorBody").is_valid(example), "{status}");
            assert_eq!(example["status"], Value::from(status));
        }
    }
}
