//! Settings from options, environment and profiles, and the errors in them.

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

use common::{Seen, Service, command, home, ready, run, transcript};
use insta::assert_snapshot;

const SECRET: &str = "a-secret-that-nobody-sees";

fn at_home(home: &Path, line: &str) -> Command {
    let mut command = command(line);
    command.env("HOME", home);
    command
}

fn seen(command: &mut Command, home: &Path) -> Seen {
    let seen = run(command);
    seen.hides(SECRET);
    seen.naming(&[(home.to_str().unwrap(), "~")])
}

#[test]
fn an_error_in_a_setting_is_reported_before_a_missing_setting() {
    let ours = "[DEFAULT]\nregion = \"eu-west-1\"\nclient_id = \"a\"\nclient_secret_file = \"/no/such/file\"\n\n[test]\nregion = \"eu-west-1\"\n";
    let home = home(ours, "");
    let misspelt = seen(&mut at_home(home.path(), "query --profile tset"), home.path());
    misspelt.fails(2, "no profile `tset`\nhint: did you mean `test`?");
    let unread = seen(&mut at_home(home.path(), "query"), home.path());
    let setting = "client_secret_file of [DEFAULT] in ~/.config/gc-usage/config.toml";
    unread.warns(&format!("{setting}: cannot read /no/such/file"));
    // A token takes precedence, so the secret is not read.
    let needless = run(at_home(home.path(), "profiles").env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
    assert_eq!(needless.code, 0, "{needless}");
    let region = run(command("query").env("GENESYSCLOUD_REGION", "eu-wst-1"));
    region.fails(2, "GENESYSCLOUD_REGION: ");
}

#[test]
fn a_secret_that_is_not_text_is_not_shown() {
    let home = home("[DEFAULT]\nclient_secret = 90210777\n", "");
    let seen = seen(&mut at_home(home.path(), "query"), home.path());
    let expected = "error: ~/.config/gc-usage/config.toml, [DEFAULT]: `client_secret` is integer, but must be text\nhint: put the value in quotes: client_secret = \"…\"\n";
    assert_eq!((seen.code, seen.err.as_str()), (2, expected));
    let larger = common::home("[DEFAULT]\nclient_secret = 902107779021077790210777\n", "");
    let seen = self::seen(&mut at_home(larger.path(), "query"), larger.path());
    let expected =
        "error: ~/.config/gc-usage/config.toml, line 2: a number is too large; text must be in quotes\n";
    assert_eq!((seen.code, seen.err.as_str()), (2, expected));
}

#[test]
fn profiles_shows_the_source_of_each_value_and_no_secret() {
    let ours = format!(
        "[DEFAULT]\nregion = \"eu-west-1\"\nclient_id = \"ours\"\nclient_secret = \"{SECRET}\"\nproxy = \"http://me:{SECRET}@proxy.corp:3128\"\ntimeout = \"90s\"\n"
    );
    let gc = format!(
        "[DEFAULT]\nenvironment = \"mypurecloud.de\"\n\n[other]\nenvironment = \"usw2.pure.cloud\"\ngrant_type = \"1\"\nclient_credentials = \"theirs\"\nclient_secret = \"{SECRET}\"\nlog_file_path = \"/tmp/log\"\n\n[browser]\nenvironment = \"mypurecloud.ie\"\ngrant_type = \"3\"\noauth_token_data = '{{\"access_token\":\"{SECRET}\",\"oauth_token_expiry\":\"2020-01-01T00:00:00Z\"}}'\n"
    );
    let home = home(&ours, &gc);
    let profiles = |options: &str| at_home(home.path(), &format!("profiles {options}"));
    let mut overridden = profiles("--profile other --timeout 5m --login-url https://gw.corp/login");
    overridden
        .env("GENESYSCLOUD_REGION", "mypurecloud.jp")
        .env("GENESYSCLOUD_ACCESS_TOKEN", SECRET);
    let commands = [
        ("profiles", profiles("")),
        ("profiles of gc", profiles("--profile other")),
        ("profiles by browser", profiles("--profile browser")),
        ("profiles overridden", overridden),
        (
            "query by browser",
            at_home(home.path(), "query --profile browser"),
        ),
    ];
    let seen = commands.map(|(title, mut command)| (title, seen(&mut command, home.path())));
    assert_snapshot!("profiles", transcript(seen));
}

#[test]
fn a_profile_of_the_official_cli_is_used() {
    let service = Service::ready();
    let url = service.simulator.url();
    let (protocol, rest) = url.split_once("://").unwrap();
    let (host, port) = rest.split_once(':').unwrap();
    let gc = format!(
        "[default]\nenvironment = \"mypurecloud.ie\"\ngrant_type = \"1\"\nclient_credentials = \"demo-client\"\nclient_secret = \"demo-secret\"\ngateway_protocol = \"{protocol}\"\ngateway_host = \"{host}\"\ngateway_port = \"{port}\"\n"
    );
    let home = home("", &gc);
    let seen = run(&mut at_home(home.path(), "query --month 2024-02"));
    seen.prints("Wallboard");
    let unchanged = fs::read_to_string(home.path().join(".gc/config.toml")).unwrap();
    assert_eq!(unchanged, gc);
}

#[test]
fn a_secret_is_read_from_a_file_or_standard_input() {
    let service = Service::ready();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("secret");
    fs::write(&file, "demo-secret\n").unwrap();
    let url = service.simulator.url();
    let login = |file: &Path| {
        let mut command = command(&format!("login --check --client-id demo-client --api-url {url}"));
        command.arg("--client-secret-file").arg(file);
        command
    };
    for (mode, warning) in [
        (0o600, ""),
        (0o644, "can be read by others"),
        (0o620, "can be changed by others"),
    ] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let seen = run(&mut login(&file));
        seen.fails(0, warning);
        assert_eq!(seen.err.is_empty(), warning.is_empty(), "{seen}");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mut process = login(Path::new("-"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(b"demo-secret").unwrap();
    assert!(process.wait().unwrap().success());
    fs::write(&file, "\n").unwrap();
    run(&mut login(&file)).fails(2, "error: --client-secret-file: ");
}

#[test]
fn an_error_in_a_config_file_names_the_place() {
    let in_text = format!("[DEFAULT]\nregion = \"eu-west-1\"\nclient_secret = {SECRET}\n");
    let seen = [
        (
            "an unknown key",
            "[DEFAULT]\nregion = \"eu-west-1\"\nclientid = \"x\"\n",
        ),
        ("not TOML", &in_text),
        ("outside of a profile", "region = \"eu-west-1\"\n"),
        (
            "a wrong region",
            "[DEFAULT]\nregion = \"eu-west-11\"\naccess_token = \"t\"\n",
        ),
        (
            "a wrong time",
            "[DEFAULT]\nregion = \"eu-west-1\"\naccess_token = \"t\"\ntimeout = \"soon\"\n",
        ),
        ("--profile acmee", "[acme]\nregion = \"eu-west-1\"\n"),
    ]
    .map(|(title, ours)| {
        let home = home(ours, "");
        let options = if title.starts_with("--") { title } else { "" };
        let mut query = at_home(home.path(), &format!("query {options}"));
        (title, seen(&mut query, home.path()))
    });
    assert_snapshot!("config_files", transcript(seen));
}

#[test]
fn a_config_file_with_secrets_that_others_can_read_causes_a_warning() {
    let home = home("[DEFAULT]\naccess_token = \"t\"\n", "");
    let file = home.path().join(".config/gc-usage/config.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let warned = seen(&mut at_home(home.path(), "profiles"), home.path());
    warned.warns("warning: ~/.config/gc-usage/config.toml holds secrets");
    warned.warns("chmod 600 ~/.config/gc-usage/config.toml");
}

#[test]
fn the_file_is_read_from_xdg_config_home() {
    let home = home("", "");
    let directory = home.path().join("elsewhere/gc-usage");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("config.toml"), "[there]\nregion = \"eu-west-1\"\n").unwrap();
    let mut profiles = at_home(home.path(), "profiles");
    profiles.env("XDG_CONFIG_HOME", home.path().join("elsewhere"));
    seen(&mut profiles, home.path()).prints("there  ~/elsewhere/gc-usage/config.toml");
}

#[test]
fn a_hint_lists_the_profiles_if_none_is_the_default() {
    let two = "[acme]\nregion = \"eu-west-1\"\n[\"beta co\"]\nregion = \"eu-west-1\"\n";
    let two = home(two, "");
    let hint = "choose a profile: --profile acme or --profile 'beta co'; a profile named default is used automatically\n";
    let report = seen(&mut at_home(two.path(), "report"), two.path());
    report.fails(2, &format!("\nhint: {hint}"));
    let profiles = seen(&mut at_home(two.path(), "profiles"), two.path());
    profiles.prints(&format!("  nothing is set\n  {hint}"));
    let many = (1..=7).map(|at| format!("[p{at}]\nregion = \"eu-west-1\"\n"));
    let many = home(&many.collect::<String>(), "");
    run(&mut at_home(many.path(), "report")).warns("--profile p5 or another of 7; ");
}

#[test]
fn profiles_lists_errors_and_does_not_fail() {
    let ours = "[DEFAULT]\nregion = \"Ireland\"\nclient_id = \"id\"\nclient_secret_file = \"~/secret\"\nca_cert = \"~/ca.pem\"\ntimeout = \"soon\"\n[other]\nregoin = \"eu-west-1\"\n";
    let home = home(ours, "[x\n");
    let mut listed = seen(&mut at_home(home.path(), "profiles"), home.path());
    // The width of a path depends on the machine.
    while listed.out.contains("   ") {
        listed.out = listed.out.replace("   ", "  ");
    }
    assert_snapshot!("profiles_with_wrong_settings", listed);
    let other = seen(&mut at_home(home.path(), "profiles --profile other"), home.path());
    let errors = other.out.matches("unknown field `regoin`").count();
    assert_eq!((other.code, errors), (0, 2), "{other}");
    let not_toml = common::home("[DEFAULT]\nregion = eu-west-1\n", "");
    let listed = seen(&mut at_home(not_toml.path(), "profiles"), not_toml.path());
    listed.prints("\n  ~/.config/gc-usage/config.toml, line 2: ");
}

#[test]
fn a_tilde_is_the_home_directory_and_encodings_of_windows_are_read() {
    let service = Service::ready();
    let url = &service.simulator.url();
    let ours = format!(
        "[DEFAULT]\napi_url = \"{url}\"\nclient_id = \" demo-client\"\nclient_secret_file = \"~/secret\"\n"
    );
    let home = home(&ours, "");
    let config = home.path().join(".config/gc-usage/config.toml");
    let marked = format!("\u{feff}{ours}");
    let utf_16 = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (config_text, secret) in [
        (ours.into_bytes(), &b"demo-secret"[..]),
        (marked.into_bytes(), b"\xef\xbb\xbfdemo-secret\r\n"),
        (utf_16, b"\xff\xfed\0e\0m\0o\0-\0s\0e\0c\0r\0e\0t\0\r\0\n\0"),
    ] {
        fs::write(&config, config_text).unwrap();
        fs::write(home.path().join("secret"), secret).unwrap();
        let login = seen(&mut at_home(home.path(), "login"), home.path());
        assert_eq!(login.code, 0, "{login}");
    }
    let option = format!("login --api-url {url} --client-id demo-client --client-secret-file=~/secret");
    let login = seen(&mut at_home(home.path(), &option), home.path());
    assert_eq!(login.code, 0, "{login}");
}

#[test]
fn without_a_home_directory_nothing_is_read_from_the_current_directory() {
    let planted = home(
        "[DEFAULT]\nregion = \"eu-west-1\"\nclient_id = \"planted\"\n",
        "[x]\nenvironment = \"mypurecloud.ie\"\n",
    );
    for relative in [".", "./"] {
        let mut profiles = command("profiles");
        let seen = run(profiles.env("HOME", relative).current_dir(&planted));
        seen.prints("there is no home directory");
        seen.hides("planted");
        seen.hides(" x ");
    }
}

#[test]
fn an_error_in_the_official_cli_s_file_matters_only_if_it_is_needed() {
    let service = Service::ready();
    for (gc, is_toml, reason) in [
        ("gateway_host = \"x\"\n", true, "there is no profile"),
        (
            "[DEFAULT]\nenvironment = mypurecloud.ie\n",
            false,
            "error: ~/.gc/config.toml, line 2: ",
        ),
    ] {
        let home = home("", gc);
        let query = run(service.command("query --month 2024-02").env("HOME", home.path()));
        assert_eq!(query.code, 0, "{query}");
        assert_eq!(query.err.contains("config.toml, line 2: "), !is_toml, "{query}");
        let needed = seen(&mut at_home(home.path(), "query --profile DEFAULT"), home.path());
        needed.fails(2, reason);
    }
}

#[test]
fn a_profile_with_a_dot_in_its_name_is_found() {
    let gc = "[prod.eu]\nenvironment = \"mypurecloud.ie\"\n[prod.us]\nenvironment = \"mypurecloud.com\"\n";
    let home = home("", gc);
    let listed = run(&mut at_home(home.path(), "profiles --profile PROD.EU"));
    listed.prints("In use with profile prod.eu\n  region        mypurecloud.ie");
    listed.prints("\n  prod.us  ");
}

#[test]
fn a_login_by_browser_is_recognized_without_grant_type() {
    let gc = "[me]\nenvironment = \"mypurecloud.ie\"\nclient_credentials = \"id\"\nredirect_uri = \"http://localhost:8080\"\n";
    let home = home("", gc);
    let query = seen(&mut at_home(home.path(), "query --profile me"), home.path());
    query.fails(2, "profile `me` of ~/.gc/config.toml logs a person in by browser");
    query.hides("the login is not complete");
}

#[test]
fn spaces_and_line_breaks_around_credentials_are_ignored() {
    let service = Service::start(ready().access_token("abc"));
    let url = service.simulator.url();
    let login = || command(&format!("login --api-url {url} --login-url {url}"));
    for (id, secret) in [
        ("demo-client\r", "demo-secret\r"),
        (" demo-client ", "demo-secret\u{feff}\n"),
    ] {
        let mut login = login();
        login
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", id)
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", secret);
        for blank in ["", " ", "\r\n", "Bearer "] {
            let seen = run(login.env("GENESYSCLOUD_ACCESS_TOKEN", blank));
            assert_eq!(seen.code, 0, "{blank:?}: {seen}");
        }
    }
    for token in ["abc", "Bearer abc", "bearer  abc\r"] {
        let seen = run(login().env("GENESYSCLOUD_ACCESS_TOKEN", token));
        assert_eq!(seen.code, 0, "{token:?}: {seen}");
    }
    let broken = run(login()
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo\r\nclient")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "s"));
    broken.fails(2, "error: GENESYSCLOUD_OAUTHCLIENT_ID: there is a line break");
}

#[test]
fn control_characters_in_names_of_profiles_are_escaped() {
    let home = home(
        "[\"red\\u001b[31m\"]\nregion = \"eu-west-1\\u001b[31m\"\nclient_id = \"i\\u202e\"\n",
        "",
    );
    for arguments in ["profiles", "profiles --all-profiles"] {
        let seen = run(command(arguments).env("HOME", home.path()));
        let shown = format!("{}{}", seen.out, seen.err);
        assert!(shown.contains("red\\u{1b}[31m"), "{seen}");
        let is_run = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!shown.contains(is_run), "{shown:?}");
    }
}

#[test]
fn an_endless_file_is_refused_as_secret_and_certificate() {
    for option in ["--client-secret-file", "--ca-cert"] {
        let mut login = command(&format!(
            "login --client-id i --region eu-west-1 {option} /dev/zero"
        ));
        run(login.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "s")).fails(2, "longer than 4 MiB");
    }
}

/// macOS refuses such a name.
#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf_8_is_opened_unchanged() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    let service = Service::ready();
    let url = &service.simulator.url();
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join(OsStr::from_bytes(b"caf\xe9"));
    let config = home.join(".config/gc-usage/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(home.join("secret"), "demo-secret").unwrap();
    fs::write(home.join("ca"), "no certificate").unwrap();
    let profile = format!(
        "[DEFAULT]\napi_url = \"{url}\"\nclient_id = \"demo-client\"\nclient_secret_file = \"~/secret\"\n"
    );
    let login = || {
        let mut login = command(&format!("login --api-url {url} --client-id demo-client"));
        login.arg("--client-secret-file").arg(home.join("secret"));
        login
    };
    let by_option = run(&mut login());
    assert_eq!(by_option.code, 0, "{by_option}");
    fs::write(&config, &profile).unwrap();
    let by_profile = run(&mut at_home(&home, "login"));
    assert_eq!(by_profile.code, 0, "{by_profile}");
    // The error shows that the file was read.
    let by_option = run(login().arg("--ca-cert").arg(home.join("ca")));
    fs::write(&config, format!("{profile}ca_cert = \"~/ca\"\n")).unwrap();
    let by_profile = run(&mut at_home(&home, "login"));
    for (seen, setting) in [
        (by_option, "--ca-cert: "),
        (by_profile, "ca_cert of [DEFAULT] in "),
    ] {
        seen.warns(&format!("error: {setting}"));
        seen.warns("there is no certificate");
    }
    let elsewhere = run(command("profiles").env("XDG_CONFIG_HOME", home.join(".config")));
    elsewhere.prints("demo-client");
}
