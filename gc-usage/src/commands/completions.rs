//! `gc-usage completions`: prints a script that completes commands in a shell, with the names of the current profiles.

use chrono::{Datelike as _, Months, NaiveDate};
use clap::{Arg, Command, CommandFactory as _, ValueHint, builder::PossibleValuesParser};
use clap_complete::Shell;
use usage_client::Region;

use crate::{
    args::Args,
    calendar::today,
    error::{CliError, Outcome},
    printer::Printer,
    settings::Profiles,
};

/// How many months are offered, in addition to `this` and `last`.
const MONTHS: u32 = 12;

pub(crate) fn run(shell: Shell, printer: &Printer) -> Result<Outcome, CliError> {
    // Every command that needs a profile reports a file that cannot be read.
    let profiles = Profiles::read().names().map(str::to_owned).collect();
    let mut command = completable(profiles, today());
    let name = command.get_name().to_owned();
    // Into a buffer first, since the generator panics if a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Shell::Bash {
        // The script uses two spellings of a command name with a hyphen: clap issue 6421.
        script = script.replace("gc__subcmd__usage", "gc__usage");
    }
    for list in lists(&command) {
        script = with_commas(&script, shell, &list);
    }
    printer.print(script)?;
    Ok(Outcome::Success)
}

/// The command, with values to offer for options that accept more than a fixed list.
fn completable(profiles: Vec<String>, today: NaiveDate) -> Command {
    // Names that a shell could run are left out of the script.
    let is_plain = |name: &String| {
        name.chars()
            .all(|character| character.is_alphanumeric() || "._-".contains(character))
    };
    let profiles: Vec<_> = profiles.into_iter().filter(is_plain).collect();
    let regions = Region::ALL
        .iter()
        .flat_map(|region| [region.to_string(), region.domain().to_owned()]);
    let regions: Vec<_> = regions.collect();
    let months = (0..=MONTHS).filter_map(|ago| today.with_day(1)?.checked_sub_months(Months::new(ago)));
    let months = months.map(|month| month.format("%Y-%m").to_string());
    let months: Vec<_> = ["this", "last"]
        .map(str::to_owned)
        .into_iter()
        .chain(months)
        .collect();
    let lengths = ["1d", "7d", "30d", "12w", "6m", "12m"].map(str::to_owned);
    let offered = move |option: Arg| {
        let values = match option.get_long() {
            Some("profile") => &profiles[..],
            Some("region") => &regions,
            Some("month") => &months,
            Some("last") => &lengths,
            _ => &[],
        };
        if !values.is_empty() {
            // clap needs texts that live as long as the process.
            let values = values.iter().map(|value| &*value.clone().leak());
            return option.value_parser(PossibleValuesParser::new(values));
        }
        let hint = match option.get_long() {
            Some("output" | "file" | "client-secret-file" | "ca-cert" | "results") => ValueHint::FilePath,
            Some("api-url" | "login-url" | "proxy") => ValueHint::Url,
            _ if option.get_action().takes_values() => ValueHint::Other,
            _ => return option,
        };
        option.value_hint(hint)
    };
    let command = Args::command();
    let names: Vec<_> = command
        .get_subcommands()
        .map(|subcommand| subcommand.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |subcommand| subcommand.mut_args(&offered))
    })
}

/// The values of each option that accepts several, as the script contains them.
fn lists(command: &Command) -> Vec<String> {
    let options = command.get_subcommands().flat_map(Command::get_arguments);
    let lists = options
        .filter(|option| option.get_value_delimiter().is_some())
        .map(|option| {
            let values = option.get_possible_values();
            values
                .iter()
                .map(|value| value.get_name().to_owned())
                .collect::<Vec<_>>()
                .join(" ")
        });
    let mut lists: Vec<_> = lists.filter(|list| !list.is_empty()).collect();
    lists.sort();
    lists.dedup();
    lists
}

/// Completes values after a comma too.
fn with_commas(script: &str, shell: Shell, list: &str) -> String {
    match shell {
        Shell::Bash => script.replace(
            &format!("compgen -W \"{list}\" -- \"${{cur}}\""),
            &format!("compgen -P \"${{cur%\"${{cur##*,}}\"}}\" -W \"{list}\" -- \"${{cur##*,}}\""),
        ),
        Shell::Zsh => script.replace(&format!(":({list})'"), &format!(":_sequence compadd - {list}'")),
        _ => script.to_owned(),
    }
}
