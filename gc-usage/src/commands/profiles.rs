//! `gc-usage profiles`: which there are, and where each value comes from.

use std::io::{self, Write};

use crate::{
    args::{ConnectionArgs, ProfilesArgs},
    exit::{Failure, Outcome},
    screen::{Screen, Style},
    settings::{KEYS, Key, Profiles, Settings, settings},
    stderr,
};

pub(crate) fn run(args: &ProfilesArgs, screen: &Screen) -> Result<Outcome, Failure> {
    let profiles = Profiles::read()?;
    let (in_use, warnings) = settings(&args.connection)?;
    for warning in warnings {
        stderr::say(format_args!("warning: {warning}"));
    }
    let mut out = io::stdout().lock();
    let written = list(&mut out, &profiles, screen).and_then(|()| {
        in_use
            .iter()
            .try_for_each(|settings| used(&mut out, settings, &args.connection, screen))
    });
    written.map_err(|error| Failure::writing(&error))?;
    Ok(Outcome::Fine)
}

fn list(out: &mut impl Write, profiles: &Profiles, screen: &Screen) -> io::Result<()> {
    writeln!(out, "{}", screen.paint(Style::Heading, "Profiles"))?;
    let width = profiles
        .names()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    for name in profiles.names() {
        let Some(layer) = profiles.get(name) else { continue };
        writeln!(out, "  {name:<width$}  {}", layer.place.of(Key::Region))?;
    }
    if width == 0 {
        writeln!(out, "  none; they would stand in")?;
        for file in &profiles.files {
            writeln!(out, "    {}", file.display())?;
        }
    }
    Ok(())
}

fn used(out: &mut impl Write, settings: &Settings, args: &ConnectionArgs, screen: &Screen) -> io::Result<()> {
    let title = match (&settings.profile, args.profile.is_empty() && !args.all_profiles) {
        (Some(name), true) => format!("In use, with profile {name} by default"),
        (Some(name), false) => format!("In use with profile {name}"),
        (None, _) => "In use".to_owned(),
    };
    writeln!(out, "\n{}", screen.paint(Style::Heading, &title))?;
    let mut any = false;
    for key in KEYS {
        let Some((value, place)) = settings.get(key) else {
            continue;
        };
        any = true;
        writeln!(
            out,
            "  {:<13} {:<36} {}",
            key.name(),
            shown(key, value),
            place.of(key)
        )?;
    }
    if let Some(reason) = settings.no_login() {
        writeln!(out, "  {reason}")?;
    }
    match any {
        true => Ok(()),
        false => writeln!(out, "  nothing is set"),
    }
}

/// A value as it may be shown.
fn shown(key: Key, value: &str) -> String {
    match key {
        _ if key.is_secret() => "********".to_owned(),
        // Any of them may hold a password.
        Key::Proxy | Key::ApiUrl | Key::LoginUrl => match (value.split_once("://"), value.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://********@{host}"),
            (None, Some((_, host))) => format!("********@{host}"),
            _ => value.to_owned(),
        },
        _ => value.to_owned(),
    }
}
