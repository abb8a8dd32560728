//! The typed value of a setting.

use std::{borrow::Cow, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use usage_client::Region;

use super::file::expanded;

/// A value. Its setting decides whether a text may be shown.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(SecretString),
    File(PathBuf),
    /// A text with its meaning, or with the reason why it has none. The reason is reported only if the value is needed.
    Region(String, Result<Region, String>),
    Time(String, Result<Duration, String>),
}

impl Value {
    /// The text as the user wrote it.
    pub(crate) fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => text.expose_secret().into(),
            Self::File(path) => path.to_string_lossy(),
            Self::Region(text, _) | Self::Time(text, _) => text.into(),
        }
    }
}

impl From<PathBuf> for Value {
    fn from(path: PathBuf) -> Self {
        Self::File(expanded(&path))
    }
}

impl From<Region> for Value {
    fn from(region: Region) -> Self {
        Self::Region(region.to_string(), Ok(region))
    }
}

impl From<Duration> for Value {
    fn from(time: Duration) -> Self {
        Self::Time(humantime::format_duration(time).to_string(), Ok(time))
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(super) fn file(text: &str) -> Value {
    PathBuf::from(text).into()
}

pub(super) fn region(text: &str) -> Value {
    let region = text
        .parse()
        .map_err(|error: usage_client::Error| error.to_string());
    Value::Region(text.to_owned(), region)
}

pub(super) fn time(text: &str) -> Value {
    let time = duration(text).map_err(|reason| format!("`{text}`: {reason}"));
    Value::Time(text.to_owned(), time)
}

/// A time such as `90s`, `15m` or `2h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).ok();
    time.filter(|time| !time.is_zero())
        .ok_or_else(|| "expected a time above 0 such as 90s, 15m or 2h".to_owned())
}
