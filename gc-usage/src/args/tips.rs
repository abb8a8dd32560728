//! Tips for command lines that clap refuses: what the user probably meant.

use clap::{
    Command, CommandFactory as _, Error, Parser as _,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Args;

/// Adds a tip to the error of a command line, if what the user meant can be guessed.
pub(crate) fn with_tip(mut error: Error, words: &[String]) -> Error {
    if let Some(tip) = tip(&error, words) {
        // clap's own suggestion treats the word as something else.
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedValue);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![StyledStr::from(tip)]),
        );
    }
    error
}

fn tip(error: &Error, words: &[String]) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let mut root = Args::command();
    root.build();
    let line = Line::new(&root, words);
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let unknown = text(ContextKind::InvalidArg)?;
            line.one_hyphen()
                .or_else(|| line.misplaced(unknown))
                .or_else(|| line.unquoted(unknown))
        }
        ErrorKind::ValueValidation => {
            let option = text(ContextKind::InvalidArg)?.split(' ').next()?;
            line.misspelt(option, text(ContextKind::InvalidValue)?)
        }
        ErrorKind::InvalidValue if text(ContextKind::InvalidArg)?.starts_with("--format") => {
            line.format(text(ContextKind::InvalidValue)?)
        }
        _ => None,
    }
}

/// A command line, and its subcommand.
struct Line<'a> {
    root: &'a Command,
    words: &'a [String],
    command: Option<&'a Command>,
}

impl<'a> Line<'a> {
    fn new(root: &'a Command, words: &'a [String]) -> Self {
        let words = words.get(1..).unwrap_or_default();
        Self {
            root,
            words,
            command: words.iter().find_map(|word| root.find_subcommand(word)),
        }
    }

    /// `-demo` instead of `--demo`: clap reads single letters.
    fn one_hyphen(&self) -> Option<String> {
        let names = self.words.iter().filter_map(|word| word.strip_prefix('-'));
        let name = names
            .map(|name| name.split('=').next().unwrap_or(name))
            .find(|name| name.len() > 1 && self.command.is_some_and(|command| has(command, name)));
        name.map(|name| format!("did you mean --{name}?"))
    }

    /// An option of another command, or one before the command.
    fn misplaced(&self, unknown: &str) -> Option<String> {
        let name = unknown.strip_prefix("--")?;
        let owners = self.root.get_subcommands().filter(|command| has(command, name));
        let owners: Vec<_> = owners
            .map(|owner| format!("gc-usage {}", owner.get_name()))
            .collect();
        let (last, others) = owners.split_last()?;
        match self.command {
            Some(command) if has(command, name) => Some(format!(
                "--{name} comes after the command: gc-usage {} --{name}",
                command.get_name()
            )),
            None => {
                let first = others.first().unwrap_or(last);
                Some(format!("--{name} comes after a command: {first} --{name}"))
            }
            _ if others.is_empty() => Some(format!("--{name} belongs to {last}")),
            _ => Some(format!("--{name} belongs to {} and {last}", others.join(", "))),
        }
    }

    /// The second word of a value with spaces.
    fn unquoted(&self, unknown: &str) -> Option<String> {
        let is_option = |word: &String| word.starts_with('-') && word.len() > 1;
        let at = self.words.iter().rposition(|word| word == unknown)?;
        let option_at = self.words[..at].iter().rposition(is_option)?;
        let (option, first) = match self.words[option_at].split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (self.words[option_at].as_str(), None),
        };
        let argument = option
            .strip_prefix("--")
            .and_then(|name| argument(self.command?, name))?;
        let rest = self.words[option_at + 1..]
            .iter()
            .take_while(|word| !is_option(word));
        let values: Vec<_> = first.into_iter().chain(rest.map(String::as_str)).collect();
        // The first value is valid by itself, and a word after a flag is not a value.
        if !argument.get_action().takes_values() || values.len() < 2 {
            return None;
        }
        if argument.get_value_delimiter().is_some() {
            let list = values.iter().map(|value| value.trim_matches(','));
            let list = list.collect::<Vec<_>>().join(",");
            return Some(format!(
                "separate values with commas and no spaces: {option} {list}"
            ));
        }
        let joined = values.concat();
        let unit = values[1].chars().next().unwrap_or_default();
        let shorter = [joined.clone(), format!("{}{unit}", values[0])];
        let is_number = values[0].starts_with(|character: char| character.is_ascii_digit());
        let meant = shorter
            .iter()
            .find(|value| is_number && self.takes(option, value));
        Some(match meant {
            Some(value) => format!("did you mean {option} {value}?"),
            None => format!(
                "a value with spaces needs quotes: {option} '{}'",
                values.join(" ")
            ),
        })
    }

    /// A value without its unit, or with another spelling of the unit or separator.
    fn misspelt(&self, option: &str, value: &str) -> Option<String> {
        let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
        let rest = value[digits.len()..].trim_start();
        if digits.is_empty() {
            return None;
        }
        let unit = rest
            .chars()
            .next()
            .map(|character| format!("{digits}{character}"));
        let units = ["s", "d", "%"].map(|unit| format!("{value}{unit}"));
        let separators = [
            value.replace('.', ","),
            value.replace(',', "."),
            value.replace(' ', ""),
        ];
        let meant = unit.into_iter().filter(|_| rest.chars().all(char::is_alphabetic));
        let meant = meant
            .chain(units)
            .chain(separators)
            .find(|meant| self.takes(option, meant))?;
        Some(format!("did you mean {option} {meant}?"))
    }

    /// Whether the command accepts this value of an option. It may need other options too.
    fn takes(&self, option: &str, value: &str) -> bool {
        let command = self.command.map_or("", Command::get_name);
        let line = ["gc-usage", command, option, value];
        let refused = Args::try_parse_from(line).err();
        refused
            .is_none_or(|error| !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue))
    }

    /// A format of another command.
    fn format(&self, value: &str) -> Option<String> {
        let value = value.to_lowercase();
        let command = self.command?.get_name();
        if matches!(value.as_str(), "xls" | "spreadsheet") && command != "check" {
            return Some("did you mean --format xlsx?".to_owned());
        }
        let what = match command {
            "report" => "a report",
            "check" => "the result of a check",
            _ => return None,
        };
        let (rows, shown) = match value.as_str() {
            "excel" | "xlsx" | "xls" | "spreadsheet" => ("xlsx", "a spreadsheet".to_owned()),
            rows @ ("csv" | "jsonl" | "ndjson") => (rows, rows.to_uppercase()),
            rows => (rows, rows.to_owned()),
        };
        let query = self.root.find_subcommand("query")?;
        let formats = argument(query, "format")?.get_possible_values();
        let is_format_of_rows = formats.iter().any(|format| format.matches(rows, true));
        is_format_of_rows.then(|| {
            format!("{what} cannot be written as {shown}; to write rows, use gc-usage query --format {rows}")
        })
    }
}

