//! References: what a `$ref` refers to, and reading from there.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::Value;

use super::{
    entries,
    place::{Place, unescape},
};

const COMPONENTS: &str = "#/components/";

/// The beginning of every reference to a named schema.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";

/// The document's components by kind and name.
#[derive(Clone, Copy)]
pub(super) struct Components<'a>(pub(super) &'a Value);

impl<'a> Components<'a> {
    pub(super) fn schemas(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.of("schemas")
    }

    pub(super) fn schema(self, name: &str) -> &'a Value {
        &self.0["components"]["schemas"][name]
    }

    /// The components of one kind.
    pub(super) fn of(self, kind: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        entries(&self.0["components"][kind])
    }

    /// The value, or the value that it refers to, with its place.
    pub(super) fn follow(self, kind: &str, value: &'a Value, place: &Place) -> Result<(&'a Value, Place)> {
        let mut seen = BTreeSet::new();
        let (mut value, mut at) = (value, place.clone());
        while let Some(reference) = value.get("$ref") {
            let place = at.at("$ref");
            let Some(target) = reference.as_str() else {
                bail!(place.error(format!("`$ref` must be a string, not {reference}")));
            };
            at.ensure(
                value.as_object().is_some_and(|members| members.len() == 1),
                "keywords beside `$ref` are ignored; leave them out",
            )?;
            place.ensure(
                seen.insert(target),
                format_args!("`{target}` leads back to itself"),
            )?;
            let name = parts(target).filter(|(of, _)| *of == kind);
            let Some((_, name)) = name else {
                bail!(place.error(format!(
                    "`{target}` does not lead to a component of this document: expected {COMPONENTS}{kind}/…"
                )));
            };
            let name = unescape(name);
            value = match self.0["components"][kind].get(&name) {
                Some(value) => value,
                None => bail!(place.error(format!("`{target}` leads nowhere"))),
            };
            at = Place::root().at("components").at(kind).at(&name);
        }
        Ok((value, at))
    }
}

/// Kind and name of a component.
fn parts(target: &str) -> Option<(&str, &str)> {
    target
        .strip_prefix(COMPONENTS)?
        .split_once('/')
        .filter(|(_, name)| !name.is_empty() && !name.contains('/'))
}

/// The last part of a reference, which is the name of its target.
pub(crate) fn name(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// Reads the part of the document at a place.
pub(super) struct Reader<'a> {
    pub(super) components: Components<'a>,
    pub(super) place: Place,
}

impl<'a> Reader<'a> {
    pub(super) fn at(&self, key: &str) -> Self {
        Self {
            components: self.components,
            place: self.place.at(key),
        }
    }

    /// The target of a reference, and a reader at its place.
    pub(super) fn follow(&self, kind: &str, value: &'a Value) -> Result<(&'a Value, Self)> {
        let (value, place) = self.components.follow(kind, value, &self.place)?;
        let components = self.components;
        Ok((value, Self { components, place }))
    }
}

/// The name of the component that a value refers to.
pub(super) fn component(value: &Value) -> Option<&str> {
    value["$ref"].as_str().map(name)
}
