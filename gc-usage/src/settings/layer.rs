//! One place that settings come from, with its values.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::SecretString;
use usage_client::Region;

use super::{
    file::{decoded, exposed, read, trimmed, whole},
    key::Key,
    value::Value,
};
use crate::error::CliError;

/// Where a value comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    Option,
    Environment,
    Profile {
        name: String,
        file: PathBuf,
        /// Whether it is in gc-usage's own file, not in the official CLI's.
        is_ours: bool,
    },
}

impl Place {
    /// The place as the user knows it: an option, a variable or a file.
    pub(crate) fn of(&self, key: Key) -> String {
        match self {
            Self::Option => format!("--{}", key.name().replace('_', "-")),
            Self::Environment => key.variable().to_owned(),
            Self::Profile { file, .. } => file.display().to_string(),
        }
    }

    /// The setting's name there: `--proxy`, `proxy of [sim]`.
    pub(super) fn setting(&self, key: Key) -> String {
        match self {
            Self::Profile { name, is_ours, .. } => {
                let key = if *is_ours { key.name() } else { key.gc_name() };
                format!("{key} of [{name}]")
            }
            _ => self.of(key),
        }
    }
}

/// The values of one place.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) place: Place,
    values: Vec<(Key, Value)>,
    /// Why this place has no login, although it looks as if it had one.
    pub(super) no_login: Option<String>,
    /// Why this place cannot be used.
    pub(crate) broken: Option<CliError>,
    /// Warnings that matter only if this place is in use.
    pub(super) notes: Vec<String>,
}

impl Layer {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            values: Vec::new(),
            no_login: None,
            broken: None,
            notes: Vec::new(),
        }
    }

    /// Reads a value from text, without the spaces around it. An empty text sets nothing, as in every program of Genesys.
    pub(crate) fn read(&mut self, key: Key, text: &str) {
        let text = trimmed(text);
        let is_no_token = key == Key::AccessToken && text.eq_ignore_ascii_case("Bearer");
        if !text.is_empty() && !is_no_token {
            self.values.push((key, key.read(text)));
        }
    }

    pub(crate) fn set(&mut self, key: Key, value: Option<impl Into<Value>>) {
        self.values.extend(value.map(|value| (key, value.into())));
    }

    /// Leaves only the values of these settings.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(Key) -> bool) {
        self.values.retain(|(key, _)| is_kept(*key));
    }

    /// The first of these settings that has a value here.
    pub(super) fn find(&self, keys: &[Key]) -> Option<Found<'_>> {
        keys.iter().find_map(|key| {
            let (key, value) = self.values.iter().find(|(other, _)| other == key)?;
            Some(Found {
                key: *key,
                value,
                place: &self.place,
            })
        })
    }

    pub(crate) fn has_any(&self, keys: &[Key]) -> bool {
        self.find(keys).is_some()
    }

    #[cfg(test)]
    pub(super) fn written(&self, key: Key) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.find(&[key])?.value.written())
    }

    pub(super) fn profile(&self) -> Option<&str> {
        match &self.place {
            Place::Profile { name, .. } => Some(name),
            _ => None,
        }
    }
}

/// A value, with its setting and the place that it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) key: Key,
    pub(crate) value: &'a Value,
    pub(crate) place: &'a Place,
}

impl Found<'_> {
    /// The setting as the user knows it: `--proxy`, `proxy of [sim]`.
    pub(crate) fn setting(self) -> String {
        self.place.setting(self.key)
    }

    /// The failure that the value causes. It names the setting and the file that sets it.
    pub(crate) fn wrong(self, reason: impl fmt::Display) -> CliError {
        CliError::local(match self.place {
            Place::Profile { file, .. } => format!("{} in {}: {reason}", self.setting(), file.display()),
            _ => format!("{}: {reason}", self.setting()),
        })
    }

    /// Why the value cannot be used, as far as this can be checked without a request.
    pub(crate) fn problem(self) -> Option<CliError> {
        match self.value {
            Value::Text(_) => None,
            // Standard input can be read only once.
            Value::File(path) if self.is_standard_input(path) => None,
            Value::File(_) if self.key.is_secret() => self.secret().err(),
            Value::File(_) => self.bytes().err(),
            Value::Region(..) => self.region().err(),
            Value::Time(..) => self.time().err(),
        }
    }

    /// A warning if other users can read or change the file that the value names.
    pub(super) fn exposed(self) -> Option<String> {
        match self.value {
            Value::File(path) => exposed(path, self.key.is_secret()),
            _ => None,
        }
    }

    pub(crate) fn region(self) -> Result<Region, CliError> {
        match self.value {
            Value::Region(_, region) => region.clone().map_err(|reason| self.wrong(reason)),
            _ => Err(self.of_another_type()),
        }
    }

    pub(crate) fn time(self) -> Result<Duration, CliError> {
        match self.value {
            Value::Time(_, time) => time.clone().map_err(|reason| self.wrong(reason)),
            _ => Err(self.of_another_type()),
        }
    }

    /// The contents of the file that the value names.
    pub(crate) fn bytes(self) -> Result<Vec<u8>, CliError> {
        match self.value {
            Value::File(path) => self.contents(path, Ok),
            _ => Err(self.of_another_type()),
        }
    }

    /// The secret, read from its file if the value names one.
    pub(crate) fn secret(self) -> Result<SecretString, CliError> {
        match self.value {
            Value::Text(secret) => Ok(secret.clone()),
            Value::File(path) => match trimmed(&self.contents(path, decoded)?) {
                "" => Err(self.wrong(format!("{} is empty", path.display()))),
                secret => Ok(secret.into()),
            },
            _ => Err(self.of_another_type()),
        }
    }

    /// Only a wrong type in the table of settings leads to this.
    fn of_another_type(self) -> CliError {
        self.wrong("its value has another type")
    }

    fn contents<T>(self, path: &Path, read_as: fn(Vec<u8>) -> io::Result<T>) -> Result<T, CliError> {
        let bytes = match self.is_standard_input(path) {
            true => whole(io::stdin().lock()),
            false => read(path),
        };
        let contents = bytes.and_then(read_as);
        contents.map_err(|error| self.wrong(format!("cannot read {}: {error}", path.display())))
    }

    fn is_standard_input(self, path: &Path) -> bool {
        self.key == Key::ClientSecretFile && path == Path::new("-")
    }
}
