//! Selects profiles, and combines each with the options and the environment.

use super::{
    config::Profiles,
    effective::Settings,
    environment,
    key::{HOSTS, Key, LOGIN, ONE_PROFILE},
    layer::{Layer, Place},
};
use crate::error::CliError;

/// The organizations that the command line selects.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) profiles: Vec<String>,
    pub(crate) all_profiles: bool,
    /// Whether to query the simulated organization.
    pub(crate) demo: bool,
    pub(crate) options: Layer,
}

/// The settings of each selected organization, and warnings about them.
pub(crate) fn settings(
    selection: &Selection,
    profiles: &Profiles,
) -> Result<(Vec<Settings>, Vec<String>), CliError> {
    if let Some(failure) = &profiles.broken {
        return Err(failure.clone());
    }
    let mut options = selection.options.clone();
    let environment = environment::layer();
    let mut warnings = profiles.warnings.clone();
    let names = names(selection, profiles)?;
    // A gateway is the only way to its region, and it wins in the official tools too.
    if let Some(gateway) = environment.find(&[Key::ApiUrl])
        && options.has_any(&[Key::Region])
        && !options.has_any(&[Key::ApiUrl])
    {
        options.retain(|key| key != Key::Region);
        warnings.push(format!("{} wins over --region", gateway.setting()));
    }
    let mut all = match &names[..] {
        [] => vec![by_default(options, environment, profiles)?],
        [name] => {
            let profile = profiles.require(name)?.clone();
            for group in [&HOSTS[..], &LOGIN] {
                if let (Some(found), true) = (environment.find(group), profile.has_any(group)) {
                    warnings.push(format!("{} wins over profile `{name}`", found.setting()));
                }
            }
            vec![Settings::new([Some(options), Some(environment), Some(profile)])]
        }
        names => {
            if environment.has_any(&HOSTS) || environment.has_any(&LOGIN) {
                warnings.push(
                    "with several profiles, only the proxy of the GENESYSCLOUD_* variables is used"
                        .to_owned(),
                );
            }
            of_several(names, &options, environment, profiles)?
        }
    };
    if let Some(failure) = &profiles.gc_broken {
        warnings.push(format!(
            "{}; none of its profiles is needed",
            failure.first_line()
        ));
    }
    for settings in &mut all {
        for note in settings.notes() {
            // Profiles may share a file.
            if !warnings.contains(&note) {
                warnings.push(note);
            }
        }
        if !names.is_empty() {
            settings.chosen.clone_from(&settings.profile);
        }
    }
    Ok((all, warnings))
}

/// The settings if the user names no profile.
fn by_default(options: Layer, environment: Layer, profiles: &Profiles) -> Result<Settings, CliError> {
    let default = profiles.by_default().cloned();
    let mut settings = Settings::new([Some(options), Some(environment), default]);
    if settings.profile.is_none() {
        settings.choices = profiles.names().map(str::to_owned).collect();
        // The missing settings may be in that file.
        if let Some(failure) = profiles.gc_broken.as_ref().filter(|_| !settings.is_complete()) {
            return Err(failure.clone());
        }
    }
    Ok(settings)
}

fn of_several(
    names: &[String],
    options: &Layer,
    mut environment: Layer,
    profiles: &Profiles,
) -> Result<Vec<Settings>, CliError> {
    if options.has_any(&ONE_PROFILE) {
        let options = ONE_PROFILE.map(|key| Place::Option.of(key)).join(", ");
        return Err(CliError::local(format!(
            "several profiles cannot share {options}"
        )));
    }
    // The rest of the environment names one organization, so it would make all of them the same.
    environment.retain(|key| key == Key::Proxy);
    environment.notes.clear();
    let all = names.iter().map(|name| {
        let profile = profiles.require(name)?.clone();
        Ok(Settings::new([
            Some(options.clone()),
            Some(environment.clone()),
            Some(profile),
        ]))
    });
    all.collect()
}

/// The names of the selected profiles, empty for the default.
fn names(selection: &Selection, profiles: &Profiles) -> Result<Vec<String>, CliError> {
    if selection.all_profiles {
        if let Some(failure) = &profiles.gc_broken {
            return Err(failure.clone());
        }
        let names: Vec<_> = profiles.names().map(str::to_owned).collect();
        return match &names[..] {
            [] => Err(CliError::local("--all-profiles: there is no profile").with_hint(profiles.none())),
            _ => Ok(names),
        };
    }
    let mut names = Vec::new();
    for name in separated(&selection.profiles, |name| profiles.get(name).is_some()) {
        // The name as the file spells it.
        let name = profiles.require(name)?.profile().unwrap_or(name).to_owned();
        if names.contains(&name) {
            return Err(CliError::local(format!("--profile: `{name}` is named twice")));
        }
        names.push(name);
    }
    Ok(names)
}

/// The names that options give, separated by commas. A name that is known may contain a comma.
pub(crate) fn separated(given: &[String], is_known: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
    given.iter().flat_map(move |given| match is_known(given) {
        true => vec![given.as_str()],
        false => given.split(',').map(str::trim).collect(),
    })
}
