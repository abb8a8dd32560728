//! What a body says about an error: the service's error body, or a message anywhere in the JSON.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::json;
use crate::generated::types::ErrorBody;

/// Members that a successful response has, and an error body has not.
const RESPONSE_MEMBERS: [&str; 4] = ["queryStatus", "results", "executionId", "access_token"];
/// Where a message may be, the most useful first.
const MESSAGES: [&str; 7] = [
    "message",
    "errorMessage",
    "messageWithParams",
    "reason",
    "error_description",
    "description",
    "error",
];

/// How many objects of a body are searched. A body of 1 MiB may contain a hundred thousand.
const MAX_OBJECTS: usize = 200;
/// How many objects are copied completely. Of the others, lists and objects are left out, because each level contains
/// all levels below it.
const WHOLE_OBJECTS: usize = 4;

/// How other names of messages end, in lower case and in the singular.
const ENDINGS: [&str; 9] = [
    "message",
    "reason",
    "error",
    "errorbody",
    "description",
    "detail",
    "cause",
    "failure",
    "explanation",
];

/// The error body in a text, whatever its content type. Members of a wrong type are left out, so that the others can
/// be read. Nothing if there is neither a message nor a code.
pub(crate) fn error_body(body: &[u8]) -> Option<ErrorBody> {
    of_members(object(body)?)
}

fn of_members(mut members: Map<String, Value>) -> Option<ErrorBody> {
    members.retain(|name, value| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<ErrorBody>(alone.into()).is_ok()
    });
    let body: ErrorBody = serde_json::from_value(members.into()).ok()?;
    has_content(&body).then_some(body)
}

/// Whether an error body says anything.
pub(crate) fn has_content(body: &ErrorBody) -> bool {
    let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    has(&body.message) || has(&body.code)
}

/// The error body of a successful response: a gateway or the service reports an error with a successful status.
pub(crate) fn under_success(body: &[u8]) -> Option<ErrorBody> {
    // A search is enough for most responses.
    memchr::memmem::find(body, b"\"message\"").or_else(|| memchr::memmem::find(body, b"\"code\""))?;
    let members = object(body)?;
    if RESPONSE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
        return None;
    }
    error_body(body)
}

/// Why something failed: an error body and a message.
#[derive(Debug, Default)]
pub(crate) struct Reason {
    pub(crate) message: Option<String>,
    pub(crate) body: Option<ErrorBody>,
}

/// The reason in the response of a failed query, wherever it is.
pub(crate) fn reason(body: &[u8]) -> Reason {
    let Some(members) = object(body) else {
        return Reason::default();
    };
    let mut objects = VecDeque::from([members]);
    let mut reason = Reason::default();
    for seen in 0..MAX_OBJECTS {
        let Some(object) = objects.pop_front() else { break };
        let known = MESSAGES.iter().find_map(|name| text(object.get(*name)?));
        let message = known.or_else(|| {
            object
                .iter()
                .find_map(|(name, value)| named_like_one(name, value))
        });
        if reason.message.is_none() {
            reason.message = message.map(str::to_owned);
        }
        if reason.body.is_none() {
            let members = object.iter();
            let members =
                members.filter(|(_, value)| seen < WHOLE_OBJECTS || !value.is_object() && !value.is_array());
            let members = members
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            reason.body =
                of_members(members).filter(|body| body.code.is_some() || body.message.as_deref() == message);
        }
        if reason.message.is_some() && reason.body.is_some() {
            break;
        }
        for (name, value) in object {
            match value {
                // Rows contain no reasons.
                _ if name == "results" => {}
                Value::Object(inner) => objects.push_back(inner),
                Value::Array(list) => objects.extend(list.into_iter().filter_map(|value| match value {
                    Value::Object(inner) => Some(inner),
                    _ => None,
                })),
                _ => {}
            }
        }
    }
    reason
}

