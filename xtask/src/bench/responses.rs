//! The responses that are measured, as files that are made once.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use clap::ValueEnum;
use fastrand::Rng;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    process::{Simulator, run},
    programs::Programs,
};

/// Part of the files' names. A change of the rows of a data set needs another number.
const VERSION: u32 = 1;

const CLIENTS: usize = 50;
const ENDPOINTS: usize = 400;
const DAYS: usize = 365;
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const PURPOSES: [&str; 4] = ["Data Lake", "CRM sync", "Reporting", "Wallboard"];
const RESOURCES: [&str; 16] = [
    "users",
    "queues",
    "conversations",
    "analytics",
    "routing",
    "outbound",
    "campaigns",
    "participants",
    "recordings",
    "presences",
    "notifications",
    "channels",
    "stations",
    "edges",
    "flows",
    "contactlists",
];
/// JSON strings that a decoder cannot copy as they are, or that are not ASCII.
const ODD_NAMES: [&str; 4] = [
    r#""Vertrieb \"Süd\"""#,
    r#""Zürich \\ Büro""#,
    r#""日本 連携""#,
    r#""Caf\u00e9 \/ Bar""#,
];
/// Every row of this many has an odd name, on average.
const ODD_EVERY: usize = 100;

/// Where the rows of a response come from.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Data {
    /// The rows that the simulator makes, with ids of the organization and its users.
    Demo,
    /// Rows drawn at random from the clients, endpoints, methods and days of a large organization.
    Realistic,
}

impl Data {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Realistic => "realistic",
        }
    }

    /// A file with a response of this number of rows. It is made if there is none yet, completely or not at all.
    pub(super) fn response(self, programs: &Programs, rows: u64) -> Result<PathBuf> {
        let name = format!("{}-{VERSION}-{rows}.json", self.name());
        let file = programs.directory.join(name);
        if !file.exists() {
            let unfinished = tempfile::NamedTempFile::new_in(&programs.directory)?.into_temp_path();
            match self {
                Self::Demo => save_demo(programs, rows, &unfinished)?,
                Self::Realistic => write_realistic(rows, BufWriter::new(File::create(&unfinished)?))?,
            }
            unfinished.persist(&file)?;
        }
        Ok(file)
    }
}

fn save_demo(programs: &Programs, rows: u64, file: &Path) -> Result<()> {
    let simulator = Simulator::start(&programs.cli, &["--rows", &rows.to_string()])?;
    let mut save = programs.baseline(&simulator, "plain", 1, "bytes");
    run(save.arg(file)).map(drop)
}

/// A row as the service writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    client_id: &'a str,
    client_name: &'a RawValue,
    organization_id: &'a str,
    user_id: &'a str,
    template_uri: &'a str,
    http_method: &'a str,
    status200: u32,
    status300: u32,
    status400: u32,
    status500: u32,
    status429: u32,
    requests: u32,
    date: &'a str,
}

/// What rows are drawn from.
struct Organization {
    clients: Vec<(String, Box<RawValue>)>,
    odd_names: Vec<&'static RawValue>,
    endpoints: Vec<String>,
    days: Vec<String>,
}

impl Organization {
    fn new(random: &mut Rng) -> Result<Self> {
        let clients = (0..CLIENTS).map(|number| {
            let name = format!("Integration {number} {}", pick(random, &PURPOSES));
            Ok((uuid(random), to_raw_value(&name)?))
        });
        Ok(Self {
            clients: clients.collect::<Result<_>>()?,
            odd_names: ODD_NAMES
                .into_iter()
                .map(serde_json::from_str)
                .collect::<Result<_, _>>()?,
            endpoints: (0..ENDPOINTS).map(|number| endpoint(random, number)).collect(),
            days: NaiveDate::from_ymd_opt(2025, 1, 1)
                .context("2025 has a first day")?
                .iter_days()
                .take(DAYS)
                .map(|day| format!("{day}T00:00:00Z"))
                .collect(),
        })
    }

    fn row(&self, random: &mut Rng) -> Row<'_> {
        let (client_id, usual_name) = pick(random, &self.clients);
        let odd_name = pick(random, &self.odd_names);
        let is_odd = random.usize(..ODD_EVERY) == 0;
        let template_uri = pick(random, &self.endpoints);
        let http_method = pick(random, &METHODS);
        let date = pick(random, &self.days);
        let [status200, status300, status400, status500] = [5_000, 3, 40, 5].map(|limit| random.u32(..limit));
        Row {
            client_id,
            client_name: if is_odd { odd_name } else { usual_name },
            organization_id: "",
            user_id: "",
            template_uri,
            http_method,
            status200,
            status300,
            status400,
            status500,
            status429: random.u32(..=status400),
            // The service does not count the requests that it refused for their rate.
            requests: status200 + status300 + status400 + status500,
            date,
        }
    }
}

fn pick<'a, T>(random: &mut Rng, from: &'a [T]) -> &'a T {
    &from[random.usize(..from.len())]
}

fn uuid(random: &mut Rng) -> String {
    let digits = format!("{:032x}", random.u128(..));
    let parts = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ];
    parts.join("-")
}

fn endpoint(random: &mut Rng, number: usize) -> String {
    let [owner, part] = [(); 2].map(|()| *pick(random, &RESOURCES));
    let id = owner.trim_end_matches('s');
    format!("api/v2/{owner}/{{{id}Id}}/{part}{number}")
}

fn write_realistic(rows: u64, mut out: impl Write) -> Result<()> {
    let mut random = Rng::with_seed(7);
    let organization = Organization::new(&mut random)?;
    out.write_all(br#"{"results":["#)?;
    for number in 0..rows {
        if number > 0 {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut out, &organization.row(&mut random))?;
    }
    out.write_all(br#"],"queryStatus":"Complete"}"#)?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Read {
        client_id: String,
        client_name: String,
        template_uri: String,
        http_method: String,
        status200: i64,
        status300: i64,
        status400: i64,
        status500: i64,
        requests: i64,
        date: String,
    }

    #[derive(Deserialize)]
    struct Response {
        results: Vec<Read>,
    }

    fn realistic(rows: u64) -> String {
        let mut text = Vec::new();
        write_realistic(rows, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn realistic_rows_have_the_length_and_the_groups_of_a_large_organization() {
        let text = realistic(20_000);
        assert!((319..=325).contains(&(text.len() / 20_000)), "{}", text.len());
        let rows = serde_json::from_str::<Response>(&text).unwrap().results;
        let different = |value: fn(&Read) -> &str| rows.iter().map(value).collect::<BTreeSet<_>>().len();
        assert_eq!(different(|row| &row.client_id), CLIENTS);
        assert_eq!(different(|row| &row.template_uri), ENDPOINTS);
        assert_eq!(different(|row| &row.http_method), METHODS.len());
        assert_eq!(different(|row| &row.date), DAYS);
        assert!(
            rows.iter()
                .all(|row| row.requests == row.status200 + row.status300 + row.status400 + row.status500)
        );
        let odd = rows
            .iter()
            .filter(|row| !row.client_name.starts_with("Integration"));
        assert!((150..250).contains(&odd.count()));
    }

    #[test]
    fn realistic_rows_are_the_same_each_time() {
        assert_eq!(realistic(50), realistic(50));
        assert_eq!(
            serde_json::from_str::<Response>(&realistic(0))
                .unwrap()
                .results
                .len(),
            0
        );
    }

    #[test]
    fn odd_names_have_every_escape_and_other_scripts() {
        let text = realistic(2_000);
        for name in ODD_NAMES {
            assert!(text.contains(name), "{name}");
        }
    }
}
