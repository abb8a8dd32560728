//! Which profiles are asked, and from which places the settings of each come.

use super::{
    config::Profiles,
    effective::{HOSTS, LOGIN, Settings},
    environment,
    layer::{Key, Layer, Place},
};
use crate::{
    args::{ConnectionArgs, ONE_PROFILE},
    exit::Failure,
};

/// The settings of each organization that is asked, and what the user should know of them.
pub(crate) fn settings(
    args: &ConnectionArgs,
    profiles: &Profiles,
) -> Result<(Vec<Settings>, Vec<String>), Failure> {
    if let Some(failure) = &profiles.broken {
        return Err(failure.clone());
    }
    let mut options = Layer::of_options(args)?;
    let environment = environment::layer();
    let mut warnings = profiles.warnings.clone();
    let names = names(args, profiles)?;
    // A gateway is the only way to its region, and official tools let it win too.
    if environment.get(Key::ApiUrl).is_some()
        && options.has_any(&[Key::Region])
        && !options.has_any(&[Key::ApiUrl])
    {
        options.remove(Key::Region);
        warnings.push(format!(
            "{} wins over --region",
            environment.place.of(Key::ApiUrl)
        ));
    }
    let mut all = Vec::new();
    match &names[..] {
        [] => {
            let default = profiles.by_default().cloned();
            let mut settings = Settings::new([Some(options), Some(environment), default]);
            if settings.profile.is_none() {
                settings.choices = profiles.names().map(str::to_owned).collect();
                // What is missing may stand there.
                if let Some(failure) = profiles.gc_broken.as_ref().filter(|_| !settings.is_complete()) {
                    return Err(failure.clone());
                }
            }
            all.push(settings);
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
            if environment.has_any(&[HOSTS.as_slice(), &LOGIN].concat()) {
                warnings.push(
                    "with several profiles, of GENESYSCLOUD_* in the environment only the proxy counts"
                        .to_owned(),
                );
            }
            // The rest of the environment names one organization, so it would make all of them the same.
            let environment = environment.into_proxy();
            for name in names {
                let profile = profiles.require(name)?;
                all.push(Settings::new([
                    Some(options.clone()),
                    Some(environment.clone()),
                    Some(profile.clone()),
                ]));
            }
        }
    }
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

/// The profiles that the user names, none if it is left to the default.
fn names(args: &ConnectionArgs, profiles: &Profiles) -> Result<Vec<String>, Failure> {
    if args.all_profiles {
        if let Some(failure) = &profiles.gc_broken {
            return Err(failure.clone());
        }
        let names: Vec<_> = profiles.names().map(str::to_owned).collect();
        return match &names[..] {
            [] => Err(Failure::local("--all-profiles: there is no profile").with_hint(profiles.none())),
            _ => Ok(names),
        };
    }
    let mut names = Vec::new();
    for given in &args.profile {
        // A name may have a comma in it.
        let is_one = profiles.get(given).is_some() || !given.contains(',');
        let parts: Vec<_> = if is_one {
            vec![given.as_str()]
        } else {
            given.split(',').map(str::trim).collect()
        };
        for name in parts {
            // In the case in which the file has it.
            let layer = profiles.require(name)?;
            let Place::Profile { name, .. } = &layer.place else {
                continue;
            };
            if names.contains(name) {
                return Err(Failure::local(format!("--profile: `{name}` is named twice")));
            }
            names.push(name.clone());
        }
    }
    Ok(names)
}
