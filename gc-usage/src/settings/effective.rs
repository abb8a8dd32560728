//! The settings of one organization: which place counts for each.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use usage_client::Region;

use super::{
    file::{exposed, read},
    layer::{Key, Layer, Place},
};
use crate::{args::Wait, exit::Failure, shell::word};

pub(super) const HOSTS: [Key; 2] = [Key::Region, Key::ApiUrl];
pub(super) const LOGIN: [Key; 3] = [Key::ClientId, Key::ClientSecret, Key::AccessToken];
/// So many profiles are named where one must be chosen.
const NAMED: usize = 5;

/// The settings of one organization, each with the place it comes from.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The profile, where there is one.
    pub(crate) profile: Option<String>,
    /// The profile, if the user named it.
    pub(crate) chosen: Option<String>,
    /// The profiles to choose from, if none was chosen and none is the default.
    pub(super) choices: Vec<String>,
    /// From the first place to the last.
    layers: Vec<Layer>,
}

impl Settings {
    pub(super) fn new(layers: [Option<Layer>; 3]) -> Self {
        let layers: Vec<_> = layers.into_iter().flatten().collect();
        let profile = layers.iter().find_map(|layer| match &layer.place {
            Place::Profile { name, .. } => Some(name.clone()),
            _ => None,
        });
        Self {
            profile,
            chosen: None,
            choices: Vec::new(),
            layers,
        }
    }

    /// Whether there is a host to ask and a login.
    pub(super) fn is_complete(&self) -> bool {
        let has = |keys: &[Key]| self.layers.iter().any(|layer| layer.has_any(keys));
        has(&HOSTS) && (has(&[Key::AccessToken]) || has(&[Key::ClientId]) && has(&[Key::ClientSecret]))
    }

    /// What the user should know of the places in use.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<_> = self.layers.iter().flat_map(|layer| layer.notes.clone()).collect();
        let of_profile = self
            .layers
            .last()
            .filter(|layer| layer.get(Key::ApiUrl).is_some());
        if let (Some(layer), Some((_, first))) = (of_profile, self.get(Key::Region))
            && layer.place != *first
        {
            let passed = layer.place.setting(Key::ApiUrl);
            notes.push(format!("{} wins over {passed}", first.of(Key::Region)));
        }
        let of_secret = self.layer(Key::ClientSecret).and_then(Layer::exposed_secret);
        let of_certificates = self
            .text(Key::CaCert)
            .and_then(|path| exposed(path.as_ref(), false));
        notes.extend(of_secret.into_iter().chain(of_certificates));
        notes
    }

    /// Why these settings cannot be used, whatever they are.
    pub(crate) fn broken(&self) -> Option<&Failure> {
        self.layers.iter().find_map(|layer| layer.broken.as_ref())
    }

    /// How to choose one of the profiles, where none is in use.
    pub(crate) fn choose(&self) -> Option<String> {
        let mut options: Vec<_> = self
            .choices
            .iter()
            .take(NAMED)
            .map(|name| format!("--profile {}", word(name)))
            .collect();
        if self.choices.len() > NAMED {
            options.push(format!("another of {}", self.choices.len()));
        }
        let last = options.pop()?;
        let all = match &options[..] {
            [] => last,
            others => format!("{} or {last}", others.join(", ")),
        };
        Some(format!(
            "choose a profile: {all}; one named default is used without asking"
        ))
    }

    /// The places that have a say in a setting, in order.
    fn layers_of(&self, key: Key) -> &[Layer] {
        let first = |keys: &[Key]| self.layers.iter().position(|layer| layer.has_any(keys));
        match key {
            // Region and URL belong together: the login of one would hand its token to the host of another.
            Key::Region | Key::ApiUrl => first(&HOSTS).map_or(&[], |first| &self.layers[first..=first]),
            Key::LoginUrl => &self.layers[..first(&HOSTS).map_or(self.layers.len(), |first| first + 1)],
            // The first place that has any part of a login says which kind it is.
            Key::AccessToken => first(&LOGIN).map_or(&[], |first| &self.layers[first..=first]),
            // A token makes them needless.
            Key::ClientId | Key::ClientSecret if self.get(Key::AccessToken).is_some() => &[],
            _ => &self.layers[..],
        }
    }

    /// The value that counts, and where it comes from; of a client secret only if it does not stand in a file of its own.
    pub(crate) fn get(&self, key: Key) -> Option<(&str, &Place)> {
        let layer = self.layer(key)?;
        Some((layer.get(key)?, &layer.place))
    }

    /// The place that a setting comes from.
    pub(crate) fn place(&self, key: Key) -> Option<&Place> {
        Some(&self.layer(key)?.place)
    }

    fn layer(&self, key: Key) -> Option<&Layer> {
        self.layers_of(key).iter().find(|layer| layer.has_any(&[key]))
    }

    fn text(&self, key: Key) -> Option<&str> {
        Some(self.get(key)?.0)
    }

    /// Why the value of a setting cannot be used, as far as it can be told without asking anyone.
    pub(crate) fn problem(&self, key: Key) -> Option<Failure> {
        match key {
            Key::Region => self.region().err(),
            Key::Timeout | Key::WaitTimeout => self.time(key).err(),
            Key::CaCert => self.ca_cert().err(),
            Key::ClientSecret if self.layer(key)?.secret_is_piped() => None,
            Key::ClientSecret => self.client_secret().err(),
            _ => None,
        }
    }

    pub(crate) fn region(&self) -> Result<Option<Region>, Failure> {
        let Some((text, place)) = self.get(Key::Region) else {
            return Ok(None);
        };
        let region = text
            .parse()
            .map_err(|error| Failure::local(format!("{}: {error}", place.setting_in_file(Key::Region))));
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

    /// The certificates to trust, in PEM.
    pub(crate) fn ca_cert(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some((text, place)) = self.get(Key::CaCert) else {
            return Ok(None);
        };
        let path = PathBuf::from(text);
        let read = read(&path).map_err(|error| {
            Failure::local(format!(
                "{}: cannot read {}: {error}",
                place.setting_in_file(Key::CaCert),
                path.display()
            ))
        });
        read.map(Some)
    }

    pub(crate) fn time(&self, key: Key) -> Result<Option<Duration>, Failure> {
        let Some((text, place)) = self.get(key) else {
            return Ok(None);
        };
        let time = text.parse::<Wait>();
        let time = time
            .map_err(|reason| Failure::local(format!("{}: `{text}`: {reason}", place.setting_in_file(key))));
        time.map(|wait| Some(wait.0))
    }

    pub(crate) fn access_token(&self) -> Option<SecretString> {
        self.text(Key::AccessToken).map(SecretString::from)
    }

    pub(crate) fn client_id(&self) -> Option<&str> {
        self.text(Key::ClientId)
    }

    /// The client secret, read from its file if it stands in one.
    pub(crate) fn client_secret(&self) -> Result<Option<SecretString>, Failure> {
        self.layer(Key::ClientSecret)
            .and_then(Layer::client_secret)
            .transpose()
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
            is_ours: true,
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
