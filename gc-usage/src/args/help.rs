//! The end of `--help` and of the manual page: examples, exit codes, environment variables.

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    over a limit (check)
  2    invalid option or setting, or a local failure
  3    the login was refused, or a permission is missing
  4    the service or the network failed
  5    the query failed
  6    the query is not complete yet (results, status, or when --wait-timeout ends)
  129  ended by a hangup
  130  ended by Ctrl-C
  143  ended by SIGTERM
With several organizations, 1 takes precedence over failures. The exit code of a failure is that of the first profile that failed.";

pub(crate) const ENVIRONMENT: &str = "\
Environment:
  GENESYSCLOUD_REGION               region, by AWS name or domain
  GENESYSCLOUD_OAUTHCLIENT_ID       id of the OAuth client
  GENESYSCLOUD_OAUTHCLIENT_SECRET   its secret
  GENESYSCLOUD_ACCESS_TOKEN         an access token, used instead of id and secret
  GENESYSCLOUD_GATEWAY_HOST …       gateway: _PROTOCOL, _PORT, _PATH_NAME, _PATH_VALUE
  GENESYSCLOUD_PROXY_HOST …         proxy: _PROTOCOL, _PORT, _AUTH_USERNAME, _AUTH_PASSWORD
  HTTPS_PROXY, NO_PROXY …           proxies
  NO_COLOR                          no colours
  CLICOLOR_FORCE                    colours in pipes and files too";

/// The examples of each command: a command line, then its purpose.
const EXAMPLES: &str = include_str!("examples.txt");

fn examples_text(command: &str) -> &'static str {
    let mut blocks = EXAMPLES.trim_end().split("\n\n");
    let text = blocks.find_map(|block| block.strip_prefix(command)?.strip_prefix('\n'));
    text.unwrap_or_default()
}

/// The examples of a command: command lines with their purposes.
pub(crate) fn examples_of(command: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut lines = examples_text(command).lines().map(str::trim);
    std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
}

pub(super) fn examples(command: &str) -> String {
    format!("Examples:\n{}", examples_text(command))
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
    use crate::args::{Args, testing::words};

    #[test]
    fn each_command_has_examples_that_are_valid() {
        let root = Args::command();
        for command in root.get_subcommands().chain([&root]) {
            let name = command.get_name();
            assert!(examples_of(name).count() > 0, "{name} has no example");
            for (line, _) in examples_of(name) {
                let line = line.split(" >").next().unwrap();
                let words = words(line);
                let args = Args::try_parse_from(&words);
                let args = args.map_err(|error| error.to_string()).expect(line);
                assert!(args.command.verify().is_ok(), "{line}");
            }
        }
    }
}
