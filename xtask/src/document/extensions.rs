//! Our own extensions.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::place::Place;

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

/// The strings of an extension that is a list of them. None if the object does not have it.
pub(super) fn texts<'a>(object: &'a Value, name: &str, place: &Place) -> Result<Vec<&'a str>> {
    let Some(value) = object.get(name) else {
        return Ok(Vec::new());
    };
    let items = value.as_array().map(|items| items.iter().map(Value::as_str).collect());
    let texts: Option<Vec<_>> = items.flatten();
    texts.with_context(|| place.at(name).error(format!("must be a list of strings, not {value}")))
}
