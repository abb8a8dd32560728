//! `gc-usage man`: prints one manual page for all commands.

use std::io::{self, Write as _};

use clap::{Arg, ArgAction, Command, CommandFactory as _};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use crate::{
    args::{
        Args,
        help::{ENVIRONMENT, EXIT_CODES, examples_of},
    },
    error::{CliError, Outcome},
    printer::Printer,
};

const FILES: [(&str, &str); 2] = [
    (
        "~/.config/gc-usage/config.toml",
        "Profiles, each in its own table. If XDG_CONFIG_HOME is set, the file is $XDG_CONFIG_HOME/gc-usage/config.toml.",
    ),
    (
        "~/.gc/config.toml",
        "Profiles of the official CLI. gc-usage reads them and never changes them.",
    ),
];

pub(crate) fn run(printer: &Printer) -> Result<Outcome, CliError> {
    let mut command = Args::command();
    // The global options are shown only once.
    let names: Vec<_> = commands(&command)
        .map(|command| command.get_name().to_owned())
        .collect();
    command.build();
    for name in names {
        command = command.mut_subcommand(name, |command| command.mut_args(brief));
    }
    let page = page(&command).map_err(|error| CliError::writing(&error))?;
    printer.print(String::from_utf8_lossy(&page))?;
    Ok(Outcome::Success)
}

/// Shortens an option for the page: possible values without a description are listed on one line.
fn brief(option: Arg) -> Arg {
    if option.is_global_set() || matches!(option.get_action(), ArgAction::Help) {
        return option.hide(true);
    }
    let values = option.get_possible_values();
    let takes_value = option.get_action().takes_values();
    if !takes_value || values.is_empty() || values.iter().any(|value| value.get_help().is_some()) {
        return option;
    }
    let names: Vec<_> = values.iter().map(|value| value.get_name().to_owned()).collect();
    let help = option
        .get_long_help()
        .or(option.get_help())
        .map(ToString::to_string);
    let help = format!("{}: {}", help.unwrap_or_default(), names.join(", "));
    option
        .hide_possible_values(true)
        .help(help.clone())
        .long_help(help)
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    let mut synopsis = Roff::new();
    synopsis.control("SH", ["SYNOPSIS"]);
    for subcommand in commands(command) {
        line(&mut synopsis, &usage(subcommand));
    }
    synopsis.to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for subcommand in commands(command) {
        section(&mut page, subcommand)?;
    }
    end(command).to_writer(&mut page)?;
    Ok(page)
}

fn section(page: &mut Vec<u8>, subcommand: &Command) -> io::Result<()> {
    let name = subcommand.get_name();
    writeln!(page, ".SH \"GC\\-USAGE {}\"", name.to_uppercase())?;
    let mut synopsis = Roff::new();
    synopsis.control("SS", ["SYNOPSIS"]);
    line(&mut synopsis, &usage(subcommand));
    synopsis.to_writer(page)?;
    let mut sections = b"\n".to_vec();
    let man = Man::new(subcommand.clone());
    man.render_description_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    // The sections of a command become its subsections.
    let sections = String::from_utf8_lossy(&sections).replace("\n.SH ", "\n.SS ");
    page.write_all(&sections.as_bytes()[1..])
}

/// The sections after the commands: examples, files, environment, exit codes.
fn end(command: &Command) -> Roff {
    let mut end = Roff::new();
    end.control("SH", ["EXAMPLES"]);
    // A command line that is hyphenated or justified cannot be copied.
    end.control("nh", []);
    end.control("ad", ["l"]);
    for subcommand in commands(command) {
        for (example, purpose) in examples_of(subcommand.get_name()) {
            entry(&mut end, example, purpose);
        }
    }
    end.control("SH", ["FILES"]);
    for (file, what) in FILES {
        entry(&mut end, file, what);
    }
    for (heading, list) in [("ENVIRONMENT", ENVIRONMENT), ("EXIT STATUS", EXIT_CODES)] {
        end.control("SH", [heading]);
        // The first line is the heading in `--help`.
        for line in list.lines().skip(1) {
            match line.trim().split_once("  ") {
                Some((name, what)) => entry(&mut end, name, what.trim()),
                None => {
                    end.control("PP", []);
                    end.text([roman(line.trim())]);
                }
            }
        }
    }
    end
}

fn commands(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|subcommand| subcommand.get_name() != "help")
}

/// The usage of a command on one line.
fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned()
}

fn line(roff: &mut Roff, text: &str) {
    roff.text([bold(text)]);
    roff.control("br", []);
}

fn entry(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(text)]);
}
