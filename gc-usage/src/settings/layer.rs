//! One place that settings come from.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret as _, SecretString};

use super::file::{decoded, expanded, exposed, read, trimmed, whole};
use crate::{args::ConnectionArgs, exit::Failure};

/// What can be set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Key {
    Region,
    ApiUrl,
    LoginUrl,
    ClientId,
    ClientSecret,
    AccessToken,
    Proxy,
    CaCert,
    Timeout,
    WaitTimeout,
}

pub(crate) const KEYS: [Key; 10] = [
    Key::Region,
    Key::ApiUrl,
    Key::LoginUrl,
    Key::ClientId,
    Key::ClientSecret,
    Key::AccessToken,
    Key::Proxy,
    Key::CaCert,
    Key::Timeout,
    Key::WaitTimeout,
];

impl Key {
    /// As it stands in a file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::ApiUrl => "api_url",
            Self::LoginUrl => "login_url",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::AccessToken => "access_token",
            Self::Proxy => "proxy",
            Self::CaCert => "ca_cert",
            Self::Timeout => "timeout",
            Self::WaitTimeout => "wait_timeout",
        }
    }

    /// As it stands in a file of the official CLI.
    fn gc_name(self) -> &'static str {
        match self {
            Self::Region => "environment",
            Self::ApiUrl | Self::LoginUrl => "gateway_host",
            // The name says otherwise, but it is the id.
            Self::ClientId => "client_credentials",
            Self::Proxy => "proxy_host",
            _ => self.name(),
        }
    }

    /// The environment variable that Genesys's tools share for it alone.
    pub(super) fn variable(self) -> Option<&'static str> {
        match self {
            Self::Region => Some("GENESYSCLOUD_REGION"),
            Self::ClientId => Some("GENESYSCLOUD_OAUTHCLIENT_ID"),
            Self::ClientSecret => Some("GENESYSCLOUD_OAUTHCLIENT_SECRET"),
            Self::AccessToken => Some("GENESYSCLOUD_ACCESS_TOKEN"),
            _ => None,
        }
    }

    pub(crate) fn is_secret(self) -> bool {
        matches!(self, Self::ClientSecret | Self::AccessToken)
    }
}

/// Where a value comes from, as a person finds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    Option,
    Environment,
    Profile {
        name: String,
        file: PathBuf,
        /// Whether it is one of this tool's own, not of the official CLI's.
        is_ours: bool,
    },
}

impl Place {
    /// The place of one setting.
    pub(crate) fn of(&self, key: Key) -> String {
        match self {
            Self::Option if key == Key::ClientSecret => "--client-secret-file".to_owned(),
            Self::Option => format!("--{}", key.name().replace('_', "-")),
            Self::Environment => match key {
                Key::ApiUrl | Key::LoginUrl => "GENESYSCLOUD_GATEWAY_HOST".to_owned(),
                Key::Proxy => "GENESYSCLOUD_PROXY_HOST".to_owned(),
                _ => key.variable().unwrap_or_default().to_owned(),
            },
            Self::Profile { file, .. } => file.display().to_string(),
        }
    }

    /// The setting's name there: `--proxy`, `proxy of [sim]`.
    pub(crate) fn setting(&self, key: Key) -> String {
        match self {
            Self::Profile { name, is_ours, .. } => {
                let key = if *is_ours { key.name() } else { key.gc_name() };
                format!("{key} of [{name}]")
            }
            _ => self.of(key),
        }
    }

    /// The same, with the file that it is set in.
    pub(crate) fn setting_in_file(&self, key: Key) -> String {
        match self {
            Self::Profile { file, .. } => format!("{} in {}", self.setting(key), file.display()),
            _ => self.setting(key),
        }
    }
}

/// Values of one place. All are kept as secrets: which of them may be shown is decided where they are.
#[derive(Clone)]
pub(crate) struct Layer {
    pub(crate) place: Place,
    values: Vec<(Key, SecretString)>,
    /// Where the client secret stands: read only if it is what counts.
    secret_file: Option<PathBuf>,
    /// Why a login cannot be had from this place, if it looks as if it could.
    pub(crate) no_login: Option<String>,
    /// Why this place cannot be used.
    pub(crate) broken: Option<Failure>,
    /// What the user should know of this place, if it is in use.
    pub(crate) notes: Vec<String>,
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.values.iter().map(|(key, _)| key).collect();
        f.debug_struct("Layer")
            .field("place", &self.place)
            .field("keys", &keys)
            .finish()
    }
}

