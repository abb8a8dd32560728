//! A place in the document, as the JSON pointer that other OpenAPI tools print.

use std::fmt;

use anyhow::{Result, anyhow};

/// The pointer of a value, from the document's root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place(String);

impl Place {
    pub(crate) fn root() -> Self {
        Self("#".to_owned())
    }

    pub(crate) fn schema(name: &str) -> Self {
        Self::root().at("components").at("schemas").at(name)
    }

    pub(crate) fn at(&self, key: &str) -> Self {
        Self(format!(
            "{}/{}",
            self.0,
            key.replace('~', "~0").replace('/', "~1")
        ))
    }

    pub(crate) fn item(&self, index: usize) -> Self {
        self.at(&index.to_string())
    }

    pub(crate) fn error(&self, message: impl fmt::Display) -> anyhow::Error {
        anyhow!("{self}: {message}")
    }

    /// Fails with this message if a condition does not hold.
    pub(crate) fn ensure(&self, holds: bool, message: impl fmt::Display) -> Result<()> {
        if holds { Ok(()) } else { Err(self.error(message)) }
    }
}

/// The key in the document for a key of a JSON pointer.
pub(crate) fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
