//! What `--verbose` adds to standard error, and what `--quiet` leaves out.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{DEMO_NOTICE, Seen, Service, command, home, run};
use usage_sim::{Fault, Simulator};

const QUERY: &str = "query --month 2024-02 --format csv";

#[test]
fn verbose_shows_what_the_client_does_and_changes_no_output() {
    let down = Fault::on_submit().times(1).status(503);
    let service = Service::start(Simulator::builder().running_polls(1).fault(down));
    let query = |option: &str| service.run(&format!("{QUERY} {option}"));
    let verbose = query("-v");
    assert_eq!(verbose.code, 0, "{verbose}");
    for part in [
        "usage_client.call{",
        "logged in",
        "sending again after a wait",
        "the query is not complete polls=1",
    ] {
        assert!(verbose.err.contains(part), "{part}: {verbose}");
    }
    assert!(!verbose.err.contains("hyper_util"), "{verbose}");
    let twice = query("-vv");
    twice.warns("hyper_util");
    twice.warns("usage_client.call{");
    let plain = query("");
    assert_eq!(plain.err, "");
    assert_eq!([&verbose.out, &twice.out], [&plain.out; 2]);
}

#[test]
fn verbose_shows_no_secret() {
    let without_secrets = |seen: &Seen, secrets: &[&str]| {
        assert!(seen.err.contains("usage_client"), "{seen}");
        for secret in secrets {
            assert!(!seen.err.contains(secret), "{secret}: {seen}");
        }
    };
    for (client_secret, code) in [("demo-secret", 0), ("wrong-secret", 3)] {
        let service = Service::ready();
        let seen = run(service
            .command(QUERY)
            .arg("-vv")
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", client_secret));
        assert_eq!(seen.code, code, "{seen}");
        // The token, and the secret as the login encodes it.
        let requests = service.simulator.requests();
        let sent = requests.iter().filter_map(|request| {
            let sent = request.headers.get("authorization")?.to_str().ok()?;
            sent.split(' ').nth(1)
        });
        let secrets: Vec<_> = sent.chain([client_secret]).collect();
        assert!(secrets.len() >= 2, "{secrets:?}");
        without_secrets(&seen, &secrets);
    }
    // A proxy's password, and a token of the environment.
    let profile = "[DEFAULT]\nregion = \"eu-west-1\"\nproxy = \"http://me:hidden@127.0.0.1:9\"\n";
    let home = home(profile, "");
    let seen = run(command(QUERY)
        .args(["-vv", "--timeout", "300ms"])
        .env("HOME", home.path())
        .env("GENESYSCLOUD_ACCESS_TOKEN", "a-ready-token"));
    assert_eq!(seen.code, 4, "{seen}");
    // The second secret is `me:hidden` in base64, as a proxy receives it.
    without_secrets(&seen, &["hidden", "bWU6aGlkZGVu", "a-ready-token"]);
}

#[test]
fn quiet_leaves_only_errors() {
    let quiet = |arguments: &str| run(command(arguments).args(["--demo", "-q"]));
    let top = "query --month 2024-03 --format csv --top 1";
    let loud = run(command(top).arg("--demo"));
    loud.warns("note: --top leaves out");
    assert!(loud.err.starts_with(DEMO_NOTICE), "{loud}");
    let seen = quiet(top);
    assert_eq!((seen.code, seen.err.as_str(), &seen.out), (0, "", &loud.out));
    // The exit code and the page contain it.
    let seen = quiet("check --month 2024-03 --max-requests 5");
    assert_eq!((seen.code, seen.err.as_str()), (1, ""), "{seen}");
    assert!(!seen.out.is_empty(), "{seen}");
    quiet("query --last 0d").fails(2, "error: ");
    // A warning is one that the user did not want.
    let profiles = "profiles --region eu-west-1";
    let gateway = |option: &str| {
        let mut profiles = command(&format!("{profiles} {option}"));
        run(profiles.env("GENESYSCLOUD_GATEWAY_HOST", "gw.corp"))
    };
    assert!(gateway("").err.starts_with("warning: "));
    assert_eq!(gateway("--quiet").err, "");
    let both = run(command(profiles).args(["-q", "-v"]));
    both.fails(2, "cannot be used with");
}
