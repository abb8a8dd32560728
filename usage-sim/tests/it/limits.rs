//! What the limits of jobs and searches refuse, and with which code.

use serde_json::{Value, json};

use crate::support::{JOBS, QUERY, SEARCH, WALLBOARD, builder, code, get, of_client, post, submitted};

/// The rest of the tests uses this day too.
const TODAY: &str = "2024-04-09";

#[tokio::test]
async fn a_job_begins_a_year_ago_at_the_earliest() {
    let sim = builder().start().await.unwrap();
    let [_, of_wallboard] = of_client(WALLBOARD);
    for path in [JOBS, &of_wallboard] {
        let submit = |first: &str| {
            let body = format!(r#"{{"interval":"{first}/2023-05-01"}}"#);
            let sim = &sim;
            async move { post(sim, path, &body).await }
        };
        assert_eq!(submit("2023-04-09").await.status(), 200);
        let refused = submit("2023-04-08").await;
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body["code"], "constraint.validation");
        let message = body["message"].as_str().unwrap();
        assert!(
            message.contains("[2023-04-08]") && message.contains("[2023-04-09]"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_job_ends_ninety_days_after_its_start_at_the_latest() {
    let sim = builder().start().await.unwrap();
    let accepted = r#"{"interval":"2023-07-01T00:00:00/2023-09-29T23:59:59"}"#;
    assert_eq!(post(&sim, JOBS, accepted).await.status(), 200);
    let refused = r#"{"interval":"2023-07-01/2023-09-30"}"#;
    assert_eq!(
        code(post(&sim, JOBS, refused).await, 400).await,
        "constraint.validation"
    );
    // The other families have no such limit.
    let long = format!(r#"{{"interval":"2018-01-01/{TODAY}"}}"#);
    for path in [QUERY, SEARCH, &of_client(WALLBOARD)[0]] {
        assert_eq!(post(&sim, path, &long).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn bodies_with_something_else_are_refused_with_the_code_that_fits() {
    let sim = builder().start().await.unwrap();
    let [old_client, client_jobs] = of_client(WALLBOARD);
    for (path, member, expected) in [
        (JOBS, r#""groupby":["UserId"]"#, "invalid.property"),
        (JOBS, r#""organizationIds":["x"]"#, "invalid.property"),
        (JOBS, r#""groupBy":["OAuthClientId"]"#, "invalid.value"),
        (JOBS, r#""groupBy":["OrganizationId"]"#, "invalid.value"),
        (JOBS, r#""granularity":"Hour""#, "invalid.value"),
        (JOBS, r#""metrics":["Status404"]"#, "invalid.value"),
        (JOBS, r#""httpMethods":["OPTIONS"]"#, "invalid.value"),
        (JOBS, r#""platforms":"Api""#, "bad.request"),
        (JOBS, r#""templateUris":[1]"#, "bad.request"),
        (JOBS, r#""sortBy":[{"fieldName":"clientId"}]"#, "invalid.value"),
        (
            JOBS,
            r#""sortBy":[{"fieldName":"date","order":"desc"}]"#,
            "invalid.value",
        ),
        (JOBS, r#""sortBy":[{"field":"date"}]"#, "invalid.property"),
        (JOBS, r#""sortBy":["date"]"#, "bad.request"),
        (&client_jobs, r#""oauthClientIds":["x"]"#, "invalid.property"),
        (&client_jobs, r#""groupBy":["UserId"]"#, "invalid.value"),
        (
            &client_jobs,
            r#""sortBy":[{"fieldName":"user.id"}]"#,
            "invalid.value",
        ),
        (&old_client, r#""groupBy":["UserId"]"#, "invalid.value"),
        (SEARCH, r#""metrics":["Requests"]"#, "invalid.value"),
        (SEARCH, r#""granularity":"Day""#, "invalid.property"),
        (SEARCH, r#""httpMethods":["get"]"#, "invalid.value"),
    ] {
        let body = format!(r#"{{"interval":"2024-03-01/2024-03-31",{member}}}"#);
        assert_eq!(
            code(post(&sim, path, &body).await, 400).await,
            expected,
            "{path} {member}"
        );
    }
    let missing = post(&sim, JOBS, "{}").await;
    assert_eq!(code(missing, 400).await, "invalid.date");
}

#[tokio::test]
async fn pages_over_a_thousand_rows_and_unknown_cursors_are_refused() {
    let sim = builder().rows(10).start().await.unwrap();
    for path in [JOBS, SEARCH] {
        let url = submitted(&sim, path, r#"{"interval":"2024-03-01/2024-03-31"}"#).await;
        for query in [
            "pageSize=1001",
            "pageSize=0",
            "pageSize=-1",
            "pageSize=ten",
            "pageSize=",
            "after=",
            "after=next",
        ] {
            let refused = get(&format!("{url}?{query}")).await;
            assert_eq!(code(refused, 400).await, "invalid.query.param.value", "{query}");
        }
        assert_eq!(get(&format!("{url}?pageSize=1000")).await.status(), 200);
    }
}

#[tokio::test]
async fn an_id_is_known_only_where_it_was_submitted() {
    let sim = builder().start().await.unwrap();
    let march = r#"{"interval":"2024-03-01/2024-03-31"}"#;
    let [old_client, client_jobs] = of_client(WALLBOARD);
    let mut urls = Vec::new();
    for path in [QUERY, SEARCH, JOBS, &old_client, &client_jobs] {
        urls.push(submitted(&sim, path, march).await);
    }
    let id = |url: &str| {
        let segments = url.rsplit('/').find(|segment| segment.len() == 36);
        segments.unwrap().to_owned()
    };
    for (place, url) in urls.iter().enumerate() {
        assert_eq!(get(url).await.status(), 200);
        let other = id(&urls[(place + 1) % urls.len()]);
        let elsewhere = url.replace(&id(url), &other);
        let (status, body) = crate::support::polled(&elsewhere).await;
        let is_job = url.contains("/jobs/");
        let entity = if is_job { "job" } else { "execution" };
        assert_eq!(
            (status, &body["entityName"]),
            (404, &json!(entity)),
            "{elsewhere}"
        );
        assert_eq!(body["entityId"], other);
    }
}
