//! Our own extensions.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::place::Place;

/// The permissions of an operation: `type` is `ANY` if one of them is enough, and `ALL` if all are needed.
const PERMISSIONS: &str = "x-inin-requires-permissions";

/// The value of an extension that is true or false, if the object has it.
pub(super) fn flag(object: &Value, name: &str, place: &Place) -> Result<Option<bool>> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(other) => {
            let place = place.at(name);
            bail!(place.error(format!("must be true or false, not {other}")))
        }
    }
}

/// The permissions that allow an operation, in words such as `a or b`. Empty if the document names none.
pub(super) fn permissions(operation: &Value, place: &Place) -> Result<String> {
    let Some(value) = operation.get(PERMISSIONS) else {
        return Ok(String::new());
    };
    let place = place.at(PERMISSIONS);
    let word = match value["type"].as_str() {
        Some("ANY") => " or ",
        Some("ALL") => " and ",
        _ => bail!(place.at("type").error("must be ANY or ALL")),
    };
    Ok(texts(value, "permissions", &place)?.join(word))
}

/// The strings of an extension that is a list of them. None if the object does not have it.
pub(super) fn texts<'a>(object: &'a Value, name: &str, place: &Place) -> Result<Vec<&'a str>> {
    let Some(value) = object.get(name) else {
        return Ok(Vec::new());
    };
    let items = value
        .as_array()
        .map(|items| items.iter().map(Value::as_str).collect());
    let texts: Option<Vec<_>> = items.flatten();
    texts.with_context(|| {
        place
            .at(name)
            .error(format!("must be a list of strings, not {value}"))
    })
}
