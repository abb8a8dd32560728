//! Connections that are refused, reset or led elsewhere.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use usage_client::{
    Client, Credentials,
    reqwest::{self, StatusCode},
};
use usage_sim::Fault;

use crate::{
    ID, SECRET, assert_seen, builder, client, quick, run, service, service_with, submit, token_builder,
};

/// An address that nobody listens on.
async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_then_reported() {
    let builder = token_builder(nowhere().await).retry(quick());
    let client = builder.build().unwrap();
    let error = submit(&client).await.unwrap_err();
    assert!(error.is_connect() && error.status().is_none(), "{error:?}");
    assert_eq!(error.attempts(), 4);
}

#[tokio::test]
async fn a_service_that_comes_up_meanwhile_is_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let patient = quick().with_max_attempts(u32::MAX);
    let failing = Arc::new(Notify::new());
    let fails = failing.clone();
    let url = format!("http://127.0.0.1:{port}");
    let credentials = Credentials::client_credentials(ID, SECRET);
    let client = Client::builder()
        .base_url(url)
        .credentials(credentials)
        .retry(patient)
        .on_retry(move |_| fails.notify_one())
        .build()
        .unwrap();
    let (result, service) = tokio::join!(run(&client), async {
        failing.notified().await;
        service().port(port).start().await.unwrap()
    });
    result.unwrap();
    assert_seen(&service, "login 200, submit 200, results 200");
}

#[tokio::test]
async fn a_reset_before_the_headers_is_tried_again() {
    let service = service_with(Fault::on_submit().times(2).reset()).await;
    run(&client(&service)).await.unwrap();
    assert_seen(&service, "login 200, submit -, submit -, submit 200, results 200");
}

#[tokio::test]
async fn a_redirect_is_an_error_and_the_token_goes_nowhere_else() {
    let elsewhere = service().start().await.unwrap();
    for fault in [
        Fault::on_submit().redirect(&elsewhere.url()),
        Fault::on_login().redirect(&elsewhere.url()),
    ] {
        let service = service_with(fault.always()).await;
        let error = submit(&client(&service)).await.unwrap_err();
        let status = error.status().unwrap();
        assert!(status.is_redirection(), "{error:?}");
        assert_ne!(status, StatusCode::OK);
    }
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn a_gateway_s_path_prefixes_are_kept_for_login_and_api() {
    let service = service().gateway("/genesys-api", "/genesys-login");
    let service = service.start().await.unwrap();
    let url = service.url();
    let client = builder(&service)
        .base_url(format!("{url}/genesys-api/"))
        .login_url(format!("{url}/genesys-login"))
        .build()
        .unwrap();
    run(&client).await.unwrap();
    let requests = service.requests();
    assert_eq!(requests[0].path, "/genesys-login/oauth/token");
    assert_eq!(requests[1].path, "/genesys-api/api/v2/usage/query");
    let results = &requests[2].path;
    assert!(
        results.starts_with("/genesys-api/api/v2/usage/query/"),
        "{results}"
    );
}

#[tokio::test]
async fn an_explicit_proxy_carries_the_requests() {
    let proxy = service().host("api.example.test").start().await.unwrap();
    let client = token_builder("http://api.example.test/x")
        .allow_plain_http("api.example.test")
        .proxy(proxy.url())
        .retry(quick())
        .build()
        .unwrap();
    let _ = submit(&client).await;
    let request = &proxy.requests()[0];
    assert_eq!(request.path, "/x/api/v2/usage/query");
    assert_eq!(request.headers["host"], "api.example.test");
}

#[tokio::test]
async fn the_user_agent_names_the_service_and_this_crate() {
    let service = service().start().await.unwrap();
    let client = builder(&service).user_agent("night-report/1.2").build().unwrap();
    submit(&client).await.unwrap();
    for request in service.requests() {
        let agent = request.headers["user-agent"].to_str().unwrap();
        assert!(agent.starts_with("night-report/1.2 usage-client/"), "{agent}");
    }
}

#[tokio::test]
async fn an_http_client_of_the_application_is_used() {
    let service = service().start().await.unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let own = reqwest::Client::builder().tls_backend_preconfigured(tls);
    let own = own.user_agent("mine").no_proxy().build().unwrap();
    let client = builder(&service).http_client(own).build().unwrap();
    run(&client).await.unwrap();
    for request in service.requests() {
        assert_eq!(request.headers["user-agent"], "mine");
    }
}

#[tokio::test]
async fn a_connection_that_ends_within_the_headers_is_tried_again() {
    let service = service().start().await.unwrap();
    let inner = service.url().trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let broken = Arc::new(AtomicUsize::new(0));
    let counter = broken.clone();
    tokio::spawn(async move {
        while let Ok((mut outer, _)) = listener.accept().await {
            if counter.fetch_add(1, Ordering::SeqCst) < 2 {
                let mut request = [0; 4096];
                let _ = outer.read(&mut request).await;
                let _ = outer.write_all(b"HTTP/1.1 200 OK\r\ncontent-ty").await;
                continue;
            }
            let inner = inner.clone();
            tokio::spawn(async move {
                let mut inner = TcpStream::connect(inner).await?;
                tokio::io::copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    let builder = builder(&service).base_url(&url).login_url(&url);
    run(&builder.build().unwrap()).await.unwrap();
    assert!(broken.load(Ordering::SeqCst) > 2);
    assert_seen(&service, "login 200, submit 200, results 200");
}
