//! Any number of synthetic rows, each made only from its index.

use chrono::NaiveDate;

use crate::history::Counts;
use crate::ids::{mix_all, uuid};
use crate::row::Row;

const CLIENTS: u64 = 40;
const USERS: u64 = 4;
const DAYS: u64 = 365;
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];
const PLATFORMS: [&str; 2] = ["Api", "Integration"];
const RESOURCES: [&str; 20] = [
    "analytics/conversations",
    "architect/prompts",
    "authorization/roles",
    "conversations/calls",
    "conversations/messages",
    "externalcontacts/contacts",
    "flows/datatables",
    "gamification/profiles",
    "journey/segments",
    "knowledge/knowledgebases",
    "locations",
    "notifications/channels",
    "outbound/campaigns",
    "presence/definitions",
    "quality/evaluations",
    "recording/jobs",
    "routing/queues",
    "telephony/stations",
    "users",
    "workforcemanagement/schedules",
];
const SUFFIXES: [&str; 10] = [
    "",
    "/search",
    "/query",
    "/{id}",
    "/{id}/members",
    "/{id}/members/{memberId}",
    "/{id}/attributes",
    "/{id}/versions/{versionId}",
    "/{id}/divisions",
    "/{id}/history/{historyId}/results",
];

/// How many different rows a day has. After that they repeat.
const COMBINATIONS: u64 = CLIENTS * USERS * (METHODS.len() * RESOURCES.len() * SUFFIXES.len()) as u64;

/// A prime that divides no number of combinations. Its multiples reach every combination once, and neighbours are far apart.
const STRIDE: u64 = 2_654_435_761;

/// Any number of rows. Every row has every dimension and a date.
pub(crate) struct Bulk {
    seed: u64,
    count: u64,
    organization: String,
    clients: Vec<(String, String)>,
    users: Vec<String>,
    templates: Vec<String>,
    days: Vec<NaiveDate>,
}

impl Bulk {
    /// Rows of these days, or of the last year if there are none.
    pub(crate) fn new(seed: u64, today: NaiveDate, days: Vec<NaiveDate>, count: u64) -> Self {
        let last_year = || (1..=DAYS).filter_map(|age| today.checked_sub_days(chrono::Days::new(age)));
        let templates = RESOURCES.iter().flat_map(|resource| {
            SUFFIXES
                .iter()
                .map(move |suffix| format!("api/v2/{resource}{suffix}"))
        });
        let clients =
            (0..CLIENTS).map(|number| (uuid(10, seed, number), format!("Integration {:02}", number + 1)));
        Self {
            seed,
            count,
            organization: uuid(11, seed, 0),
            clients: clients.collect(),
            users: (0..CLIENTS * USERS)
                .map(|number| uuid(12, seed, number))
                .collect(),
            templates: templates.collect(),
            days: match days[..] {
                [] => last_year().collect(),
                _ => days,
            },
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    /// The row at this position.
    pub(crate) fn row(&self, position: u64) -> Row<'_> {
        let combinations = COMBINATIONS * self.days.len() as u64;
        let mut rest = position % combinations * STRIDE % combinations;
        let mut pick = |count: usize| {
            let picked = rest % count as u64;
            rest /= count as u64;
            picked as usize
        };
        let client = pick(self.clients.len());
        Row {
            client_id: Some(&self.clients[client].0),
            client_name: Some(&self.clients[client].1),
            organization_id: Some(&self.organization),
            user_id: Some(&self.users[client * USERS as usize + pick(USERS as usize)]),
            template_uri: Some(&self.templates[pick(self.templates.len())]),
            http_method: Some(METHODS[pick(METHODS.len())]),
            platform: Some(PLATFORMS[client % PLATFORMS.len()]),
            counts: counts(mix_all(&[self.seed, position])),
            date: Some(self.days[pick(self.days.len())]),
        }
    }
}

fn counts(hash: u64) -> Counts {
    let requests = 1 + hash % 2000;
    let redirected = requests * (hash >> 16 & 7) / 1000;
    let refused = requests * (hash >> 24 & 63) / 1000;
    let failed = requests * (hash >> 32 & 7) / 1000;
    let limited = refused * (hash >> 40 & 127) / 128;
    [
        requests - redirected - refused - failed,
        redirected,
        refused,
        failed,
        limited,
        requests,
    ]
}
