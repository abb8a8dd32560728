//! The organization of the synthetic history: its OAuth clients and their calls.

/// One OAuth client.
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The users that it acts for. A client-credentials client acts for no user, which is an empty id in rows.
    pub(crate) users: &'static [&'static str],
    /// Requests on an average working day in 2018.
    pub(crate) daily: u64,
    /// Requests on a Saturday or Sunday, in percent of those on a working day.
    pub(crate) weekend: u64,
    /// The errors among its requests.
    pub(crate) error_rates: ErrorRates,
    pub(crate) calls: &'static [Call],
}

/// Requests that do not succeed, in per mille.
pub(crate) struct ErrorRates {
    pub(crate) redirected: u64,
    pub(crate) refused: u64,
    pub(crate) limited: u64,
    pub(crate) failed: u64,
}

/// A call of a client: path template, method, and its share of the client's requests in per mille.
pub(crate) struct Call(pub(crate) &'static str, pub(crate) &'static str, pub(crate) u64);

pub(crate) const ORGANIZATION: &str = "0e333a39-e88c-40cb-bd97-57e4bff00558";

const NOBODY: &str = "";
const ANNA: &str = "92f3f050-6781-4d48-ad9c-d373a0427923";
const BORIS: &str = "6727f10d-bdc6-4dc9-b484-c2b4f54eaab0";
const CHIARA: &str = "a1bd6e21-d4ee-4bcc-bbd9-32f3de55406f";
const DMITRI: &str = "574de2ba-cef3-4e10-9884-a445011bcd88";

const FEW_ERRORS: ErrorRates = ErrorRates {
    redirected: 0,
    refused: 4,
    limited: 0,
    failed: 1,
};

pub(crate) const CLIENTS: &[Client] = &[
    Client {
        id: "273d7643-46b8-4da7-8514-d4e9967b1feb",
        name: "Nightly Export",
        users: &[NOBODY],
        daily: 2400,
        weekend: 100,
        error_rates: FEW_ERRORS,
        calls: &[
            Call("api/v2/analytics/conversations/details/jobs", "POST", 20),
            Call("api/v2/analytics/conversations/details/jobs/{jobId}", "GET", 480),
            Call(
                "api/v2/analytics/conversations/details/jobs/{jobId}/results",
                "GET",
                380,
            ),
            Call("api/v2/users", "GET", 80),
            Call("api/v2/routing/queues", "GET", 40),
        ],
    },
    Client {
        id: "242c00c7-750e-4fdb-9127-561e553496b7",
        name: "Wallboard",
        users: &[ANNA, NOBODY],
        daily: 8600,
        weekend: 55,
        error_rates: ErrorRates {
            redirected: 0,
            refused: 2,
            limited: 6,
            failed: 3,
        },
        calls: &[
            Call("api/v2/analytics/queues/observations/query", "POST", 620),
            Call("api/v2/analytics/users/aggregates/query", "POST", 190),
            Call("api/v2/notifications/channels", "POST", 30),
            Call(
                "api/v2/notifications/channels/{channelId}/subscriptions",
                "PUT",
                60,
            ),
            Call("api/v2/routing/queues/{queueId}/members", "GET", 100),
        ],
    },
    Client {
        id: "ec65f8d6-f838-424b-b79f-34ecfb40b7c3",
        name: "CRM Connector",
        users: &[ANNA, BORIS, CHIARA],
        daily: 5200,
        weekend: 20,
        error_rates: ErrorRates {
            redirected: 0,
            refused: 18,
            limited: 1,
            failed: 2,
        },
        calls: &[
            Call("api/v2/conversations/{conversationId}", "GET", 370),
            Call("api/v2/conversations/calls/{conversationId}", "PATCH", 130),
            Call("api/v2/externalcontacts/contacts", "GET", 210),
            Call("api/v2/externalcontacts/contacts", "POST", 60),
            Call("api/v2/externalcontacts/contacts/{contactId}", "PUT", 140),
            Call("api/v2/externalcontacts/contacts/{contactId}", "DELETE", 10),
            Call("api/v2/users/{userId}", "GET", 80),
        ],
    },
    Client {
        // The client that an administrator looks for: it exceeds the rate limit most of the time.
        id: "c7183396-e58d-425e-8c46-90186ac72f1f",
        name: "Data Lake Loader",
        users: &[NOBODY],
        daily: 9800,
        weekend: 90,
        error_rates: ErrorRates {
            redirected: 0,
            refused: 5,
            limited: 270,
            failed: 8,
        },
        calls: &[
            Call("api/v2/analytics/conversations/details/query", "POST", 710),
            Call("api/v2/analytics/conversations/aggregates/query", "POST", 160),
            Call("api/v2/conversations/{conversationId}", "GET", 130),
        ],
    },
    Client {
        id: "ff618b3e-f1d2-4109-ac38-246a03e747f5",
        name: "Workforce Sync",
        users: &[DMITRI],
        daily: 1900,
        weekend: 15,
        error_rates: FEW_ERRORS,
        calls: &[
            Call("api/v2/users", "GET", 140),
            Call("api/v2/users/search", "POST", 110),
            Call("api/v2/users/{userId}/presences/{sourceId}", "GET", 430),
            Call("api/v2/users/{userId}/presences/{sourceId}", "PATCH", 90),
            Call("api/v2/users/{userId}/routingskills", "GET", 230),
        ],
    },
    Client {
        id: "92359b03-eb51-4f56-a2e4-2d9e9d3bff9c",
        name: "Chat Bot",
        users: &[NOBODY, BORIS],
        daily: 3100,
        weekend: 130,
        error_rates: ErrorRates {
            redirected: 0,
            refused: 9,
            limited: 3,
            failed: 4,
        },
        calls: &[
            Call(
                "api/v2/conversations/messages/{conversationId}/communications/{communicationId}/messages",
                "POST",
                640,
            ),
            Call("api/v2/conversations/{conversationId}", "GET", 240),
            Call("api/v2/flows/datatables/{datatableId}/rows/{rowId}", "GET", 120),
        ],
    },
    Client {
        id: "b7c44559-01bc-4917-8aaa-9d20cd64b68e",
        name: "Identity Provisioning",
        users: &[NOBODY],
        daily: 160,
        weekend: 5,
        error_rates: ErrorRates {
            redirected: 0,
            refused: 90,
            limited: 0,
            failed: 2,
        },
        calls: &[
            Call("api/v2/scim/users", "GET", 430),
            Call("api/v2/scim/users", "POST", 50),
            Call("api/v2/scim/users/{userId}", "PUT", 470),
            Call("api/v2/scim/users/{userId}", "DELETE", 50),
        ],
    },
    Client {
        id: "908ab9b9-9665-4f22-a406-8f3786a8727a",
        name: "Quality Reports",
        users: &[CHIARA, DMITRI],
        daily: 740,
        weekend: 10,
        error_rates: ErrorRates {
            redirected: 120,
            refused: 12,
            limited: 0,
            failed: 3,
        },
        calls: &[
            Call("api/v2/conversations/{conversationId}/recordings", "GET", 420),
            Call(
                "api/v2/conversations/{conversationId}/recordings/{recordingId}",
                "GET",
                460,
            ),
            Call("api/v2/usage/query", "POST", 20),
            Call("api/v2/usage/query/{executionId}/results", "GET", 100),
        ],
    },
];