/// The text of a member with the name of a message, or the first text of its list.
fn named_like_one<'a>(name: &str, value: &'a Value) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let name = name.trim_end_matches('s');
    if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    match value {
        Value::Array(list) => list.iter().find_map(text),
        value => text(value),
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn object(body: &[u8]) -> Option<Map<String, Value>> {
    json::from_slice(json::lossy(body).as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_member_does_not_cost_the_others() {
        let body = br#"{"message":"m","code":"c","status":"409","details":7,"contextId":"x"}"#;
        let body = error_body(body).unwrap();
        assert_eq!(
            (
                body.message.as_deref(),
                body.code.as_deref(),
                body.context_id.as_deref()
            ),
            (Some("m"), Some("c"), Some("x"))
        );
        assert_eq!((body.status, body.details), (None, None));
        for nothing in [
            "{}",
            "[]",
            "",
            "null",
            "\"message\"",
            r#"{"message":7}"#,
            r#"{"message":""}"#,
        ] {
            assert!(error_body(nothing.as_bytes()).is_none(), "{nothing}");
        }
    }

    #[test]
    fn a_response_is_not_taken_for_an_error() {
        for (text, is_error) in [
            (r#"{"message":"m","code":"c","status":500}"#, true),
            (r#"{"message":"m","status":500,"contextId":"x"}"#, true),
            (r#"{"message":"m"}"#, true),
            (r#"{"code":"c"}"#, true),
            (r#"{"status":500}"#, false),
            (r#"{"access_token":"t","message":"welcome"}"#, false),
            (r#"{"message":"m","code":"c","queryStatus":"Running"}"#, false),
            (r#"{"message":"m","code":"c","results":[]}"#, false),
            (r#"{"message":"m","code":"c","executionId":"1"}"#, false),
            (r#"{"results":[{"message":"m","code":"c"}]}"#, false),
        ] {
            assert_eq!(under_success(text.as_bytes()).is_some(), is_error, "{text}");
        }
    }

    #[test]
    fn a_limited_number_of_objects_is_searched() {
        for (before, is_found) in [(100, true), (100_000, false)] {
            let objects = format!("{}{{\"message\":\"why\"}}", "{},".repeat(before));
            let reason = reason(format!("{{\"list\":[{objects}]}}").as_bytes());
            assert_eq!(reason.message.is_some(), is_found, "{before}");
        }
    }

    #[test]
    fn of_deep_objects_what_is_in_them_is_not_copied() {
        let of_level = |level: usize| {
            let inner = r#"{"code":"c","details":[{"errorCode":"e"}]}"#.to_owned();
            let body = (0..level).fold(inner, |inner, _| format!(r#"{{"a":{inner}}}"#));
            reason(body.as_bytes()).body.unwrap()
        };
        assert!(of_level(1).details.is_some());
        assert!(of_level(50).details.is_none());
        assert_eq!(of_level(50).code.as_deref(), Some("c"));
    }

    #[test]
    fn a_reason_is_found_wherever_it_stands() {
        for (members, message, code) in [
            (
                r#""errorBody":{"message":"too big","code":"x.y"}"#,
                "too big",
                "x.y",
            ),
            (r#""message":"too big""#, "too big", ""),
            (r#""errors":[{"details":{"reason":"deep"}}]"#, "deep", ""),
            (r#""errorMessage":" why ""#, "why", ""),
            (r#""results":[{"message":"a row"}]"#, "", ""),
            (r#""message":"","error":7"#, "", ""),
            (r#""failureReason":"too big""#, "too big", ""),
            (r#""errorBody":"too big""#, "too big", ""),
            (r#""statusMessage":"other","message":"too big""#, "too big", ""),
            (r#""errors":["too big","again"]"#, "too big", ""),
            (r#""errorBody":{"code":"x.y"}"#, "", "x.y"),
            (r#""resultsUri":"/x","executionId":"1""#, "", ""),
        ] {
            let text = format!(r#"{{"queryStatus":"Failed",{members}}}"#);
            let reason = reason(text.as_bytes());
            assert_eq!(reason.message.unwrap_or_default(), message, "{text}");
            let found = reason.body.and_then(|body| body.code);
            assert_eq!(found.unwrap_or_default(), code, "{text}");
        }
    }
}
