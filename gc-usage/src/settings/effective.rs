//! The settings of one organization: which place counts for each.

use secrecy::ExposeSecret as _;

use super::{
    key::{HOSTS, Key, LOGIN, SECRET},
    layer::{Found, Layer, Place},
    value::Value,
};
use crate::{error::CliError, shell::word};

/// How many profiles a hint lists at most.
const NAMED: usize = 5;

/// The settings of one organization, each with its source.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The name of the profile in use, if there is one.
    pub(crate) profile: Option<String>,
    /// The name of the profile, if the user chose it.
    pub(crate) chosen: Option<String>,
    /// The profiles to choose from, if none is in use.
    pub(super) choices: Vec<String>,
    /// In order of precedence.
    layers: Vec<Layer>,
}

impl Settings {
    pub(crate) fn new(layers: [Option<Layer>; 3]) -> Self {
        let layers: Vec<_> = layers.into_iter().flatten().collect();
        let profile = layers.iter().find_map(Layer::profile).map(str::to_owned);
        Self {
            profile,
            chosen: None,
            choices: Vec::new(),
            layers,
        }
    }

    /// Whether there are a host and a login.
    pub(super) fn is_complete(&self) -> bool {
        let has = |keys: &[Key]| self.layers.iter().any(|layer| layer.has_any(keys));
        has(&HOSTS) && (has(&[Key::AccessToken]) || has(&[Key::ClientId]) && has(&SECRET))
    }

    /// Warnings about the values in use.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<_> = self.layers.iter().flat_map(|layer| layer.notes.clone()).collect();
        let passed = self.layers.last().and_then(|layer| layer.find(&[Key::ApiUrl]));
        if let (Some(passed), Some(region)) = (passed, self.find(Key::Region))
            && passed.place != region.place
        {
            notes.push(format!("{} wins over {}", region.setting(), passed.setting()));
        }
        let files = [Key::ClientSecret, Key::CaCert].into_iter();
        notes.extend(files.filter_map(|key| self.find(key)?.exposed()));
        notes
    }

    /// Why one of the places cannot be used.
    pub(crate) fn broken(&self) -> Option<&CliError> {
        self.layers.iter().find_map(|layer| layer.broken.as_ref())
    }

    /// How to choose a profile, if none is in use.
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
            "choose a profile: {all}; a profile named default is used automatically"
        ))
    }

    /// The places that can set this, in order of precedence.
    fn layers_of(&self, key: Key) -> &[Layer] {
        let first = |keys: &[Key]| self.layers.iter().position(|layer| layer.has_any(keys));
        match key {
            // Region and URL belong together: the login of one would hand its token to the host of another.
            Key::Region | Key::ApiUrl => first(&HOSTS).map_or(&[], |first| &self.layers[first..=first]),
            Key::LoginUrl => &self.layers[..first(&HOSTS).map_or(self.layers.len(), |first| first + 1)],
            // The first place that has any part of a login decides which kind of login it is.
            Key::AccessToken => first(&LOGIN).map_or(&[], |first| &self.layers[first..=first]),
            // A token replaces them.
            Key::ClientId | Key::ClientSecret if self.find(Key::AccessToken).is_some() => &[],
            _ => &self.layers[..],
        }
    }

    /// The value that counts, with its source. For a client secret, the value may be the name of its file.
    pub(crate) fn find(&self, key: Key) -> Option<Found<'_>> {
        let keys = match key {
            Key::ClientSecret => &SECRET[..],
            _ => &[key],
        };
        self.layers_of(key).iter().find_map(|layer| layer.find(keys))
    }

    /// The value of a setting whose type is text.
    pub(crate) fn text(&self, key: Key) -> Option<&str> {
        match self.find(key)?.value {
            Value::Text(text) => Some(text.expose_secret()),
            _ => None,
        }
    }

    /// The value that counts, converted by one of the methods of [`Found`].
    pub(crate) fn get<'a, T>(
        &'a self,
        key: Key,
        convert: impl FnOnce(Found<'a>) -> Result<T, CliError>,
    ) -> Result<Option<T>, CliError> {
        self.find(key).map(convert).transpose()
    }

    /// The options that select the same organization in another command, each after a space.
    pub(crate) fn again(&self) -> String {
        let profile = self
            .chosen
            .iter()
            .map(|name| format!(" --profile={}", word(name)));
        let options = self.layers.iter().filter(|layer| layer.place == Place::Option);
        let options = options.flat_map(|layer| Key::ALL.iter().filter_map(|key| layer.find(&[*key])));
        let options = options.filter_map(|found| {
            let written = found.value.written();
            // A URL with an `@` holds a password, which must not be shown. A time limit selects no organization.
            let is_left_out =
                found.key.is_url() && written.contains('@') || matches!(found.value, Value::Time(..));
            (!is_left_out).then(|| format!(" {}={}", found.setting(), word(&written)))
        });
        profile.chain(options).collect()
    }

    /// Why a place that looks as if it had a login has none.
    pub(crate) fn no_login(&self) -> Option<&str> {
        self.layers.iter().find_map(|layer| layer.no_login.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

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
            layers[*place].read(*key, NAMES[*place]);
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
            // A URL does not go with the region of another place.
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
            // The missing half of a login comes from the next place.
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
                let written = settings.find(*key).map(|found| found.value.written());
                assert_eq!(written.as_deref(), *value, "{key:?} of {set:?}");
            }
        }
    }
}
