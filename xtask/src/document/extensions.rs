//! Our own extensions.

use anyhow::{Result, bail};
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
