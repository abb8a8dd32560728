//! No secret is ever shown: not in a log at any level, not in an error, not in `Debug`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use tracing_subscriber::{fmt::MakeWriter, util::SubscriberInitExt as _};
use usage_client::{
    AccessToken, ApiUsageQuery, Client, Credentials, Error, PollPolicy, Region, Result, RetryPolicy,
};
use usage_sim::{Fault, Simulator};

const ID: &str = "secret-client";
const SECRET: &str = "secret-client-secret-9d1f6c0e5b";

const PROXY_PASSWORD: &str = "proxy-password-4c1b";
/// A token that a gateway repeats in its response.
const ECHOED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.echoed-token-0123456789";
/// A key that a gateway wants in its path.
const PATH_KEY: &str = "path-key-5e8d10";
const FIXED_TOKEN: &str = "fixed-token-7d0a2f93c4";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Retries without a wait.
fn quick() -> RetryPolicy {
    RetryPolicy::default()
        .with_max_attempts(2)
        .with_initial_wait(Duration::ZERO)
}

/// Submits and waits.
async fn run(client: &Client) -> Result<()> {
    let execution = client
        .submit(ApiUsageQuery::builder().interval("2024-02-01/2024-02-07"))
        .await?;
    let at_once = PollPolicy::default().with_initial_wait(Duration::ZERO);
    execution.with_polling(at_once).wait().await.map(drop)
}

/// An error in every way that it can be shown.
fn show(text: &mut String, error: &Error) {
    write!(text, "{error} {error:?} {error:#?} ").unwrap();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        write!(text, "{error} {error:?} ").unwrap();
        cause = error.source();
    }
}

/// The secrets that went over the wire: bearer tokens, and the client's secret as Basic encodes it.
fn wire_secrets(service: &Simulator) -> Vec<String> {
    let headers = service
        .requests()
        .into_iter()
        .filter_map(|request| request.headers.get("authorization").cloned());
    headers
        .map(|header| header.to_str().unwrap().split(' ').nth(1).unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_search_of_everything_shown_finds_no_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // Those who log through `log` are heard too.
    subscriber.try_init().unwrap();
    let mut shown = String::new();
    let mut secrets = vec![
        SECRET.to_owned(),
        PROXY_PASSWORD.to_owned(),
        FIXED_TOKEN.to_owned(),
    ];

    let faults = [
        Fault::on_submit().status(401),
        Fault::on_submit().always().status(400),
        Fault::on_submit()
            .always()
            .status(502)
            .body("text/html", "<p>proxy</p>"),
        Fault::on_submit().always().reset(),
        Fault::on_submit().always().cut_body_after(3),
        Fault::on_results().always().query_status("Failed"),
        Fault::on_login()
            .always()
            .status(400)
            .body("application/json", r#"{"error":"invalid_client"}"#),
        Fault::on_login().always().reset(),
        Fault::on_submit().always().status(400).body(
            "application/json",
            format!(r#"{{"message":"you sent {ECHOED}"}}"#),
        ),
        Fault::on_submit()
            .always()
            .status(403)
            .body("text/html", format!("<p>you sent {ECHOED}</p>")),
        Fault::on_login().always().status(400).body(
            "application/json",
            format!(r#"{{"error":"x","error_description":"you sent {ECHOED}"}}"#),
        ),
        Fault::on_submit()
            .always()
            .body("application/json", "{\"executionId\":7}")
            .status(200),
    ];
    for fault in faults {
        let service = Simulator::builder()
            .client(ID, SECRET)
            .fault(fault)
            .start()
            .await
            .unwrap();
        let credentials = Credentials::client_credentials(ID, SECRET);
        let url = service.url();
        let builder = Client::builder()
            .base_url(&url)
            .login_url(&url)
            .retry(quick())
            .credentials(credentials.clone());
        let client = builder.clone().build().unwrap();
        if let Err(error) = run(&client).await {
            show(&mut shown, &error);
        }
        let fixed = builder
            .clone()
            .credentials(Credentials::access_token(FIXED_TOKEN))
            .build()
            .unwrap();
        show(&mut shown, &run(&fixed).await.unwrap_err());
        write!(
            shown,
            "{builder:?} {client:?} {credentials:?} {:?} ",
            client.post_usage_query()
        )
        .unwrap();
        write!(
            shown,
            "{:?} {:?}",
            client.execution("x"),
            AccessToken::new(FIXED_TOKEN, None)
        )
        .unwrap();
        secrets.extend(wire_secrets(&service));
    }

    let with_password = |host: &str| format!("http://user:{PROXY_PASSWORD}@{host}");
    let plain = || {
        Client::builder()
            .region(Region::EuWest1)
            .credentials(Credentials::access_token(FIXED_TOKEN))
            .retry(quick())
    };
    for builder in [
        plain().proxy(with_password("127.0.0.1:1")),
        plain().proxy(with_password("[bad")),
        plain().base_url(with_password("127.0.0.1:1")),
        plain().login_url(with_password("127.0.0.1:1")),
        plain().base_url(format!("http://127.0.0.1:1/{PATH_KEY}")),
        plain().identity("no certificate", SECRET),
    ] {
        write!(shown, "{builder:?}").unwrap();
        match builder.build() {
            Ok(client) => {
                let execution = client.execution("x");
                write!(shown, "{client:?} {execution:?} {:?}", client.post_usage_query()).unwrap();
                show(&mut shown, &run(&client).await.unwrap_err());
            }
            Err(error) => show(&mut shown, &error),
        }
    }

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("usage_client.call") && logged.contains("TRACE"),
        "nothing was logged"
    );
    // HTTP libraries log the URLs that they ask; an error goes further, into reports and tickets.
    assert!(!shown.contains(ECHOED), "an echoed token is in what is shown");
    assert!(!shown.contains(PATH_KEY), "a URL is in what is shown");
    assert!(shown.len() > 5_000 && secrets.len() > 20);
    for secret in &secrets {
        for (place, text) in [("the log", &logged), ("what is shown", &shown)] {
            if let Some(at) = text.find(secret.as_str()) {
                let from = at.saturating_sub(200);
                panic!(
                    "`{secret}` is in {place}: …{}…",
                    String::from_utf8_lossy(&text.as_bytes()[from..at + 20])
                );
            }
        }
    }
}

#[test]
fn the_debug_text_of_what_holds_secrets_is_pinned() {
    let credentials = Credentials::client_credentials(ID, SECRET);
    assert_eq!(format!("{credentials:?}"), "Credentials(client credentials)");
    assert_eq!(
        format!("{:?}", Credentials::access_token(FIXED_TOKEN)),
        "Credentials(access token)"
    );
    let token = AccessToken::new(FIXED_TOKEN, None);
    assert_eq!(
        format!("{token:?}"),
        "AccessToken { token: SecretBox<str>([REDACTED]), expires_in: None }"
    );
    let client = Client::builder()
        .region(Region::EuWest1)
        .credentials(credentials)
        .build()
        .unwrap();
    let shown = format!("{client:?}");
    assert!(
        shown.contains("TokenCache(Credentials(client credentials))"),
        "{shown}"
    );
}
