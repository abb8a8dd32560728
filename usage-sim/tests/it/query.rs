//! What a submit is checked for.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use usage_sim::Simulator;

use crate::support::{FEBRUARY, builder, get, http, submit};

async fn refused(response: Response) -> (u16, Value) {
    let correlation = response.headers()["inin-correlation-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["contextId"], correlation);
    assert_eq!(body["status"], status);
    (status, body)
}

async fn send(sim: &Simulator, method: Method, path: &str, content_type: &str, body: &str) -> Response {
    let request = http()
        .request(method, format!("{}{path}", sim.url()))
        .bearer_auth("fixed");
    request
        .header("content-type", content_type)
        .body(body.to_owned())
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_accepted_query_has_an_id_and_a_path_to_its_results() {
    let sim = builder().start().await.unwrap();
    let answer = submit(&sim, FEBRUARY).await;
    assert_eq!(answer.headers()["inin-ratelimit-allowed"], "1000000");
    assert_eq!(answer.headers()["inin-ratelimit-count"], "1");
    assert!(answer.headers().contains_key("inin-ratelimit-reset"));
    assert_eq!(answer.headers()["content-type"], "application/json");
    let handle: Value = answer.json().await.unwrap();
    let id = handle["executionId"].as_str().unwrap();
    assert_eq!(id.len(), 36);
    assert_eq!(handle["resultsUri"], format!("/api/v2/usage/query/{id}/results"));
}

#[tokio::test]
async fn bad_bodies_are_refused_with_the_code_that_fits() {
    let sim = builder().start().await.unwrap();
    let bodies = [
        ("", "bad.request"),
        ("{", "bad.request"),
        ("[]", "bad.request"),
        ("{}", "invalid.date"),
        (r#"{"interval":null}"#, "bad.request"),
        (r#"{"interval":"yesterday"}"#, "invalid.date"),
        (r#"{"interval":"2020-02-28/2020-02-01"}"#, "invalid.date"),
        (r#"{"interval":5}"#, "bad.request"),
    ];
    let members = [
        (r#""granularity":"day""#, "invalid.value"),
        (r#""granularity":["Day"]"#, "bad.request"),
        (r#""groupBy":"UserId""#, "bad.request"),
        (r#""groupBy":[1]"#, "bad.request"),
        (r#""groupby":["UserId"]"#, "invalid.property"),
        (r#""granularity":null"#, "bad.request"),
        (r#""groupBy":null"#, "bad.request"),
        (r#""metrics":null"#, "bad.request"),
        (r#""groupBy":["OauthClientId"]"#, "invalid.value"),
        (r#""metrics":["Status404"]"#, "invalid.value"),
    ];
    let bodies = bodies.map(|(body, code)| (body.to_owned(), code));
    let with_interval =
        members.map(|(member, code)| (format!(r#"{{"interval":"2020-02/2020-02",{member}}}"#), code));
    for (body, code) in bodies.into_iter().chain(with_interval) {
        let (status, error) = refused(submit(&sim, &body).await).await;
        assert_eq!((status, error["code"].as_str().unwrap()), (400, code), "{body}");
    }
}

#[tokio::test]
async fn an_invalid_value_tells_the_field_and_what_is_allowed() {
    let sim = builder().start().await.unwrap();
    let body = r#"{"interval":"2020-02/2020-02","granularity":"Hour"}"#;
    let (_, error) = refused(submit(&sim, body).await).await;
    let message =
        "Value [Hour] is not valid for field type [Granularity]. Allowable values are: Day, Week, Month";
    assert_eq!(error["message"], message);
    assert_eq!(
        error["details"],
        json!([{"errorCode": "invalid.value", "fieldName": "granularity"}])
    );
    assert_eq!(error["errors"], json!([]));
}

#[tokio::test]
async fn wrong_types_sizes_methods_and_paths_are_refused() {
    let sim = builder().start().await.unwrap();
    let query = "/api/v2/usage/query";
    let large = " ".repeat(1024 * 1024 + 1);
    let (login, unknown) = ("/oauth/token", "/api/v2/usage/query/unknown/results");
    let json = "application/json";
    for (method, path, content_type, body, status, code) in [
        (
            Method::POST,
            query,
            "text/plain",
            FEBRUARY,
            415,
            "unsupported.media.type",
        ),
        (
            Method::POST,
            query,
            json,
            &*large,
            413,
            "request.entity.too.large",
        ),
        (Method::GET, query, json, "", 405, "method.not.allowed"),
        (Method::PUT, login, json, "", 405, "method.not.allowed"),
        (Method::GET, "/api/v2/usage", json, "", 404, "not.found"),
        (Method::GET, unknown, json, "", 404, "not.found"),
    ] {
        let (seen, error) = refused(send(&sim, method, path, content_type, body).await).await;
        assert_eq!((seen, error["code"].as_str().unwrap()), (status, code), "{path}");
    }
    let charset = "Application/JSON; charset=utf-8";
    assert_eq!(
        send(&sim, Method::POST, query, charset, FEBRUARY).await.status(),
        200
    );
}

#[tokio::test]
async fn an_unknown_execution_is_named_decoded() {
    let sim = builder().start().await.unwrap();
    let (_, error) = refused(get(&format!("{}/api/v2/usage/query/a%2Fb%20c/results", sim.url())).await).await;
    assert_eq!(error["entityId"], "a/b c");
    assert_eq!(sim.requests()[0].path, "/api/v2/usage/query/a%2Fb%20c/results");
}

#[tokio::test]
async fn the_third_request_of_a_minute_is_over_a_limit_of_two() {
    let sim = builder().rate_limit(2).start().await.unwrap();
    assert_eq!(submit(&sim, FEBRUARY).await.status(), 200);
    assert_eq!(submit(&sim, FEBRUARY).await.status(), 200);
    let answer = submit(&sim, FEBRUARY).await;
    assert_eq!(answer.headers()["inin-ratelimit-count"], "3");
    assert_eq!(answer.headers()["inin-ratelimit-allowed"], "2");
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let (status, error) = refused(answer).await;
    assert_eq!(
        (status, error["code"].as_str().unwrap()),
        (429, "too.many.requests.retry.after")
    );
    assert_eq!(error["limit"]["value"], 2);
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let sim = builder().start().await.unwrap();
    submit(&sim, FEBRUARY).await;
    get(&format!("{}/nowhere?x=1", sim.url())).await;
    let seen = sim.requests();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].path.as_str()),
        ("POST", "/api/v2/usage/query")
    );
    assert_eq!(seen[0].body, FEBRUARY);
    assert_eq!(seen[0].headers["authorization"], "Bearer fixed");
    assert_eq!((seen[0].status, seen[1].status), (Some(200), Some(404)));
    assert_eq!(seen[1].query.as_deref(), Some("x=1"));
    assert!(seen[0].at <= seen[1].at);
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn stopping_closes_the_port() {
    let sim = builder().start().await.unwrap();
    let url = sim.url();
    sim.stop().await;
    assert!(http().get(url).send().await.unwrap_err().is_connect());
}