impl Layer {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            values: Vec::new(),
            secret_file: None,
            no_login: None,
            broken: None,
            notes: Vec::new(),
        }
    }

    /// Sets a value, but for blanks around it. An empty one counts as not set, as for every program of Genesys.
    pub(crate) fn set(&mut self, key: Key, value: impl AsRef<str>) {
        let value = trimmed(value.as_ref());
        let is_no_token = key == Key::AccessToken && value.eq_ignore_ascii_case("Bearer");
        if !value.is_empty() && !is_no_token {
            self.values.push((key, SecretString::from(value)));
        }
    }

    pub(crate) fn set_secret_file(&mut self, path: &Path) {
        self.secret_file = Some(expanded(path));
    }

    pub(crate) fn remove(&mut self, key: Key) {
        self.values.retain(|(other, _)| *other != key);
    }

    /// Of all values only the proxy's.
    pub(crate) fn into_proxy(mut self) -> Self {
        self.values.retain(|(key, _)| *key == Key::Proxy);
        self.notes.clear();
        self
    }

    /// The client secret, if this place has one, read from its file if it has one of its own.
    pub(crate) fn client_secret(&self) -> Option<Result<SecretString, Failure>> {
        let secret = self
            .get(Key::ClientSecret)
            .map(|secret| Ok(SecretString::from(secret)));
        secret.or_else(|| {
            let path = self.secret_file.as_deref()?;
            Some(
                read_secret(path)
                    .map_err(|reason| Failure::local(format!("{}: {reason}", self.secret_setting()))),
            )
        })
    }

    /// Whether the client secret would be read from standard input, which can be done once.
    pub(crate) fn secret_is_piped(&self) -> bool {
        self.secret_file.as_deref() == Some(Path::new("-"))
    }

    /// A warning if other users can read or change the file that holds the client secret.
    pub(super) fn exposed_secret(&self) -> Option<String> {
        exposed(self.secret_file.as_deref()?, true)
    }

    fn secret_setting(&self) -> String {
        match &self.place {
            Place::Profile { .. } => {
                let setting = self.place.setting_in_file(Key::ClientSecret);
                setting.replacen(Key::ClientSecret.name(), "client_secret_file", 1)
            }
            place => place.of(Key::ClientSecret),
        }
    }

    pub(crate) fn get(&self, key: Key) -> Option<&str> {
        let (_, value) = self.values.iter().find(|(other, _)| *other == key)?;
        Some(value.expose_secret())
    }

    pub(crate) fn has_any(&self, keys: &[Key]) -> bool {
        let has_file = self.secret_file.is_some() && keys.contains(&Key::ClientSecret);
        has_file || keys.iter().any(|key| self.get(*key).is_some())
    }

    pub(crate) fn of_options(args: &ConnectionArgs) -> Result<Self, Failure> {
        let mut layer = Self::new(Place::Option);
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        layer.set(
            Key::Region,
            args.region.map(|region| region.to_string()).unwrap_or_default(),
        );
        layer.set(Key::ApiUrl, text(&args.api_url));
        layer.set(Key::LoginUrl, text(&args.login_url));
        layer.set(Key::ClientId, text(&args.client_id));
        if let Some(path) = &args.client_secret_file {
            layer.set_secret_file(path);
        }
        if args.proxy.as_deref().is_some_and(|url| url.contains('@')) {
            return Err(
                Failure::local("--proxy: a password does not belong on a command line")
                    .with_hint("set `proxy` in a profile, or HTTPS_PROXY"),
            );
        }
        layer.set(Key::Proxy, text(&args.proxy));
        if let Some(path) = &args.ca_cert {
            layer.set(Key::CaCert, expanded(path).display().to_string());
        }
        for (key, wait) in [
            (Key::Timeout, args.timeout),
            (Key::WaitTimeout, args.wait_timeout),
        ] {
            if let Some(wait) = wait {
                layer.set(key, humantime::format_duration(wait.0).to_string());
            }
        }
        Ok(layer)
    }
}

/// A secret from a file; - is standard input.
fn read_secret(path: &Path) -> Result<SecretString, String> {
    let bytes = match path == Path::new("-") {
        true => whole(io::stdin().lock()),
        false => read(path),
    };
    let text = bytes.and_then(decoded);
    let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    match trimmed(&text) {
        "" => Err(format!("{} is empty", path.display())),
        secret => Ok(SecretString::from(secret)),
    }
}
