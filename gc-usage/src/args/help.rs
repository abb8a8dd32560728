//! What `--help` and the manual page say after the options: examples, exit codes, the environment.

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    fine
  1    over a limit (check)
  2    wrong option or setting, or a local failure
  3    the login was refused, or a permission is missing
  4    the service or the network failed
  5    the query failed
  6    the query is not done yet (results, status, or at the end of --wait-timeout)
  129  the terminal was closed
  130  interrupted
  143  terminated
Of several organizations, 1 wins over failures, and the first profile's failure over the others.";

pub(crate) const ENVIRONMENT: &str = "\
Environment:
  GENESYSCLOUD_REGION               region, by AWS name or domain
  GENESYSCLOUD_OAUTHCLIENT_ID       id of the OAuth client
  GENESYSCLOUD_OAUTHCLIENT_SECRET   its secret
  GENESYSCLOUD_ACCESS_TOKEN         a ready token, in place of id and secret
  GENESYSCLOUD_GATEWAY_HOST …       gateway: _PROTOCOL, _PORT, _PATH_NAME, _PATH_VALUE
  GENESYSCLOUD_PROXY_HOST …         proxy: _PROTOCOL, _PORT, _AUTH_USERNAME, _AUTH_PASSWORD
  HTTPS_PROXY, NO_PROXY …           proxies
  NO_COLOR                          no colour
  CLICOLOR_FORCE                    colour in pipes too";

/// Commands, and what they do.
type Examples = [(&'static str, &'static str)];

const EXAMPLES: &[(&str, &Examples)] = &[
    (
        "gc-usage",
        &[
            ("gc-usage report --demo", "Who uses a simulated organization"),
            (
                "gc-usage query --month last --output usage.csv",
                "Rows for a spreadsheet",
            ),
            (
                "gc-usage check --allotment 2000000",
                "Whether the month goes over, by its exit code",
            ),
        ],
    ),
    (
        "query",
        &[
            (
                "gc-usage query --demo",
                "Rows of a simulated organization, as a table",
            ),
            (
                "gc-usage query --month last --granularity day --group-by client,template-uri --output usage.csv",
                "Last month by day, client and endpoint, for a spreadsheet",
            ),
            (
                "gc-usage query --client 'Data Lake*' --group-by template-uri --top 10",
                "The ten busiest endpoints of some clients",
            ),
        ],
    ),
    (
        "report",
        &[
            ("gc-usage report", "The last 30 days"),
            (
                "gc-usage report --month last --licences cx3=120,cx2=40 --output report.md",
                "Last month, and how much of the allotment it took",
            ),
        ],
    ),
    (
        "check",
        &[
            (
                "gc-usage check --last 1d --max-429-share 1% --allotment 2000000",
                "Yesterday's rate limiting, and where the month will end",
            ),
            (
                "gc-usage check --all-profiles --max-error-share 5% --output usage.prom",
                "All organizations, for node_exporter",
            ),
        ],
    ),
    (
        "submit",
        &[(
            "gc-usage submit --last 12m --granularity month --group-by user",
            "Prints an execution id, to fetch the rows with later",
        )],
    ),
    (
        "results",
        &[(
            "gc-usage results 7157a113-2751-4e38-85c4-c386cb9e22a4 --wait --output usage.csv",
            "The rows of a query that was submitted",
        )],
    ),
    (
        "status",
        &[(
            "gc-usage status 7157a113-2751-4e38-85c4-c386cb9e22a4",
            "Running, Complete or Failed",
        )],
    ),
    (
        "profiles",
        &[(
            "gc-usage profiles --profile acme",
            "What counts, and from where, with a profile",
        )],
    ),
    (
        "login",
        &[(
            "gc-usage login --profile acme",
            "Whether a profile's login and permission are good",
        )],
    ),
    (
        "simulate",
        &[
            ("gc-usage simulate --port 8080", "For a program under test"),
            ("gc-usage simulate --rows 1000000", "For a measurement"),
        ],
    ),
    (
        "completions",
        &[
            (
                "gc-usage completions bash > ~/.local/share/bash-completion/completions/gc-usage",
                "bash",
            ),
            (
                "gc-usage completions zsh > ~/.zfunc/_gc-usage",
                "zsh, with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc",
            ),
            (
                "gc-usage completions fish > ~/.config/fish/completions/gc-usage.fish",
                "fish",
            ),
            ("gc-usage completions powershell >> $PROFILE", "PowerShell"),
        ],
    ),
    (
        "man",
        &[(
            "gc-usage man > ~/.local/share/man/man1/gc-usage.1",
            "Then `man gc-usage` shows it",
        )],
    ),
];

/// The examples of a command.
pub(crate) fn examples_of(command: &str) -> &'static Examples {
    let examples = EXAMPLES.iter().find(|(name, _)| *name == command);
    examples.map_or(&[], |(_, examples)| examples)
}

/// The same as `--help` shows them.
pub(super) fn examples(command: &str) -> String {
    let lines = examples_of(command)
        .iter()
        .map(|(line, purpose)| format!("  {line}\n      {purpose}"));
    let lines: Vec<_> = lines.collect();
    format!("Examples:\n{}", lines.join("\n"))
}

pub(super) fn with_exit_codes(command: &str) -> String {
    format!("{}\n\n{EXIT_CODES}", examples(command))
}

pub(super) fn long() -> String {
    format!("{}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}", examples("gc-usage"))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::args::Args;

    #[test]
    fn each_command_has_examples_that_are_taken() {
        let root = Args::command();
        for command in root.get_subcommands().chain([&root]) {
            let name = command.get_name();
            assert!(!examples_of(name).is_empty(), "{name} has no example");
            for (line, _) in examples_of(name) {
                let line = line.split(" >").next().unwrap();
                // Blanks between quotes belong to a word.
                let mut words = Vec::new();
                for (place, part) in line.split('\'').enumerate() {
                    match place % 2 {
                        0 => words.extend(part.split_whitespace().map(str::to_owned)),
                        _ => words.push(part.to_owned()),
                    }
                }
                let args = Args::try_parse_from(&words);
                let args = args.map_err(|error| error.to_string()).expect(line);
                assert!(args.command.verify().is_ok(), "{line}");
            }
        }
    }
}
