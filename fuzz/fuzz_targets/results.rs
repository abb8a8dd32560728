//! What decodes does so again from what it is written as, and with what the service may add or leave out.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use usage_client::{
    ApiUsageQueryResult,
    types::{ErrorBody, UsageExecutionResult},
};

fuzz_target!(|body: &[u8]| {
    check::<ApiUsageQueryResult>(body, &["results", "queryStatus", "cursors"]);
    check::<UsageExecutionResult>(body, &["executionId", "resultsUri"]);
    check::<ErrorBody>(
        body,
        &[
            "message",
            "code",
            "status",
            "details",
            "errors",
            "messageParams",
            "limit",
        ],
    );
});

fn check<T: DeserializeOwned + Serialize>(body: &[u8], members: &[&str]) {
    let Ok(decoded) = serde_json::from_slice::<T>(body) else {
        return;
    };
    let written = serde_json::to_value(&decoded).expect("what was decoded can be written");
    same::<T>(written.clone(), &written, "what was written");
    // A list is read as the members of a struct in their order; the service sends objects.
    let Ok(Value::Object(sent)) = serde_json::from_slice(body) else {
        return;
    };
    let mut more = sent.clone();
    more.insert("a member of tomorrow".to_owned(), json!([{ "a": null }, 1]));
    same::<T>(more.into(), &written, "one more member");
    let mut nulls = sent;
    for member in members {
        nulls.entry(*member).or_insert(Value::Null);
    }
    same::<T>(nulls.into(), &written, "null for what is absent");
}

fn same<T: DeserializeOwned + Serialize>(value: Value, written: &Value, what: &str) {
    let again: T = serde_json::from_value(value).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(
        serde_json::to_value(again).expect("it can be written"),
        *written,
        "{what}"
    );
}
