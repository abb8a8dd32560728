//! The OpenAPI document: read, and checked for everything that the generator would refuse, panic on or ignore.

use anyhow::{Result, anyhow, bail, ensure};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) mod enums;
pub(crate) mod names;
pub(crate) mod operations;
pub(crate) mod paths;
pub(crate) mod place;
pub(crate) mod references;

mod bodies;
mod extensions;
mod keywords;
mod parameters;
mod schemas;

use operations::Operation;
use place::Place;
use references::Components;

/// The document's file, relative to the workspace's root.
pub(crate) const DOCUMENT: &str = "openapi/usage.yaml";

/// A document that passed the checks.
pub(crate) struct Document(Value);

impl Document {
    /// Reads YAML (or JSON, which is YAML) and checks it.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let value: Value = from_yaml(text)?;
        check_version(&value)?;
        check_frame(&value)?;
        check_info(&value)?;
        schemas::check_named(Components(&value))?;
        operations::read(&value)?;
        openapi(&value)?;
        Ok(Self(value))
    }

    pub(crate) fn info(&self) -> &Value {
        &self.0["info"]
    }

    /// The named schemas, sorted by name.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = (&str, &Value)> {
        Components(&self.0).schemas()
    }

    /// The operations, sorted by path.
    pub(crate) fn operations(&self) -> Result<Vec<Operation<'_>>> {
        operations::read(&self.0)
    }
}

/// A value from YAML 1.2, in which `no` and `y` are strings.
pub(crate) fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| anyhow!("not valid YAML: {error}"))
}

/// The typed document that the generator reads.
pub(crate) fn openapi(value: &Value) -> Result<openapiv3::OpenAPI> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = error
            .path()
            .iter()
            .fold(Place::root(), |place, segment| match segment {
                serde_path_to_error::Segment::Seq { index } => place.item(*index),
                serde_path_to_error::Segment::Map { key } => place.at(key),
                serde_path_to_error::Segment::Enum { variant } => place.at(variant),
                serde_path_to_error::Segment::Unknown => place,
            });
        place.error(format!("not OpenAPI 3.0: {}", error.inner()))
    })
}

/// `info`, which the documentation of the client comes from.
fn check_info(value: &Value) -> Result<()> {
    let mut frame = json!({ "openapi": value["openapi"], "paths": {} });
    if let Some(info) = value.get("info") {
        frame["info"] = info.clone();
    }
    openapi(&frame).map(drop)
}

fn check_version(value: &Value) -> Result<()> {
    let place = Place::root().at("openapi");
    ensure!(
        value.is_object(),
        "#: not an OpenAPI document: expected a mapping with `openapi`, `info` and `paths`"
    );
    if let Some(version) = value.get("swagger") {
        let place = Place::root().at("swagger");
        bail!(place.error(format!("Swagger {version} is not OpenAPI 3.0")));
    }
    match value.get("openapi") {
        Some(Value::String(version)) if version.starts_with("3.0.") => Ok(()),
        Some(version) => bail!(place.error(format!("version {version} is not supported, only 3.0.x is"))),
        None => bail!(place.error("missing: the document does not say that it is OpenAPI 3.0.x")),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

fn items(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().into_iter().flatten().enumerate()
}

/// The keywords of the parts around the operations.
fn check_frame(root: &Value) -> Result<()> {
    let place = Place::root();
    keywords::ROOT.check(root, &place)?;
    for (key, keywords) in [("info", keywords::INFO), ("components", keywords::COMPONENTS)] {
        if let Some(value) = root.get(key) {
            keywords.check(value, &place.at(key))?;
        }
    }
    Ok(())
}
