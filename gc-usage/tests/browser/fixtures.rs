//! The pages that are tested: reports of the command about the demo and about rows that are made here.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use usage_sim::Fault;

use crate::common::{Service, command, home, profile, ready, run};

/// A page, and where its data comes from.
pub(crate) struct Fixture {
    pub(crate) name: &'static str,
    options: &'static str,
    data: Data,
}

enum Data {
    Demo,
    Rows(fn() -> Vec<Value>),
    /// Two organizations, and one whose query fails.
    Organizations,
}

const MARCH: &str = "--month 2024-03";

pub(crate) const MONTH: Fixture = demo(
    "month",
    "--month 2024-03 --allotment 2500000 --price-per-request 0.0005",
);
pub(crate) const ONE_CLIENT: Fixture = made("one-client", MARCH, || rows(day("2024-02-01"), 60, 1, 4));
pub(crate) const HOSTILE: Fixture = made("hostile", MARCH, hostile);
pub(crate) const EMPTY: Fixture = made("empty", MARCH, Vec::new);

pub(crate) const ALL: [Fixture; 12] = [
    MONTH,
    // It ends yesterday, so its month is under way on all days but the first of a month.
    demo("running", "--last 30d --allotment 2500000"),
    demo(
        "over",
        "--month 2024-03 --allotment 1000000 --price-per-request 0.0005",
    ),
    demo("no-allotment", MARCH),
    EMPTY,
    demo("one-day", "--since 2024-03-05 --until 2024-03-05"),
    ONE_CLIENT,
    demo(
        "half-year",
        "--since 2023-10-01 --until 2024-03-31 --allotment 2500000",
    ),
    made("year", "--since 2024-01-01 --until 2024-12-31", || {
        rows(day("2024-01-01"), 366, 50, 200)
    }),
    made("many-clients", "--month 2024-03 --allotment 2500000", || {
        rows(day("2024-02-20"), 41, 500, 400)
    }),
    HOSTILE,
    Fixture {
        name: "organizations",
        options: "--month 2024-03 --all-profiles --allotment 2500000",
        data: Data::Organizations,
    },
];

const fn demo(name: &'static str, options: &'static str) -> Fixture {
    let data = Data::Demo;
    Fixture { name, options, data }
}

const fn made(name: &'static str, options: &'static str, rows: fn() -> Vec<Value>) -> Fixture {
    let data = Data::Rows(rows);
    Fixture { name, options, data }
}

/// Where pages and pictures are kept, for people.
pub(crate) fn directory() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("browser");
    fs::create_dir_all(&directory).unwrap();
    directory
}

impl Fixture {
    /// The page, which is written at the first call.
    pub(crate) fn file(&self) -> PathBuf {
        static WRITTEN: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
        let path = directory().join(self.name).with_extension("html");
        let mut written = WRITTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !written.contains(self.name) {
            self.write(&path);
            written.insert(self.name);
        }
        path
    }

    pub(crate) fn url(&self) -> String {
        url::Url::from_file_path(self.file()).unwrap().into()
    }

    fn write(&self, path: &Path) {
        let _ = fs::remove_file(path);
        let line = format!("report {}", self.options);
        let (code, seen) = match self.data {
            Data::Demo => (0, run(command(&line).arg("--demo").arg("--output").arg(path))),
            Data::Rows(rows) => {
                let service = Service::replaying(response(&rows()));
                (0, run(service.command(&line).arg("--output").arg(path)))
            }
            Data::Organizations => (5, of_organizations(command(&line).arg("--output").arg(path))),
        };
        assert!(seen.code == code && path.exists(), "{}: {seen}", self.name);
    }
}

fn of_organizations(command: &mut Command) -> crate::common::Seen {
    let failing = Fault::on_results().always().query_status("Failed");
    let services = [ready(), ready().seed(1), ready().fault(failing)].map(Service::start);
    let names = ["Europe", "America", "Asia"].iter().zip(&services);
    let profiles = names.map(|(name, service)| profile(name, &service.simulator.url(), "demo-secret"));
    let home = home(&profiles.collect::<String>(), "");
    run(command.env("HOME", home.path()))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn response(rows: &[Value]) -> String {
    json!({"results": rows, "queryStatus": "Complete"}).to_string()
}

fn row(client: (&str, &str), endpoint: &str, date: NaiveDate, requests: u64, status429: u64) -> Value {
    let (status400, status500) = (status429 + requests / 50, requests / 200);
    json!({
        "clientId": client.0, "clientName": client.1, "templateUri": endpoint, "date": format!("{date}T00:00:00Z"),
        "status200": requests - status400 - status500, "status300": 0, "status400": status400,
        "status500": status500, "status429": status429, "requests": requests,
    })
}

/// Rows of so many days, clients and endpoints. Each client calls up to 24 endpoints, each of them every sixth day.
fn rows(first: NaiveDate, days: u64, clients: u64, endpoints: u64) -> Vec<Value> {
    let mut rows = Vec::new();
    for client in 0..clients {
        let id = format!(
            "{:08x}-0000-4000-8000-{client:012}",
            client.wrapping_mul(0x9e37_79b9) as u32
        );
        let name = format!("Client {client}");
        for place in 0..endpoints.min(24) {
            let endpoint = (client * 7 + place * 5) % endpoints;
            let endpoint = format!("/api/v2/resources{endpoint}/{{resourceId}}/details");
            for number in (0..days).filter(|number| (number + place) % 6 == client % 6) {
                let requests =
                    10 + (client * 31 + place * 17 + number * 13) % 400 * (1 + clients / (client + 1));
                let limited = if client % 7 == 0 { requests / 10 } else { 0 };
                rows.push(row(
                    (&id, &name),
                    &endpoint,
                    first + Days::new(number),
                    requests,
                    limited,
                ));
            }
        }
    }
    rows
}

/// What a page would show literally even if it were markup.
pub(crate) const INJECTED: &str =
    "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>";

/// Names that try to leave their place in the page, and names that few pages are laid out for.
fn hostile() -> Vec<Value> {
    let long = "W".repeat(400);
    let names = [
        INJECTED,
        "\" onmouseover=\"alert(1)\" x=\"",
        "' onfocus='alert(1)' autofocus='",
        "<!--<script>",
        "\u{202e}txt.exe\u{2066}\u{200f}\u{2028}\u{feff}",
        "שלום עולם",
        "🚀👩‍👩‍👧‍👦 emoji",
        "日本語のクライアント",
        "=HYPERLINK(\"http://127.0.0.1\",\"x\")",
        "Same name",
        "Same name",
        "",
        &long,
    ];
    let mut rows = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let id = format!("{place:08x}\"><b>id</b>");
        for number in 0..31 {
            let date = day("2024-03-01") + Days::new(number);
            let endpoint = format!("/api/v2/{name}/{{id}}");
            rows.push(row(
                (&id, name),
                &endpoint,
                date,
                100 + place as u64 * 10,
                place as u64,
            ));
        }
    }
    rows
}
