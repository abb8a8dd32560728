//! Where settings come from, as the command shows and uses them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use common::{Seen, Simulation, command, run};
use insta::assert_snapshot;

const SECRET: &str = "a-secret-that-nobody-sees";

/// A home with the files of both tools.
fn home(ours: &str, gc: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for (path, text) in [(".config/gc-usage/config.toml", ours), (".gc/config.toml", gc)] {
        let path = home.path().join(path);
        if !text.is_empty() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    home
}

fn at_home(home: &Path, arguments: &[&str]) -> Command {
    let mut command = command(arguments);
    command.env("HOME", home);
    command
}

fn seen(command: &mut Command, home: &Path) -> Seen {
    let seen = run(command);
    assert!(!seen.out.contains(SECRET) && !seen.err.contains(SECRET), "{seen}");
    seen.naming(&[(home.to_str().unwrap(), "~")])
}

#[test]
fn what_is_wrong_is_named_before_what_is_missing() {
    let ours = "[DEFAULT]\nregion = \"eu-west-1\"\nclient_id = \"a\"\nclient_secret_file = \"/no/such/file\"\n\n[test]\nregion = \"eu-west-1\"\n";
    let home = home(ours, "");
    let misspelt = seen(
        &mut at_home(home.path(), &["query", "--profile", "tset"]),
        home.path(),
    );
    assert!(
        misspelt.code == 2
            && misspelt
                .err
                .contains("no profile `tset`\nhint: did you mean `test`?"),
        "{misspelt}"
    );
    let unread = seen(&mut at_home(home.path(), &["query"]), home.path());
    assert!(
        unread
            .err
            .contains("client_secret_file of ~/.config/gc-usage/config.toml: cannot read /no/such/file"),
        "{unread}"
    );
    let needless = run(at_home(home.path(), &["profiles"]).env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
    assert_eq!(
        needless.code, 0,
        "the secret is not read where a token wins: {needless}"
    );
    let region = run(command(&["query"]).env("GENESYSCLOUD_REGION", "eu-wst-1"));
    assert!(
        region.code == 2 && region.err.contains("GENESYSCLOUD_REGION: "),
        "{region}"
    );
}

#[test]
fn a_secret_that_is_no_text_is_not_shown() {
    let home = home("[DEFAULT]\nclient_secret = 90210777\n", "");
    let seen = seen(&mut at_home(home.path(), &["query"]), home.path());
    let expected = "error: ~/.config/gc-usage/config.toml, [DEFAULT]: `client_secret` is integer, but must be text\nhint: put the value in quotes: client_secret = \"…\"\n";
    assert_eq!((seen.code, seen.err.as_str()), (2, expected));
    let larger = self::home("[DEFAULT]\nclient_secret = 902107779021077790210777\n", "");
    let seen = self::seen(&mut at_home(larger.path(), &["query"]), larger.path());
    let expected =
        "error: ~/.config/gc-usage/config.toml, line 2: a number is too large; text stands in quotes\n";
    assert_eq!((seen.code, seen.err.as_str()), (2, expected));
}

#[test]
fn profiles_tells_where_each_value_comes_from_and_shows_no_secret() {
    let ours = format!(
        "[DEFAULT]\nregion = \"eu-west-1\"\nclient_id = \"ours\"\nclient_secret = \"{SECRET}\"\nproxy = \"http://me:{SECRET}@proxy.corp:3128\"\ntimeout = \"90s\"\n"
    );
    let gc = format!(
        "[DEFAULT]\nenvironment = \"mypurecloud.de\"\n\n[other]\nenvironment = \"usw2.pure.cloud\"\ngrant_type = \"1\"\nclient_credentials = \"theirs\"\nclient_secret = \"{SECRET}\"\nlog_file_path = \"/tmp/log\"\n\n[browser]\nenvironment = \"mypurecloud.ie\"\ngrant_type = \"3\"\noauth_token_data = '{{\"access_token\":\"{SECRET}\",\"oauth_token_expiry\":\"2020-01-01T00:00:00Z\"}}'\n"
    );
    let home = home(&ours, &gc);
    let profiles = |options: &[&str]| at_home(home.path(), &[&["profiles"], options].concat());
    assert_snapshot!("profiles", seen(&mut profiles(&[]), home.path()));
    assert_snapshot!(
        "profiles_of_gc",
        seen(&mut profiles(&["--profile", "other"]), home.path())
    );
    assert_snapshot!(
        "profiles_by_browser",
        seen(&mut profiles(&["--profile", "browser"]), home.path())
    );
    let mut overridden = profiles(&[
        "--profile",
        "other",
        "--timeout",
        "5m",
        "--login-url",
        "https://gw.corp/login",
    ]);
    overridden
        .env("GENESYSCLOUD_REGION", "mypurecloud.jp")
        .env("GENESYSCLOUD_ACCESS_TOKEN", SECRET);
    assert_snapshot!("profiles_overridden", seen(&mut overridden, home.path()));
    let mut browser = at_home(home.path(), &["query", "--profile", "browser"]);
    assert_snapshot!("expired_browser_login", seen(&mut browser, home.path()));
}

#[test]
fn whoever_has_set_up_the_official_cli_has_set_up_this_one() {
    let simulation = Simulation::start(&["--running-polls", "0"]);
    let (protocol, rest) = simulation.url.split_once("://").unwrap();
    let (host, port) = rest.split_once(':').unwrap();
    let gc = format!(
        "[default]\nenvironment = \"mypurecloud.ie\"\ngrant_type = \"1\"\nclient_credentials = \"demo-client\"\nclient_secret = \"demo-secret\"\ngateway_protocol = \"{protocol}\"\ngateway_host = \"{host}\"\ngateway_port = \"{port}\"\n"
    );
    let home = home("", &gc);
    let seen = run(&mut at_home(home.path(), &["query", "--month", "2024-02"]));
    assert_eq!(seen.code, 0, "{seen}");
    assert!(seen.out.contains("Wallboard"), "{seen}");
    assert_eq!(
        fs::read_to_string(home.path().join(".gc/config.toml")).unwrap(),
        gc
    );
}

#[test]
fn a_secret_comes_from_a_file_or_from_standard_input() {
    let simulation = Simulation::start(&["--running-polls", "0"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "demo-secret\n").unwrap();
    let login = |file: &str| {
        let mut command = command(&["login", "--check", "--client-id", "demo-client"]);
        command.args(["--api-url", &simulation.url, "--client-secret-file", file]);
        command
    };
    assert_eq!(run(&mut login(file.to_str().unwrap())).code, 0);
    let mut process = login("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(b"demo-secret").unwrap();
    assert!(process.wait().unwrap().success());
    fs::write(&file, "\n").unwrap();
    let seen = run(&mut login(file.to_str().unwrap()));
    assert_eq!(seen.code, 2);
    assert!(seen.err.starts_with("error: --client-secret-file: "), "{seen}");
}

#[test]
fn a_config_file_that_is_wrong_says_where() {
    for (name, ours) in [
        (
            "unknown_key",
            "[DEFAULT]\nregion = \"eu-west-1\"\nclientid = \"x\"\n".to_owned(),
        ),
        (
            "not_toml",
            format!("[DEFAULT]\nregion = \"eu-west-1\"\nclient_secret = {SECRET}\n"),
        ),
        ("outside", "region = \"eu-west-1\"\n".to_owned()),
        (
            "bad_region",
            "[DEFAULT]\nregion = \"eu-west-11\"\naccess_token = \"t\"\n".to_owned(),
        ),
        (
            "bad_time",
            "[DEFAULT]\nregion = \"eu-west-1\"\naccess_token = \"t\"\ntimeout = \"soon\"\n".to_owned(),
        ),
        ("no_such_profile", "[acme]\nregion = \"eu-west-1\"\n".to_owned()),
    ] {
        let home = home(&ours, "");
        let mut options = vec!["query"];
        if name == "no_such_profile" {
            options.extend(["--profile", "acmee"]);
        }
        assert_snapshot!(name, seen(&mut at_home(home.path(), &options), home.path()));
    }
}

#[test]
fn a_config_file_with_secrets_that_others_can_read_is_warned_of() {
    let home = home("[DEFAULT]\naccess_token = \"t\"\n", "");
    let file = home.path().join(".config/gc-usage/config.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let warned = seen(&mut at_home(home.path(), &["profiles"]), home.path());
    assert!(
        warned
            .err
            .contains("warning: ~/.config/gc-usage/config.toml holds secrets"),
        "{warned}"
    );
    assert!(
        warned.err.contains("chmod 600 ~/.config/gc-usage/config.toml"),
        "{warned}"
    );
}

#[test]
fn xdg_config_home_is_where_the_file_is_looked_for() {
    let home = home("", "");
    let folder = home.path().join("elsewhere/gc-usage");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "[there]\nregion = \"eu-west-1\"\n").unwrap();
    let mut profiles = at_home(home.path(), &["profiles"]);
    let seen = seen(
        profiles.env("XDG_CONFIG_HOME", home.path().join("elsewhere")),
        home.path(),
    );
    assert!(
        seen.out.contains("there  ~/elsewhere/gc-usage/config.toml"),
        "{seen}"
    );
}