fn argument<'c>(command: &'c Command, long: &str) -> Option<&'c clap::Arg> {
    let mut arguments = command.get_arguments();
    arguments.find(|argument| argument.get_long() == Some(long) && !argument.is_hide_set())
}

fn has(command: &Command, long: &str) -> bool {
    argument(command, long).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::testing::{table, words};

    /// The tips for a command line that is refused.
    fn tips(line: &str) -> String {
        let words = words(&format!("gc-usage {line}"));
        let error = Args::try_parse_from(&words).err().expect("the line is refused");
        let text = with_tip(error, &words).to_string();
        let tips = text.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
        tips.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn tips_say_what_was_probably_meant() {
        let cases = "
            report --group-by client | --group-by belongs to gc-usage query and gc-usage submit
            query --allotment 5 | --allotment belongs to gc-usage report and gc-usage check
            report --max-requests=5 | --max-requests belongs to gc-usage check
            check --port 5 | --port belongs to gc-usage simulate
            --demo query | --demo comes after the command: gc-usage query --demo
            query --client Data Lake Loader | a value with spaces needs quotes: --client 'Data Lake Loader'
            query --demo --client=Data Lake --top 3 | a value with spaces needs quotes: --client 'Data Lake'
            query --last 30 days | did you mean --last 30d?
            query --last 2 months --demo | did you mean --last 2m?
            check --max-429-share 1 % | did you mean --max-429-share 1%?
            check --allotment 2 000 000 | did you mean --allotment 2000000?
            query --group-by client, endpoint --demo | separate values with commas and no spaces: --group-by client,endpoint
            --demo | --demo comes after a command: gc-usage query --demo
            query --last '30 days' | did you mean --last 30d?
            query --last 30 | did you mean --last 30d?
            query --timeout 90 | did you mean --timeout 90s?
            check --max-429-share 1 | did you mean --max-429-share 1%?
            check --max-429-share 0,5% | did you mean --max-429-share 0.5%?
            check --allotment 2.500.000 | did you mean --allotment 2,500,000?
            check --allotment 2,5 |
            report --allotment 1 --price-per-request 0,0002 | did you mean --price-per-request 0.0002?
            query --last 3y |
            query --since 2024-02-30 |
            query -demo | did you mean --demo?
            query -output usage.csv | did you mean --output?
            report -last=30d | did you mean --last?
            report --format csv | a report cannot be written as CSV; to write rows, use gc-usage query --format csv
            check --max-requests 5 --format ndjson | the result of a check cannot be written as NDJSON; to write rows, use gc-usage query --format ndjson
            report --format spreadsheet | did you mean --format xlsx?
            check --max-requests 5 --format Excel | the result of a check cannot be written as a spreadsheet; to write rows, use gc-usage query --format xlsx
            query --format spreadsheet | did you mean --format xlsx?
            query --group-bye client | a similar argument exists: '--group-by'
            query --nonsense |
            query nonsense |
            query --demo nonsense |";
        for [line, tip] in table(cases) {
            assert_eq!(tips(line), tip, "{line}");
        }
    }
}
