//! Which profiles are asked, and from which places the settings of each come.

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
    /// Whether to ask the simulated organization.
    pub(crate) demo: bool,
    pub(crate) options: Layer,
}

/// The settings of each organization that is asked, and what the user should know of them.
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
    // A gateway is the only way to its region, and official tools let it win too.
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
                    "with several profiles, of GENESYSCLOUD_* in the environment only the proxy counts"
                        .to_owned(),
                );
            }
            of_several(names, &options, environment, profiles)?
        }
    };
    if let Some(failure) = &profiles.gc_broken {
        warnings.push(format!("{}; nothing of it is needed", failure.first_line()));
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
        // What is missing may stand there.
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

/// The profiles that the user names, none if it is left to the default.
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
    for given in &selection.profiles {
        // A name may have a comma in it.
        let is_one = profiles.get(given).is_some() || !given.contains(',');
        let parts: Vec<_> = if is_one {
            vec![given.as_str()]
        } else {
            given.split(',').map(str::trim).collect()
        };
        for name in parts {
            // In the case in which the file has it.
            let name = profiles.require(name)?.profile().unwrap_or(name).to_owned();
            if names.contains(&name) {
                return Err(CliError::local(format!("--profile: `{name}` is named twice")));
            }
            names.push(name);
        }
    }
    Ok(names)
}
