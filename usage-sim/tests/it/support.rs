//! Two clients: one that knows HTTP, and one that knows sockets only.

use std::io::ErrorKind;
use std::time::Duration;

use chrono::NaiveDate;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use usage_sim::{Fault, Simulator, SimulatorBuilder};

pub(crate) const FEBRUARY: &str = r#"{"interval":"2020-02-01/2020-02-28"}"#;

/// A simulator that takes the token `fixed`, and whose today never changes.
pub(crate) fn builder() -> SimulatorBuilder {
    let today = NaiveDate::from_ymd_opt(2024, 4, 9).unwrap();
    Simulator::builder().access_token("fixed").today(today).seed(7)
}

/// A simulator with these faults, in this order.
pub(crate) async fn faulty(faults: impl IntoIterator<Item = Fault>) -> Simulator {
    let builder = faults.into_iter().fold(builder(), SimulatorBuilder::fault);
    builder.start().await.unwrap()
}

/// An HTTP client that sees answers as they are sent. Other crates of the workspace switch on features of reqwest:
/// one that unpacks gzip, and one that takes its TLS provider away.
pub(crate) fn http() -> reqwest::Client {
    // Fails only if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_gzip().build().unwrap()
}

/// The paths of submits.
pub(crate) const QUERY: &str = "/api/v2/usage/query";
pub(crate) const SEARCH: &str = "/api/v2/usage/simplesearch";
pub(crate) const JOBS: &str = "/api/v2/usage/aggregates/query/jobs";

/// The id of `Wallboard`, which acts for a user and for none.
pub(crate) const WALLBOARD: &str = "242c00c7-750e-4fdb-9127-561e553496b7";

/// The paths of submits for one client: the old one, and that of jobs.
pub(crate) fn of_client(client: &str) -> [String; 2] {
    [
        format!("/api/v2/oauth/clients/{client}/usage/query"),
        format!("/api/v2/usage/client/{client}/aggregates/query/jobs"),
    ]
}

pub(crate) async fn post(sim: &Simulator, path: &str, body: &str) -> reqwest::Response {
    let request = http().post(format!("{}{path}", sim.url())).bearer_auth("fixed");
    request
        .header("content-type", "application/json")
        .body(body.to_owned())
        .send()
        .await
        .unwrap()
}

pub(crate) async fn submit(sim: &Simulator, body: &str) -> reqwest::Response {
    post(sim, QUERY, body).await
}

/// The address of the results of what is submitted to this path.
pub(crate) async fn submitted(sim: &Simulator, path: &str, body: &str) -> String {
    let handle: Value = post(sim, path, body).await.json().await.unwrap();
    let uri = handle["resultsUri"].as_str();
    format!("{}{}", sim.url(), uri.unwrap_or_else(|| panic!("{handle}")))
}

/// The status and the body of the response.
pub(crate) async fn polled(url: &str) -> (u16, Value) {
    let response = get(url).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The code of a refused request, whose status is as expected.
pub(crate) async fn code(response: reqwest::Response, status: u16) -> String {
    let seen = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(seen, status, "{body}");
    assert_eq!(body["status"], status);
    body["code"].as_str().unwrap().to_owned()
}

/// All pages of a job, from the one at this address.
pub(crate) async fn pages(sim: &Simulator, url: &str) -> Vec<Value> {
    // A client takes longer to make than a page.
    let http = http();
    let mut pages = Vec::new();
    let mut url = url.to_owned();
    loop {
        let response = http.get(&url).bearer_auth("fixed").send().await.unwrap();
        let status = response.status().as_u16();
        let page: Value = response.json().await.unwrap();
        assert_eq!(
            (status, page["queryStatus"].as_str()),
            (200, Some("Succeeded")),
            "{page}"
        );
        pages.push(page.clone());
        assert!(pages.len() < 1000, "{page}");
        match page["nextUri"].as_str() {
            Some(next) => url = format!("{}{next}", sim.url()),
            None => return pages,
        }
    }
}

/// The rows of pages.
pub(crate) fn entities(pages: &[Value]) -> Vec<Value> {
    let rows = pages.iter().map(|page| page["entities"].as_array().unwrap());
    rows.flatten().cloned().collect()
}

/// The rows of a new job, read in the largest pages.
pub(crate) async fn job_rows(sim: &Simulator, path: &str, body: &str) -> Vec<Value> {
    let url = submitted(sim, path, body).await;
    entities(&pages(sim, &format!("{url}?pageSize=1000")).await)
}

/// The address of the results of a new query.
pub(crate) async fn results_url(sim: &Simulator, body: &str) -> String {
    submitted(sim, QUERY, body).await
}

pub(crate) async fn get(url: &str) -> reqwest::Response {
    http().get(url).bearer_auth("fixed").send().await.unwrap()
}

pub(crate) async fn text(url: &str) -> String {
    get(url).await.text().await.unwrap()
}

/// The text of the complete response to a query.
pub(crate) async fn complete(sim: &Simulator, body: &str) -> String {
    text(&results_url(sim, body).await).await
}

pub(crate) async fn rows(sim: &Simulator, body: &str) -> Vec<Value> {
    let answer: Value = serde_json::from_str(&complete(sim, body).await).unwrap();
    assert_eq!(answer["queryStatus"], "Complete");
    answer["results"].as_array().unwrap().clone()
}

/// How reading from a socket ended.
#[derive(Debug, PartialEq)]
pub(crate) enum End {
    Closed,
    Reset,
}

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// What takes longer than this has stopped for good, however slow the machine is.
const HANG: Duration = Duration::from_secs(60);

/// Lets this time pass at once.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Sends a submit by hand; returns head and rest of what came, and how it ended.
pub(crate) async fn raw_submit(sim: &Simulator) -> (String, String, End) {
    raw(sim, &submit_text()).await
}

fn submit_text() -> String {
    format!(
        "POST /api/v2/usage/query HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer fixed\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{FEBRUARY}",
        FEBRUARY.len()
    )
}

/// Sends a submit by hand, to a service that falls silent after this body; returns the head.
pub(crate) async fn silent_submit(sim: &Simulator, body: &str) -> String {
    let mut stream = connect(sim).await;
    stream.write_all(submit_text().as_bytes()).await.unwrap();
    let mut all = Vec::new();
    while !all.ends_with(body.as_bytes()) {
        let read = timeout(HANG, stream.read_buf(&mut all)).await;
        assert!(read.unwrap().unwrap() > 0, "{}", String::from_utf8_lossy(&all));
    }
    let silence = timeout(Duration::from_millis(150), stream.read_buf(&mut all)).await;
    assert!(silence.is_err(), "{}", String::from_utf8_lossy(&all));
    let text = String::from_utf8(all).unwrap();
    let (head, rest) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(rest, body);
    head.to_owned()
}

pub(crate) async fn connect(sim: &Simulator) -> TcpStream {
    let address = sim.url();
    let address = address.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

pub(crate) async fn raw(sim: &Simulator, request: &str) -> (String, String, End) {
    let mut stream = connect(sim).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let end = match timeout(HANG, stream.read_to_end(&mut all)).await.unwrap() {
        Ok(_) => End::Closed,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            End::Reset
        }
    };
    let text = String::from_utf8(all).unwrap();
    let (head, rest) = text.split_once("\r\n\r\n").unwrap_or(("", &text));
    (head.to_owned(), rest.to_owned(), end)
}
