//! The keys of rows of jobs, and which fields of the rows of queries they are.

use crate::rows::keys::{Keys, Value};

/// The keys that the rows of all jobs have, and these.
macro_rules! keys {
    ($($key:literal: $value:expr),+) => {
        Keys::Of(&[
            ("date", Value::Day),
            ("platform", Value::field("platform")),
            ("httpMethod", Value::method("httpMethod")),
            ("templateUri", Value::field("templateUri")),
            ("requestCount", Value::field("requests")),
            ("status200", Value::field("status200")),
            ("status300", Value::field("status300")),
            ("status400", Value::field("status400")),
            ("status429", Value::field("status429")),
            ("status500", Value::field("status500")),
            $(($key, $value)),+
        ])
    };
}

pub(super) const OF_ORGANIZATION: Keys = keys! {
    "oauthClient": Value::Object(&[
        ("id", Value::field("clientId")),
        ("name", Value::field("clientName")),
        ("selfUri", Value::Dropped),
    ]),
    "user": Value::Object(&[("id", Value::field("userId")), ("selfUri", Value::Dropped)])
};

pub(super) const OF_ONE_CLIENT: Keys = keys! {
    "organizationId": Value::field("organizationId")
};
