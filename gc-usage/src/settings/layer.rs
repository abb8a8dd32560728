//! One place that settings come from.

use std::{
    env, fmt,
    io::Read as _,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret as _, SecretString};

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

    /// The environment variable that Genesys's tools share.
    fn variable(self) -> Option<&'static str> {
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
    Profile { name: String, file: PathBuf },
}

impl Place {
    /// The place of one setting.
    pub(crate) fn of(&self, key: Key) -> String {
        match self {
            Self::Option if key == Key::ClientSecret => "--client-secret-file".to_owned(),
            Self::Option => format!("--{}", key.name().replace('_', "-")),
            Self::Environment => key.variable().unwrap_or_default().to_owned(),
            Self::Profile { file, .. } => file.display().to_string(),
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
        }
    }

    pub(crate) fn set(&mut self, key: Key, value: impl Into<SecretString>) {
        let value = value.into();
        // An empty value counts as not set, as for every program of Genesys.
        if !value.expose_secret().is_empty() {
            self.values.push((key, value));
        }
    }

    pub(crate) fn set_secret_file(&mut self, path: PathBuf) {
        self.secret_file = Some(path);
    }

    /// Reads the client secret, if it stands in a file of its own.
    pub(crate) fn read_secret(&mut self) -> Result<(), Failure> {
        if let Some(path) = self.secret_file.take() {
            let setting = format!("client_secret_file of {}", self.place.of(Key::ClientSecret));
            self.set(Key::ClientSecret, secret(&path, &setting)?);
        }
        Ok(())
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
            layer.set(Key::ClientSecret, secret(path, "--client-secret-file")?);
        }
        if args.proxy.as_deref().is_some_and(|url| url.contains('@')) {
            return Err(
                Failure::local("--proxy: a password does not belong on a command line")
                    .with_hint("set `proxy` in a profile, or HTTPS_PROXY"),
            );
        }
        layer.set(Key::Proxy, text(&args.proxy));
        if let Some(path) = &args.ca_cert {
            layer.set(Key::CaCert, path.display().to_string());
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

    pub(crate) fn of_environment() -> Result<Self, Failure> {
        let mut layer = Self::new(Place::Environment);
        for key in KEYS {
            let Some(name) = key.variable() else { continue };
            match env::var(name) {
                Ok(value) => layer.set(key, value),
                Err(env::VarError::NotPresent) => {}
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(Failure::local(format!("{name}: its value is not UTF-8")));
                }
            }
        }
        Ok(layer)
    }
}

/// A secret from a file; - is standard input.
fn secret(path: &Path, setting: &str) -> Result<SecretString, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| Failure::local(format!("{setting}: cannot read {}: {error}", path.display())))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(Failure::local(format!("{setting}: {} is empty", path.display())));
    }
    Ok(SecretString::from(secret))
}
