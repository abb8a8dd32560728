//! From places to the settings of one organization.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use usage_client::Region;

use super::{
    config::Profiles,
    layer::{Key, Layer, Place},
};
use crate::{
    args::{ConnectionArgs, ONE_PROFILE, Wait},
    exit::Failure,
};

const HOSTS: [Key; 2] = [Key::Region, Key::ApiUrl];
const LOGIN: [Key; 3] = [Key::ClientId, Key::ClientSecret, Key::AccessToken];

/// The settings of one organization, each with the place it comes from.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The profile, where there is one.
    pub(crate) profile: Option<String>,
    /// The profile, if the user named it.
    pub(crate) chosen: Option<String>,
    /// From the first place to the last.
    layers: Vec<Layer>,
}

/// The settings of each organization that is asked, and what the user should know of them.
pub(crate) fn settings(args: &ConnectionArgs) -> Result<(Vec<Settings>, Vec<String>), Failure> {
    let profiles = Profiles::read()?;
    let options = Layer::of_options(args)?;
    let environment = Layer::of_environment()?;
    let mut warnings = profiles.warnings.clone();
    let names: Vec<_> = if args.all_profiles {
        profiles.names().map(str::to_owned).collect()
    } else {
        args.profile.clone()
    };
    if args.all_profiles && names.is_empty() {
        let [ours, gc] = &profiles.files;
        return Err(
            Failure::local("--all-profiles: there is no profile").with_hint(format!(
                "write one to {}, or set up the official CLI ({})",
                ours.display(),
                gc.display()
            )),
        );
    }
    let mut all = Vec::new();
    match &names[..] {
        [] => {
            let default = profiles.default().cloned();
            all.push(Settings::new([Some(options), Some(environment), default]));
        }
        [name] => {
            let profile = profiles.require(name)?.clone();
            for group in [HOSTS.as_slice(), &LOGIN] {
                if profile.has_any(group)
                    && let Some(key) = group.iter().find(|key| environment.get(**key).is_some())
                {
                    let variable = environment.place.of(*key);
                    warnings.push(format!("{variable} wins over profile `{name}`"));
                }
            }
            all.push(Settings::new([Some(options), Some(environment), Some(profile)]));
        }
        names => {
            if options.has_any(&[HOSTS.as_slice(), &[Key::LoginUrl], &LOGIN].concat()) {
                let options = ONE_PROFILE.map(|name| format!("--{}", name.replace('_', "-")));
                return Err(Failure::local(format!(
                    "several profiles cannot share {}",
                    options.join(", ")
                )));
            }
            // The environment names one organization, so it would make all of them the same.
            for (place, name) in names.iter().enumerate() {
                if names[..place].contains(name) {
                    return Err(Failure::local(format!("--profile: `{name}` is named twice")));
                }
                let profile = profiles.require(name)?;
                all.push(Settings::new([
                    Some(options.clone()),
                    None,
                    Some(profile.clone()),
                ]));
            }
            if environment.has_any(&[HOSTS.as_slice(), &LOGIN].concat()) {
                warnings.push(
                    "with several profiles, GENESYSCLOUD_* of the environment does not count".to_owned(),
                );
            }
        }
    }
    for settings in &mut all {
        settings.read_secret()?;
        if !names.is_empty() {
            settings.chosen.clone_from(&settings.profile);
        }
    }
    Ok((all, warnings))
}

impl Settings {
    fn new(layers: [Option<Layer>; 3]) -> Self {
        let layers: Vec<_> = layers.into_iter().flatten().collect();
        let profile = layers.iter().find_map(|layer| match &layer.place {
            Place::Profile { name, .. } => Some(name.clone()),
            _ => None,
        });
        Self {
            profile,
            chosen: None,
            layers,
        }
    }

    /// Reads the client secret from the file that it stands in, if it is what counts.
    fn read_secret(&mut self) -> Result<(), Failure> {
        if self.get(Key::AccessToken).is_some() {
            return Ok(());
        }
        let place = self
            .layers
            .iter_mut()
            .find(|layer| layer.has_any(&[Key::ClientSecret]));
        place.map_or(Ok(()), Layer::read_secret)
    }

    /// The value that counts, and where it comes from.
    pub(crate) fn get(&self, key: Key) -> Option<(&str, &Place)> {
        let from = match key {
            // Region and URL belong together: the login of one would hand its token to the host of another.
            Key::Region | Key::ApiUrl => {
                let first = self.layers.iter().position(|layer| layer.has_any(&HOSTS))?;
                &self.layers[first..=first]
            }
            Key::LoginUrl => {
                let first = self.layers.iter().position(|layer| layer.has_any(&HOSTS));
                &self.layers[..first.map_or(self.layers.len(), |first| first + 1)]
            }
            // The first place that has any part of a login says which kind it is.
            Key::AccessToken => {
                let first = self.layers.iter().position(|layer| layer.has_any(&LOGIN))?;
                &self.layers[first..=first]
            }
            // A token makes them needless.
            Key::ClientId | Key::ClientSecret if self.get(Key::AccessToken).is_some() => return None,
            _ => &self.layers[..],
        };
        from.iter()
            .find_map(|layer| Some((layer.get(key)?, &layer.place)))
    }

