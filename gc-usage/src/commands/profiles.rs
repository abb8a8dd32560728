//! `gc-usage profiles`: lists the profiles, and where each setting comes from. Errors in them are a part of the list.

use std::io::{self, Write};

use crate::{
    args::ProfilesArgs,
    error::{CliError, Outcome},
    printer::Printer,
    screen::{Screen, Style},
    settings::{Key, Profiles, Selection, Settings, settings},
    text::{escape_control, padded},
};

pub(crate) fn run(args: &ProfilesArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let profiles = Profiles::read();
    let selection = args.connection.selection()?;
    let in_use = match settings(&selection, &profiles) {
        Ok((in_use, warnings)) => {
            printer.warnings(warnings);
            in_use
        }
        // The list shows which file cannot be read.
        Err(_) if failures(&profiles).next().is_some() => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let mut out = printer.out();
    let screen = &printer.screen;
    let written = list(&mut out, &profiles, screen).and_then(|()| {
        let mut in_use = in_use.iter();
        in_use.try_for_each(|settings| used(&mut out, settings, &selection, screen))
    });
    written.map_err(|error| CliError::writing(&error))?;
    Ok(Outcome::Success)
}

fn failures(profiles: &Profiles) -> impl Iterator<Item = &CliError> {
    [&profiles.broken, &profiles.gc_broken].into_iter().flatten()
}

fn list(out: &mut impl Write, profiles: &Profiles, screen: &Screen) -> io::Result<()> {
    writeln!(out, "{}", screen.paint(Style::Heading, "Profiles"))?;
    let widths = profiles.names().map(|name| name.chars().count());
    let width = widths.max().unwrap_or(0);
    for name in profiles.names() {
        let Some(layer) = profiles.get(name) else { continue };
        let place = layer.place.of(Key::Region);
        let name = padded(&escape_control(name), width);
        writeln!(out, "  {name}  {}", escape_control(&place))?;
        if let Some(failure) = &layer.broken {
            wrong(out, failure)?;
        }
    }
    if failures(profiles).next().is_some() {
        for failure in failures(profiles) {
            writeln!(out, "  {}", escape_control(&failure.first_line()))?;
        }
    } else if width == 0 && profiles.files.is_empty() {
        writeln!(out, "  {}", escape_control(&profiles.none()))?;
    } else if width == 0 {
        writeln!(out, "  none; gc-usage looks for them in")?;
        for file in &profiles.files {
            writeln!(out, "    {}", escape_control(&file.display().to_string()))?;
        }
    }
    Ok(())
}

fn used(out: &mut impl Write, settings: &Settings, selection: &Selection, screen: &Screen) -> io::Result<()> {
    let title = match (
        &settings.profile,
        selection.profiles.is_empty() && !selection.all_profiles,
    ) {
        (Some(name), true) => format!("In use, with profile {name} by default"),
        (Some(name), false) => format!("In use with profile {name}"),
        (None, _) => "In use".to_owned(),
    };
    writeln!(out, "\n{}", screen.paint(Style::Heading, &escape_control(&title)))?;
    let mut any = false;
    for key in Key::ALL.iter().filter(|key| **key != Key::ClientSecretFile) {
        let Some(found) = settings.find(*key) else {
            continue;
        };
        any = true;
        writeln!(
            out,
            "  {:<13} {:<36} {}",
            key.name(),
            escape_control(&shown(*key, &found.value.written())),
            escape_control(&found.place.of(found.key))
        )?;
        if let Some(failure) = found.problem() {
            wrong(out, &failure)?;
        }
    }
    if let Some(reason) = settings.no_login() {
        writeln!(out, "  {}", escape_control(reason))?;
    }
    if let Some(failure) = settings.broken() {
        wrong(out, failure)?;
    } else if !any {
        writeln!(out, "  nothing is set")?;
    }
    let login = settings.find(Key::ClientId).or(settings.find(Key::AccessToken));
    match settings.choose().filter(|_| login.is_none()) {
        Some(how) => writeln!(out, "  {}", escape_control(&how)),
        None => Ok(()),
    }
}

/// Writes why a value or profile cannot be used, below it.
fn wrong(out: &mut impl Write, failure: &CliError) -> io::Result<()> {
    writeln!(out, "    wrong: {}", escape_control(&failure.first_line()))
}

/// The value without its secrets.
fn shown(key: Key, value: &str) -> String {
    match key {
        _ if key.is_secret() => "********".to_owned(),
        // A URL may hold a password, or a key after the path.
        _ if key.is_url() => {
            let place = match (value.split_once("://"), value.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, host))) => format!("{scheme}://********@{host}"),
                (None, Some((_, host))) => format!("********@{host}"),
                _ => value.to_owned(),
            };
            match place.find(['?', '#']) {
                Some(end) => format!("{}********", &place[..=end]),
                None => place,
            }
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_may_hold_of_secrets_is_not_shown() {
        for (value, expected) in [
            ("https://gw.corp:1443/api", "https://gw.corp:1443/api"),
            ("https://gw.corp/?key=hidden", "https://gw.corp/?********"),
            ("https://gw.corp/#hidden", "https://gw.corp/#********"),
            (
                "http://user:hidden@gw.corp?hidden",
                "http://********@gw.corp?********",
            ),
            ("http://user:hid?den@gw.corp", "http://********@gw.corp"),
            ("user:hidden@proxy.corp:3128", "********@proxy.corp:3128"),
        ] {
            assert_eq!(shown(Key::ApiUrl, value), expected);
        }
        assert_eq!(shown(Key::ClientSecret, "hidden"), "********");
    }
}
