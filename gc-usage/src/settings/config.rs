//! The profiles of both files: ours, and the official CLI's, which is only read.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::Table;

use super::{
    gc,
    layer::{Key, Layer, Place},
};
use crate::exit::Failure;

/// What is used if nothing is chosen, as the official CLI does.
const DEFAULT: &str = "DEFAULT";

/// All profiles, ours first. A name that is in both files is ours.
#[derive(Debug)]
pub(crate) struct Profiles {
    layers: Vec<Layer>,
    /// Where was looked.
    pub(crate) files: [PathBuf; 2],
    /// What the user should know of the files.
    pub(crate) warnings: Vec<String>,
}

/// A profile of ours, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    region: Option<String>,
    api_url: Option<String>,
    login_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_secret_file: Option<PathBuf>,
    access_token: Option<String>,
    proxy: Option<String>,
    ca_cert: Option<PathBuf>,
    timeout: Option<String>,
    wait_timeout: Option<String>,
}

impl Profiles {
    pub(crate) fn read() -> Result<Self, Failure> {
        let home = env::home_dir().unwrap_or_default();
        let folder = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
        // The specification says that a relative one is to be ignored.
        let folder = folder.filter(|folder| folder.is_absolute());
        let ours = folder
            .unwrap_or_else(|| home.join(".config"))
            .join("gc-usage/config.toml");
        let gc = home.join(".gc/config.toml");
        let mut profiles = Self::parse((&ours, &text(&ours)?), (&gc, &text(&gc)?))?;
        let is_ours = |layer: &Layer| matches!(&layer.place, Place::Profile { file, .. } if *file == ours);
        let has = |layer: &Layer, key| layer.get(key).is_some();
        let has_secrets = |layer: &Layer| {
            [Key::ClientSecret, Key::AccessToken, Key::Proxy]
                .into_iter()
                .any(|key| has(layer, key))
        };
        let mut layers = profiles.layers.iter().filter(|layer| is_ours(layer));
        if layers.any(has_secrets) && is_readable_by_others(&ours) {
            profiles.warnings.push(format!(
                "{} holds secrets and can be read by others: chmod 600 {0}",
                ours.display()
            ));
        }
        Ok(profiles)
    }

    /// The profiles of the texts of both files.
    pub(crate) fn parse(ours: (&Path, &str), gc: (&Path, &str)) -> Result<Self, Failure> {
        let mut profiles = Self {
            layers: Vec::new(),
            files: [ours.0.to_owned(), gc.0.to_owned()],
            warnings: Vec::new(),
        };
        for (name, profile) in tables(ours.0, ours.1)? {
            profiles.layers.push(our_layer(ours.0, name, profile)?);
        }
        for (name, profile) in tables(gc.0, gc.1)? {
            if profiles.get(&name).is_none() {
                profiles.layers.push(gc::layer(gc.0, &name, &profile));
            }
        }
        Ok(profiles)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().filter_map(|layer| match &layer.place {
            Place::Profile { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// The profile of this name. The official CLI writes names in any case.
    pub(crate) fn get(&self, name: &str) -> Option<&Layer> {
        let exact = self.find(|other| other == name);
        exact.or_else(|| self.find(|other| other.eq_ignore_ascii_case(name)))
    }

    /// The profile that is used if none is chosen.
    pub(crate) fn default(&self) -> Option<&Layer> {
        self.get(DEFAULT)
    }

    /// The profile of this name, which the user asked for.
    pub(crate) fn require(&self, name: &str) -> Result<&Layer, Failure> {
        self.get(name).ok_or_else(|| {
            let names: Vec<_> = self.names().collect();
            let failure = Failure::local(format!("--profile: there is no profile `{name}`"));
            let nearest = names.iter().max_by(|one, other| {
                strsim::jaro_winkler(name, one).total_cmp(&strsim::jaro_winkler(name, other))
            });
            match nearest {
                Some(nearest) if strsim::jaro_winkler(name, nearest) > 0.8 => {
                    failure.with_hint(format!("did you mean `{nearest}`?"))
                }
                Some(_) => failure.with_hint(format!("there are: {}", names.join(", "))),
                None => failure.with_hint(format!(
                    "neither {} nor {} has any",
                    self.files[0].display(),
                    self.files[1].display()
                )),
            }
        })
    }

    fn find(&self, fits: impl Fn(&str) -> bool) -> Option<&Layer> {
        self.layers.iter().find(|layer| match &layer.place {
            Place::Profile { name, .. } => fits(name),
            _ => false,
        })
    }
}

/// What stands in a file, nothing if there is none.
fn text(path: &Path) -> Result<String, Failure> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| Failure::file("read", path, &error)),
    }
}

fn tables(path: &Path, text: &str) -> Result<Vec<(String, Table)>, Failure> {
    let file: Table = text.parse().map_err(|error: toml::de::Error| {
        // Only the message: the error's own text repeats the line, which may be a secret.
        let line = error
            .span()
            .map(|span| text[..span.start].matches('\n').count() + 1);
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        // That of a number beyond 64 bits repeats the number.
        let message = match error.message() {
            message if message.starts_with("invalid type") => "a number is too large; text stands in quotes",
            message => message,
        };
        Failure::local(format!("{}{line}: {message}", path.display()))
    })?;
    file.into_iter()
        .map(|(name, value)| match value {
            toml::Value::Table(table) => Ok((name, table)),
            _ => Err(Failure::local(format!(
                "{}: `{name}` stands outside of a profile; profiles begin with [DEFAULT] or another name",
                path.display()
            ))),
        })
        .collect()
}

fn our_layer(path: &Path, name: String, profile: Table) -> Result<Layer, Failure> {
    // Said here: the parser's own error repeats the value, which may be a secret.
    if let Some((key, value)) = profile.iter().find(|(_, value)| !value.is_str()) {
        let failure = Failure::local(format!(
            "{}, [{name}]: `{key}` is {}, but must be text",
            path.display(),
            value.type_str()
        ));
        return Err(failure.with_hint(format!("put the value in quotes: {key} = \"…\"")));
    }
    let profile: Profile = profile.try_into().map_err(|error: toml::de::Error| {
        Failure::local(format!("{}, [{name}]: {}", path.display(), error.message()))
    })?;
    let Profile {
        region,
        api_url,
        login_url,
        client_id,
        client_secret,
        client_secret_file,
        access_token,
        proxy,
        ca_cert,
        timeout,
        wait_timeout,
    } = profile;
    let mut layer = Layer::new(Place::Profile {
        name,
        file: path.to_owned(),
    });
    for (key, value) in [
        (Key::Region, region),
        (Key::ApiUrl, api_url),
        (Key::LoginUrl, login_url),
        (Key::ClientId, client_id),
        (Key::ClientSecret, client_secret),
        (Key::AccessToken, access_token),
        (Key::Proxy, proxy),
        (Key::CaCert, ca_cert.map(|path| path.display().to_string())),
        (Key::Timeout, timeout),
        (Key::WaitTimeout, wait_timeout),
    ] {
        layer.set(key, value.unwrap_or_default());
    }
    if let Some(file) = client_secret_file {
        layer.set_secret_file(file);
    }
    Ok(layer)
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_path: &Path) -> bool {
    false
}
