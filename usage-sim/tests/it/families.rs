//! The sums of all families agree, but for the platform's own clients.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use usage_sim::Simulator;

use crate::support::{JOBS, WALLBOARD, builder, get, job_rows, of_client, rows, submitted};

/// The counts of old rows, and of the rows of jobs.
const COUNTS: [(&str, &str); 6] = [
    ("requests", "requestCount"),
    ("status200", "status200"),
    ("status300", "status300"),
    ("status400", "status400"),
    ("status429", "status429"),
    ("status500", "status500"),
];

/// The ids of the platform's own clients: those that an old query does not have.
async fn platform_clients(sim: &Simulator) -> Vec<String> {
    let body = r#"{"interval":"2024-03-01/2024-03-31","groupBy":["OauthClientId","OauthClientName"]}"#;
    let in_jobs = job_rows(sim, JOBS, body).await;
    let old = rows(sim, r#"{"interval":"2024-03-01/2024-03-31"}"#).await;
    let is_old = |id: &Value| old.iter().any(|row| row["clientId"] == *id);
    let ids = in_jobs.iter().map(|row| &row["oauthClient"]["id"]);
    ids.filter(|id| !is_old(id))
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn only_jobs_have_the_platform_s_own_clients() {
    let sim = builder().start().await.unwrap();
    let ids = platform_clients(&sim).await;
    assert_eq!(ids.len(), 4);
    let mut organizations = Vec::new();
    for id in &ids {
        let [old, jobs] = of_client(id);
        let march = r#"{"interval":"2024-03-01/2024-03-31","groupBy":["OrganizationId"]}"#;
        let row = job_rows(&sim, &jobs, march).await.remove(0);
        organizations.push(row["organizationId"].as_str().unwrap().to_owned());
        let url = submitted(&sim, &old, march).await;
        let old: Value = get(&url).await.json().await.unwrap();
        assert_eq!(old, json!({"results": [], "queryStatus": "Complete"}));
    }
    organizations.sort();
    organizations.dedup();
    assert_eq!(organizations, ["purecloud", "purecloud-builtin"]);
}

/// The sums of rows by what both families can be grouped by.
type Sums = BTreeMap<Vec<String>, [u64; 6]>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn add(sums: &mut Sums, key: Vec<String>, row: &Value, name: impl Fn(&(&str, &str)) -> Value) {
    let sum = sums.entry(key).or_default();
    for (sum, count) in sum.iter_mut().zip(&COUNTS) {
        *sum += name(count).as_u64().unwrap_or_else(|| panic!("{row}"));
    }
}

fn sums_of_query(rows: &[Value]) -> Sums {
    let mut sums = Sums::new();
    for row in rows {
        let mut key: Vec<_> = ["clientId", "userId", "templateUri", "httpMethod"]
            .map(|name| text(&row[name]))
            .into();
        key.push(text(&row["date"]).chars().take(10).collect());
        add(&mut sums, key, row, |(old, _)| row[old].clone());
    }
    sums
}

fn sums_of_job(rows: &[Value]) -> Sums {
    let mut sums = Sums::new();
    for row in rows {
        let key = vec![
            text(&row["oauthClient"]["id"]),
            text(&row["user"]["id"]),
            text(&row["templateUri"]),
            text(&row["httpMethod"]),
            text(&row["date"]),
        ];
        add(&mut sums, key, row, |(_, new)| row[new].clone());
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_group_of_both_families_has_the_same_sums(
        by in any::<[bool; 4]>(),
        start in 0_u64..360,
        length in 0_u64..=90,
        granularity in proptest::sample::select(vec!["Day", "Week", "Month"]),
    ) {
        Runtime::new().unwrap().block_on(async {
            let sim = builder().start().await.unwrap();
            let first = chrono::NaiveDate::from_ymd_opt(2023, 4, 9).unwrap() + chrono::Days::new(start);
            let interval = format!("{first}/{}", first + chrono::Days::new(length));
            let names = |all: [&'static str; 4]| -> Vec<_> {
                all.into_iter().zip(by).filter(|(_, by)| *by).map(|(name, _)| name).collect()
            };
            // A job without groups is not aggregated, and a query without groups is grouped by client.
            let mut old = names(["OAuthClientId", "UserId", "TemplateUri", "HttpMethod"]);
            let mut new = names(["OauthClientId", "UserId", "TemplateUri", "HttpMethod"]);
            if old.is_empty() {
                (old, new) = (vec!["HttpMethod"], vec!["HttpMethod"]);
            }
            let query = json!({"interval": interval, "granularity": granularity, "groupBy": old});
            let mut job = json!({"interval": interval, "granularity": granularity, "groupBy": new});
            let all = sums_of_job(&job_rows(&sim, JOBS, &job.to_string()).await);
            job["oauthClientIds"] = json!(platform_clients(&sim).await);
            let own = sums_of_job(&job_rows(&sim, JOBS, &job.to_string()).await);
            let mut expected = sums_of_query(&rows(&sim, &query.to_string()).await);
            for (key, counts) in own {
                let sum = expected.entry(key).or_default();
                sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
            assert_eq!(all, expected);
        });
    }
}

#[tokio::test]
async fn each_filter_of_a_job_leaves_only_what_it_names() {
    let sim = builder().start().await.unwrap();
    let filtered = |path: String, filter: Value| {
        let sim = &sim;
        async move {
            let mut body = json!({"interval": "2024-03-04/2024-03-05"});
            body.as_object_mut()
                .unwrap()
                .extend(filter.as_object().unwrap().clone());
            job_rows(sim, &path, &body.to_string()).await
        }
    };
    let user = "92f3f050-6781-4d48-ad9c-d373a0427923";
    let [_, of_wallboard] = of_client(WALLBOARD);
    for (path, filter, pointer) in [
        (
            JOBS,
            json!({"templateUris": ["api/v2/users", "api/v2/scim/users"]}),
            "/templateUri",
        ),
        (JOBS, json!({"httpMethods": ["DELETE", "HEAD"]}), "/httpMethod"),
        (JOBS, json!({"platforms": ["Browser"]}), "/platform"),
        (JOBS, json!({"userIds": [user]}), "/user/id"),
        (JOBS, json!({"oauthClientIds": [WALLBOARD]}), "/oauthClient/id"),
        (&of_wallboard, json!({"platforms": ["Api"]}), "/platform"),
        (
            &of_wallboard,
            json!({"organizationIds": ["0e333a39-e88c-40cb-bd97-57e4bff00558"]}),
            "/organizationId",
        ),
    ] {
        let rows = filtered(path.to_owned(), filter.clone()).await;
        let allowed = filter.as_object().unwrap().values().next().unwrap();
        let allowed = allowed.as_array().unwrap();
        let has = |value: &Value| rows.iter().any(|row| row.pointer(pointer) == Some(value));
        assert!(allowed.iter().all(has), "{filter}");
        let is_allowed = |row: &Value| allowed.contains(row.pointer(pointer).unwrap());
        assert!(rows.iter().all(is_allowed), "{filter}");
        let nothing: Vec<_> = filter
            .as_object()
            .unwrap()
            .keys()
            .map(|name| (name.clone(), json!(["TRACE"])))
            .collect();
        if pointer != "/httpMethod" {
            let none = filtered(path.to_owned(), nothing.into_iter().collect()).await;
            assert!(none.is_empty(), "{filter}");
        }
    }
}
