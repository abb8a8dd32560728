//! The profiles of two files: ours, and the official CLI's, which is never changed.

use std::{
    env, io,
    path::{Path, PathBuf},
};

use toml::Table;

use super::{
    file::{decoded, exposed, home, read},
    gc,
    key::Key,
    layer::{Layer, Place},
};
use crate::{error::CliError, text::nearest};

/// The profile that is used if none is chosen, as in the official CLI.
const DEFAULT: &str = "DEFAULT";

/// All profiles, ours first. If a name is in both files, ours counts.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    layers: Vec<Layer>,
    /// The files that were looked for.
    pub(crate) files: Vec<PathBuf>,
    /// Why our file cannot be read.
    pub(crate) broken: Option<CliError>,
    /// Why the official CLI's file cannot be read. This matters only if one of its profiles is needed.
    pub(crate) gc_broken: Option<CliError>,
    /// Warnings about the files.
    pub(crate) warnings: Vec<String>,
}

impl Profiles {
    /// Reads both files. Errors are kept for later, since most commands need only some of the profiles, or none.
    pub(crate) fn read() -> Self {
        let directory = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
        // The specification says to ignore a relative one.
        let directory = directory.filter(|directory| directory.is_absolute());
        let directory = directory.or_else(|| Some(home()?.join(".config")));
        let ours = directory.map(|directory| directory.join("gc-usage/config.toml"));
        let gc = home().map(|home| home.join(".gc/config.toml"));
        let mut profiles = Self {
            files: [&ours, &gc].into_iter().flatten().cloned().collect(),
            ..Self::default()
        };
        if let Some(ours) = ours {
            profiles.broken = text(&ours)
                .and_then(|text| profiles.add(&ours, &text, true))
                .err();
            let secrets = [Key::AccessToken, Key::Proxy, Key::ClientSecret];
            let holds_secrets = profiles.layers.iter().any(|layer| layer.has_any(&secrets));
            profiles.warnings.extend(exposed(&ours, holds_secrets));
        }
        if let Some(gc) = gc {
            profiles.gc_broken = text(&gc).and_then(|text| profiles.add(&gc, &text, false)).err();
            // The program that writes it decides who may read it.
            profiles.warnings.extend(exposed(&gc, false));
        }
        profiles
    }

    /// Adds the profiles in the text of a file.
    pub(crate) fn add(&mut self, path: &Path, text: &str, is_ours: bool) -> Result<(), CliError> {
        for (name, table) in tables(path, text, is_ours)? {
            if is_ours {
                self.layers.push(our_layer(path, &name, &table));
            } else if self.get(&name).is_none() {
                self.layers.push(gc::layer(path, &name, &table));
            }
        }
        Ok(())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().filter_map(Layer::profile)
    }

    /// The profile with this name. The case does not matter, as in the official CLI.
    pub(crate) fn get(&self, name: &str) -> Option<&Layer> {
        let exact = self.find(|other| other == name);
        exact.or_else(|| self.find(|other| other.to_lowercase() == name.to_lowercase()))
    }

    /// The profile that is used if none is chosen.
    pub(crate) fn by_default(&self) -> Option<&Layer> {
        self.get(DEFAULT)
    }

    /// The profile with this name, or an error that suggests another.
    pub(crate) fn require(&self, name: &str) -> Result<&Layer, CliError> {
        self.get(name).ok_or_else(|| {
            if let Some(failure) = &self.gc_broken {
                return failure.clone();
            }
            let names: Vec<_> = self.names().collect();
            let failure = CliError::local(format!("--profile: there is no profile `{name}`"));
            let likeness = |known: &str| strsim::jaro_winkler(name, known);
            failure.with_hint(match nearest(names.iter().copied(), 0.8, likeness) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None if names.is_empty() => self.none(),
                None => format!("there are: {}", names.join(", ")),
            })
        })
    }

    /// Says that there is no profile, and where profiles can be.
    pub(crate) fn none(&self) -> String {
        match &self.files[..] {
            [] => "there is no home directory to look for profiles in: HOME is not set".to_owned(),
            [one] => format!("{} has no profile", one.display()),
            [ours, gc, ..] => format!("neither {} nor {} has any", ours.display(), gc.display()),
        }
    }

    /// Why single profiles cannot be used.
    #[cfg(fuzzing)]
    pub(crate) fn failures(&self) -> impl Iterator<Item = &CliError> {
        self.layers.iter().filter_map(|layer| layer.broken.as_ref())
    }

    fn find(&self, fits: impl Fn(&str) -> bool) -> Option<&Layer> {
        self.layers
            .iter()
            .find(|layer| layer.profile().is_some_and(&fits))
    }
}

