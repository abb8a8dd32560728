//! Logins, and what tokens are good for.

use reqwest::Response;
use serde_json::{Value, json};
use usage_sim::Simulator;

use crate::support::{FEBRUARY, HOUR, builder, http, pass};

async fn login(sim: &Simulator, id: &str, secret: &str, form: &'static str) -> Response {
    let request = http()
        .post(format!("{}/oauth/token", sim.url()))
        .basic_auth(id, Some(secret));
    let form_type = "application/x-www-form-urlencoded";
    request
        .header("content-type", form_type)
        .body(form)
        .send()
        .await
        .unwrap()
}

async fn token(sim: &Simulator) -> String {
    let answer = login(sim, "demo-client", "demo-secret", "grant_type=client_credentials").await;
    answer.json::<Value>().await.unwrap()["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn submit_as(sim: &Simulator, token: Option<&str>) -> (u16, Value) {
    let mut request = http().post(format!("{}/api/v2/usage/query", sim.url()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request
        .header("content-type", "application/json")
        .body(FEBRUARY)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_right_login_gets_a_bearer_token_that_works() {
    let sim = builder().client("id", "secret").start().await.unwrap();
    let answer = login(&sim, "id", "secret", "grant_type=client_credentials").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("inin-correlation-id"));
    let grant: Value = answer.json().await.unwrap();
    let token = grant["access_token"].as_str().unwrap();
    assert_eq!(
        grant,
        json!({"access_token": token, "token_type": "bearer", "expires_in": 86400})
    );
    assert_eq!(token.len(), 86);
    assert_eq!(sim.logins(), 1);
    assert_eq!(submit_as(&sim, Some(token)).await.0, 200);
}

#[tokio::test]
async fn wrong_logins_are_refused_alike() {
    let sim = builder().client("id", "secret").start().await.unwrap();
    for (id, secret) in [
        ("id", "wrong"),
        ("other", "secret"),
        ("demo-client", "demo-secret"),
    ] {
        let answer = login(&sim, id, secret, "grant_type=client_credentials").await;
        assert_eq!(answer.status(), 400);
        let expected = json!({
            "error": "invalid_client",
            "description": "authentication failed",
            "error_description": "authentication failed",
        });
        assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    }
    let answer = login(&sim, "id", "secret", "grant_type=password").await;
    assert_eq!(answer.status(), 400);
    assert_eq!(
        answer.json::<Value>().await.unwrap()["error"],
        "unsupported_grant_type"
    );
    assert_eq!(sim.logins(), 0);
}

#[tokio::test]
async fn missing_unknown_revoked_and_expired_tokens_are_told_apart() {
    let sim = builder().start().await.unwrap();
    let code = async |sim: &Simulator, token: Option<&str>| {
        let (status, body) = submit_as(sim, token).await;
        assert_eq!(status, 401);
        body["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(&sim, None).await, "authentication.required");
    assert_eq!(code(&sim, Some("unknown")).await, "bad.credentials");
    let issued = token(&sim).await;
    assert_eq!(submit_as(&sim, Some(&issued)).await.0, 200);
    sim.revoke_tokens();
    assert_eq!(code(&sim, Some(&issued)).await, "bad.credentials");
    assert_eq!(submit_as(&sim, Some("fixed")).await.0, 200);

    let brief = builder().token_lifetime(HOUR).start().await.unwrap();
    let issued = token(&brief).await;
    pass(HOUR).await;
    assert_eq!(code(&brief, Some(&issued)).await, "credentials.expired");
}