    fn text(&self, key: Key) -> Option<&str> {
        Some(self.get(key)?.0)
    }

    pub(crate) fn region(&self) -> Result<Option<Region>, Failure> {
        let Some((text, place)) = self.get(Key::Region) else {
            return Ok(None);
        };
        let region = text
            .parse()
            .map_err(|error| Failure::local(format!("{}: {error}", place.of(Key::Region))));
        region.map(Some)
    }

    pub(crate) fn api_url(&self) -> Option<&str> {
        self.text(Key::ApiUrl)
    }

    pub(crate) fn login_url(&self) -> Option<&str> {
        self.text(Key::LoginUrl)
    }

    pub(crate) fn proxy(&self) -> Option<SecretString> {
        self.text(Key::Proxy).map(SecretString::from)
    }

    pub(crate) fn ca_cert(&self) -> Option<PathBuf> {
        self.text(Key::CaCert).map(PathBuf::from)
    }

    pub(crate) fn time(&self, key: Key) -> Result<Option<Duration>, Failure> {
        let Some((text, place)) = self.get(key) else {
            return Ok(None);
        };
        let time = text.parse::<Wait>();
        let time = time.map_err(|reason| {
            Failure::local(format!("{}, {} `{text}`: {reason}", place.of(key), key.name()))
        });
        time.map(|wait| Some(wait.0))
    }

    pub(crate) fn access_token(&self) -> Option<SecretString> {
        self.text(Key::AccessToken).map(SecretString::from)
    }

    pub(crate) fn client_id(&self) -> Option<&str> {
        self.text(Key::ClientId)
    }

    pub(crate) fn client_secret(&self) -> Option<SecretString> {
        self.text(Key::ClientSecret).map(SecretString::from)
    }

    /// Why there is no login, if a place tells.
    pub(crate) fn no_login(&self) -> Option<&str> {
        self.layers.iter().find_map(|layer| layer.no_login.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["option", "environment", "profile"];

    fn places() -> [Place; 3] {
        let profile = Place::Profile {
            name: "profile".to_owned(),
            file: PathBuf::from("config.toml"),
        };
        [Place::Option, Place::Environment, profile]
    }

    /// Settings of `(place, key)`; each value is the name of its place.
    fn of(set: &[(usize, Key)]) -> Settings {
        let mut layers = places().map(Layer::new);
        for (place, key) in set {
            layers[*place].set(*key, NAMES[*place]);
        }
        Settings::new(layers.map(Some))
    }

    #[test]
    fn the_first_place_that_has_a_value_counts() {
        use Key::{AccessToken, ApiUrl, ClientId, ClientSecret, LoginUrl, Proxy, Region};
        type Case = (&'static [(usize, Key)], &'static [(Key, Option<&'static str>)]);
        let cases: &[Case] = &[
            (&[(0, Proxy), (2, Proxy)], &[(Proxy, Some("option"))]),
            (&[(1, Region), (2, Region)], &[(Region, Some("environment"))]),
            (&[(2, Region)], &[(Region, Some("profile"))]),
            // A URL of its own does not go with the region of another place.
            (
                &[(0, ApiUrl), (1, Region)],
                &[(ApiUrl, Some("option")), (Region, None)],
            ),
            (&[(0, ApiUrl), (2, LoginUrl)], &[(LoginUrl, None)]),
            (
                &[(0, LoginUrl), (1, Region)],
                &[(LoginUrl, Some("option")), (Region, Some("environment"))],
            ),
            (&[(2, ApiUrl), (2, LoginUrl)], &[(LoginUrl, Some("profile"))]),
            // A half of a login is filled up from the next place.
            (
                &[(0, ClientId), (1, ClientSecret)],
                &[(ClientSecret, Some("environment"))],
            ),
            // A token of a later place does not win over a client of an earlier one.
            (
                &[(0, ClientId), (1, AccessToken), (2, ClientSecret)],
                &[(AccessToken, None), (ClientId, Some("option"))],
            ),
            (
                &[(1, AccessToken), (2, ClientId)],
                &[(AccessToken, Some("environment"))],
            ),
            (
                &[],
                &[
                    (Region, None),
                    (ClientId, None),
                    (AccessToken, None),
                    (LoginUrl, None),
                ],
            ),
        ];
        for (set, expected) in cases {
            let settings = of(set);
            for (key, value) in *expected {
                assert_eq!(settings.text(*key), *value, "{key:?} of {set:?}");
            }
        }
    }
}
