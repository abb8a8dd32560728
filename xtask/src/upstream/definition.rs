//! A definition of any size: its parts stay text until they are needed.

use std::{borrow::Cow, collections::BTreeMap};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::document::place::unescape;

/// The values of a JSON object, each as text.
type Parts<'a> = BTreeMap<String, &'a RawValue>;

/// A published definition has tens of megabytes, and a few kilobytes are needed.
pub(super) struct Definition<'a> {
    /// `Swagger 2.0 of Genesys Cloud Platform API`.
    pub(super) name: String,
    pub(super) version: Version,
    /// Prefix of every path.
    pub(super) base_path: String,
    /// By path.
    pub(super) paths: Parts<'a>,
    /// By the first part of a `$ref`, such as `#/definitions` or `#/components/schemas`.
    components: BTreeMap<&'static str, Parts<'a>>,
    /// Default media types of bodies (Swagger 2.0).
    pub(super) consumes: Vec<String>,
    pub(super) produces: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Swagger2,
    OpenApi3,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Root<'a> {
    swagger: Option<String>,
    openapi: Option<String>,
    #[serde(default)]
    info: Value,
    base_path: Option<String>,
    #[serde(default)]
    servers: Vec<Value>,
    #[serde(borrow)]
    paths: Option<Parts<'a>>,
    #[serde(borrow, default)]
    definitions: Parts<'a>,
    #[serde(borrow, default)]
    parameters: Parts<'a>,
    #[serde(borrow, default)]
    responses: Parts<'a>,
    #[serde(borrow, default)]
    components: Components<'a>,
    #[serde(default)]
    consumes: Vec<String>,
    #[serde(default)]
    produces: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Components<'a> {
    #[serde(borrow)]
    schemas: Parts<'a>,
    #[serde(borrow)]
    parameters: Parts<'a>,
    #[serde(borrow)]
    responses: Parts<'a>,
    #[serde(borrow)]
    request_bodies: Parts<'a>,
}

impl<'a> Definition<'a> {
    /// Reads the outline of JSON text, which must be well-formed.
    pub(super) fn read(json: &'a str) -> Result<Self> {
        let root: Root<'a> = serde_json::from_str(json).context("not an OpenAPI definition")?;
        let (version, label) = match (root.swagger.as_deref(), root.openapi.as_deref()) {
            (Some("2.0"), None) => (Version::Swagger2, "Swagger 2.0".to_owned()),
            (None, Some(version)) if version.starts_with("3.") => {
                (Version::OpenApi3, format!("OpenAPI {version}"))
            }
            (Some(version), _) => bail!("swagger: version {version} is not known, only 2.0"),
            (None, Some(version)) => bail!("openapi: version {version} is not known, only 3.x"),
            (None, None) => bail!("neither `swagger` nor `openapi` says that this is an OpenAPI definition"),
        };
        let paths = root.paths.context("`paths` is missing")?;
        ensure!(!paths.is_empty(), "`paths` is empty");
        let base_path = match version {
            Version::Swagger2 => root.base_path.unwrap_or_default(),
            Version::OpenApi3 => {
                let url = root.servers.first().and_then(|server| server["url"].as_str());
                path_of(url.unwrap_or_default())
            }
        };
        let components = BTreeMap::from([
            ("#/definitions", root.definitions),
            ("#/parameters", root.parameters),
            ("#/responses", root.responses),
            ("#/components/schemas", root.components.schemas),
            ("#/components/parameters", root.components.parameters),
            ("#/components/responses", root.components.responses),
            ("#/components/requestBodies", root.components.request_bodies),
        ]);
        let title = root.info["title"].as_str();
        Ok(Self {
            name: title.map_or(label.clone(), |title| format!("{title} ({label})")),
            version,
            base_path: base_path.trim_end_matches('/').to_owned(),
            paths,
            components,
            consumes: root.consumes,
            produces: root.produces,
        })
    }

    /// The direct target of a `$ref`.
    pub(super) fn target(&self, reference: &str) -> Result<Value> {
        let unknown = || anyhow!("`{reference}` leads nowhere");
        let (section, name) = reference.rsplit_once('/').ok_or_else(unknown)?;
        let name = unescape(name);
        let parts = self.components.get(section);
        let text = parts.and_then(|parts| parts.get(&name)).ok_or_else(unknown)?;
        serde_json::from_str(text.get()).with_context(|| reference.to_owned())
    }

    /// The value, or the last target of its chain of `$ref`s.
    pub(super) fn resolve<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>> {
        let mut resolved = Cow::Borrowed(value);
        let mut steps = 0;
        while let Some(reference) = resolved.get("$ref").and_then(Value::as_str) {
            steps += 1;
            ensure!(steps <= 32, "`{reference}` leads back to itself");
            resolved = Cow::Owned(self.target(reference)?);
        }
        Ok(resolved)
    }
}

/// The path of a server's URL, which may be a template.
fn path_of(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.find('/').map(|at| &after_scheme[at..]);
    path.unwrap_or_default().to_owned()
}