/// The text of a file, empty if there is no file.
fn text(path: &Path) -> Result<String, CliError> {
    match read(path).and_then(decoded) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| CliError::file("read", path, &error)),
    }
}

fn tables(path: &Path, text: &str, is_ours: bool) -> Result<Vec<(String, Table)>, CliError> {
    let file: Table = text.parse().map_err(|error: toml::de::Error| {
        // Only the message: the error's own text repeats the line, which may be a secret.
        let line = error
            .span()
            .map(|span| text[..span.start].matches('\n').count() + 1);
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        // The message for a number beyond 64 bits repeats the number.
        let message = match error.message() {
            message if message.starts_with("invalid type") => "a number is too large; text must be in quotes",
            message => message,
        };
        CliError::local(format!("{}{line}: {message}", path.display()))
    })?;
    let mut tables = Vec::new();
    for (name, value) in file {
        match value {
            toml::Value::Table(table) => flatten(name, table, is_ours, &mut tables),
            // The official CLI ignores it too.
            _ if !is_ours => {}
            _ => {
                return Err(CliError::local(format!(
                    "{}: `{name}` is outside of any profile; profiles begin with [DEFAULT] or another name",
                    path.display()
                )));
            }
        }
    }
    Ok(tables)
}

/// In the file, a profile `prod.eu` is a table within a table: [prod.eu].
fn flatten(name: String, table: Table, is_ours: bool, into: &mut Vec<(String, Table)>) {
    let (nested, values): (Vec<_>, Vec<_>) = table.into_iter().partition(|(_, value)| value.is_table());
    let values = Table::from_iter(values);
    if nested.is_empty() || !values.is_empty() {
        into.push((name.clone(), values));
    }
    for (key, value) in nested {
        let toml::Value::Table(table) = value else {
            continue;
        };
        let has_tables = table.values().any(toml::Value::is_table);
        if is_ours || has_tables || gc::is_profile(&table) {
            flatten(format!("{name}.{key}"), table, is_ours, into);
        }
    }
}

fn our_layer(path: &Path, name: &str, profile: &Table) -> Layer {
    let wrong = |reason| CliError::local(format!("{}, [{name}]: {reason}", path.display()));
    let values = profile.iter().map(|(setting, value)| {
        // Not the parser's own error: it repeats the value, which may be a secret.
        let text = value.as_str().ok_or_else(|| {
            wrong(format!("`{setting}` is {}, but must be text", value.type_str()))
                .with_hint(format!("put the value in quotes: {setting} = \"…\""))
        })?;
        let key = Key::named(setting).ok_or_else(|| {
            let names: Vec<_> = Key::ALL.iter().map(|key| format!("`{}`", key.name())).collect();
            let names = names.join(", ");
            wrong(format!("unknown field `{setting}`, expected one of {names}"))
        })?;
        Ok((key, text))
    });
    let values: Result<Vec<_>, CliError> = values.collect();
    let mut layer = Layer::new(Place::Profile {
        name: name.to_owned(),
        file: path.to_owned(),
        is_ours: true,
    });
    match values {
        Ok(values) => values.into_iter().for_each(|(key, text)| layer.read(key, text)),
        Err(failure) => layer.broken = Some(failure),
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, is_ours: bool) -> Vec<String> {
        let mut profiles = Profiles::default();
        profiles.add(Path::new("config.toml"), text, is_ours).unwrap();
        profiles.names().map(str::to_owned).collect()
    }

    #[test]
    fn a_dot_in_a_profile_s_name_is_a_part_of_it() {
        let text = "[prod]\nenvironment = \"mypurecloud.ie\"\n[prod.eu.west]\nenvironment = \"mypurecloud.de\"\n[prod.plugin]\nx = 1\n";
        assert_eq!(names(text, false), ["prod", "prod.eu.west"]);
        let text = "[prod.eu]\nregion = \"eu-west-1\"\n[\"prod.us\"]\nregion = \"us-east-1\"\n";
        assert_eq!(names(text, true), ["prod.eu", "prod.us"]);
    }

    #[test]
    fn keys_outside_of_the_official_cli_s_profiles_are_ignored() {
        assert_eq!(
            names("x = 1\n[a]\nenvironment = \"mypurecloud.ie\"\n", false),
            ["a"]
        );
    }
}
