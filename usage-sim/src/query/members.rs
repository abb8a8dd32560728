//! The values of a body's keys, with the error for each that is not what it must be.

use serde_json::{Map, Value};

use super::models::Named;
use crate::errors::ApiError;

/// The keys and values of a JSON object.
pub(super) struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    /// The object of a model, if it has only known keys.
    pub(super) fn of(value: &'a Value, model: &str, known: &[&str]) -> Result<Self, ApiError> {
        let Value::Object(members) = value else {
            return Err(ApiError::bad_request(format!("[{model}] is not a JSON object.")));
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(ApiError::invalid_property(name, model, known)),
            None => Ok(Self(members)),
        }
    }

    /// The string of a key, if there is one. The document has no `null` in requests, so `null` has the wrong type.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, ApiError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::bad_request(format!(
                "The member [{name}] is not a string."
            ))),
        }
    }

    /// The list of a key. It is empty without the key.
    pub(super) fn list(&self, name: &str) -> Result<&'a [Value], ApiError> {
        match self.0.get(name) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(ApiError::bad_request(format!(
                "The member [{name}] is not a list."
            ))),
        }
    }

    /// The list of strings of a key.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&'a str>, ApiError> {
        let items = self.list(name)?.iter();
        items
            .map(|item| {
                item.as_str().ok_or_else(|| {
                    ApiError::bad_request(format!("The member [{name}] holds something not a string."))
                })
            })
            .collect()
    }

    /// What the strings of a key's list stand for.
    pub(super) fn chosen<T: Copy>(
        &self,
        name: &'static str,
        kind: &str,
        allowed: &[Named<T>],
    ) -> Result<Vec<T>, ApiError> {
        let texts = self.texts(name)?.into_iter();
        texts.map(|text| meaning(text, name, kind, allowed)).collect()
    }
}

/// What a string stands for, if it is allowed.
pub(super) fn meaning<T: Copy>(
    text: &str,
    field: &'static str,
    kind: &str,
    allowed: &[Named<T>],
) -> Result<T, ApiError> {
    match allowed.iter().find(|(name, _)| *name == text) {
        Some((_, meaning)) => Ok(*meaning),
        None => {
            let names: Vec<_> = allowed.iter().map(|(name, _)| *name).collect();
            Err(ApiError::invalid_value(text, kind, field, &names))
        }
    }
}
