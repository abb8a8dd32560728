//! Gateways and proxies: where they are set, and the errors if they fail.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
    time::Duration,
};

use common::{Service, command, home, ready, run};
use tempfile::TempDir;

const QUERY: &str = "query --month 2024-02";
/// An address at which nothing listens.
const CLOSED: &str = "127.0.0.1:9";

/// A query of an organization that is not on this machine.
fn outside() -> Command {
    let mut command = command(QUERY);
    command
        .args(["--timeout", "300ms"])
        .env("GENESYSCLOUD_REGION", "eu-west-1")
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", "id")
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "secret");
    command
}

/// A proxy that refuses everything, and the head of the first request that it receives.
fn proxy() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let head: Vec<_> = lines
            .map(Result::unwrap)
            .take_while(|line| !line.is_empty())
            .collect();
        stream
            .write_all(b"HTTP/1.1 502 no\r\ncontent-length: 0\r\n\r\n")
            .unwrap();
        head.join("\n")
    });
    (address, seen)
}

#[test]
fn the_gateway_of_the_environment_sees_login_and_calls() {
    let service = Service::start(ready().gateway("/prod", "/prod/loginpath"));
    let port = service.simulator.url().rsplit(':').next().unwrap().to_owned();
    let through = |arguments: &str| {
        let mut command = command(&format!("{QUERY} {arguments}"));
        command
            .env("GENESYSCLOUD_GATEWAY_PROTOCOL", "http")
            .env("GENESYSCLOUD_GATEWAY_HOST", "127.0.0.1/prod")
            .env("GENESYSCLOUD_GATEWAY_PORT", &port)
            .env("GENESYSCLOUD_GATEWAY_PATH_NAME", "login")
            .env("GENESYSCLOUD_GATEWAY_PATH_VALUE", "/loginpath")
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret");
        command
    };
    let seen = run(through("").env("GENESYSCLOUD_REGION", "eu-west-1"));
    assert_eq!((seen.code, service.simulator.logins()), (0, 1), "{seen}");
    let seen = run(&mut through("--region eu-west-1"));
    assert_eq!((seen.code, service.simulator.logins()), (0, 2), "{seen}");
    seen.warns("warning: GENESYSCLOUD_GATEWAY_HOST wins over --region");
    let profile = "[acme]\nenvironment = \"mypurecloud.ie\"\n";
    let seen = run(through("--profile acme").env("HOME", home("", profile).path()));
    assert_eq!((seen.code, service.simulator.logins()), (0, 3), "{seen}");
    seen.warns("GENESYSCLOUD_GATEWAY_HOST wins over profile `acme`");
    // A complete URL is not replaced by the gateway.
    let closed = format!("--api-url http://{CLOSED} --login-url http://{CLOSED} --timeout 300ms");
    let seen = run(&mut through(&closed));
    assert_eq!((seen.code, service.simulator.logins()), (4, 3), "{seen}");
}

#[test]
fn an_incomplete_gateway_or_one_with_plain_http_is_refused_by_name() {
    let seen = run(outside().env("GENESYSCLOUD_GATEWAY_PORT", "1443"));
    seen.fails(
        2,
        "GENESYSCLOUD_GATEWAY_PORT is set, but GENESYSCLOUD_GATEWAY_HOST is not",
    );
    let listed = run(command("profiles").env("GENESYSCLOUD_GATEWAY_PORT", "1443"));
    listed.prints("wrong: GENESYSCLOUD_GATEWAY_PORT");
    let seen = run(outside()
        .env("GENESYSCLOUD_GATEWAY_PROTOCOL", "http")
        .env("GENESYSCLOUD_GATEWAY_HOST", "gw.corp"));
    seen.fails(2, "error: GENESYSCLOUD_GATEWAY_HOST: ");
    seen.warns("use https");
}

#[test]
fn a_gateway_that_a_region_replaces_causes_a_warning() {
    let gc = "[default]\nenvironment = \"mypurecloud.ie\"\ngateway_protocol = \"https\"\ngateway_host = \"gw.corp\"\n";
    let home = home("", gc);
    let mut query = outside();
    let seen = run(query.args(["--proxy", CLOSED]).env("HOME", home.path()));
    let expected = "warning: GENESYSCLOUD_REGION wins over gateway_host of [default]\n";
    assert!(seen.err.starts_with(expected), "{seen}");
}

#[test]
fn the_proxy_of_the_environment_receives_user_and_password_unchanged() {
    for (user, password) in [("me", "p@ss/w#rd"), ("corp\\me", "a?b&c%41:é")] {
        let (address, seen) = proxy();
        let (host, port) = address.split_once(':').unwrap();
        run(outside()
            .env("GENESYSCLOUD_PROXY_PROTOCOL", "http")
            .env("GENESYSCLOUD_PROXY_HOST", host)
            .env("GENESYSCLOUD_PROXY_PORT", port)
            .env("GENESYSCLOUD_PROXY_AUTH_USERNAME", user)
            .env("GENESYSCLOUD_PROXY_AUTH_PASSWORD", password));
        let head = seen.join().unwrap();
        assert!(head.starts_with("CONNECT login.mypurecloud.ie:443 "), "{head}");
        let sent = head
            .lines()
            .find_map(|line| line.strip_prefix("proxy-authorization: Basic "));
        let sent = decoded_base64(sent.unwrap());
        assert_eq!(sent, format!("{user}:{password}"));
    }
}

/// Decodes base64 (RFC 4648) without the encoder that is tested.
fn decoded_base64(text: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text
        .bytes()
        .filter_map(|byte| alphabet.iter().position(|other| *other == byte));
    let bits: Vec<_> = digits
        .flat_map(|digit| (0..6).rev().map(move |at| digit >> at & 1))
        .collect();
    let byte = |bits: &[usize]| bits.iter().fold(0, |byte, bit| byte << 1 | *bit) as u8;
    String::from_utf8(bits.chunks_exact(8).map(byte).collect()).unwrap()
}

#[test]
fn a_failing_proxy_is_named_with_its_setting() {
    let url = format!("http://me:hidden@{CLOSED}");
    let named = |seen: common::Seen, source: &str| {
        let line = format!("\n  proxy: {CLOSED} ({source}) cannot be reached");
        seen.fails(4, &line);
        seen.hides("hidden");
        let causes = seen.err.matches("refused (os error").count();
        assert_eq!(causes, 1, "{source}: {seen}");
    };
    let of_profile = |home: &TempDir| run(outside().args(["--profile", "sim"]).env("HOME", home.path()));
    named(run(outside().args(["--proxy", CLOSED])), "--proxy");
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        named(run(outside().env(variable, &url)), variable);
    }
    let (host, port) = CLOSED.split_once(':').unwrap();
    let of_genesys = run(outside()
        .env("GENESYSCLOUD_PROXY_HOST", host)
        .env("GENESYSCLOUD_PROXY_PORT", port)
        .env("HTTPS_PROXY", "http://other.corp:1"));
    named(of_genesys, "GENESYSCLOUD_PROXY_HOST");
    let ours = format!("[sim]\nregion = \"eu-west-1\"\nproxy = \"{url}\"\n");
    named(of_profile(&home(&ours, "")), "proxy of [sim]");
    let gc = format!(
        "[sim]\nenvironment = \"mypurecloud.ie\"\nproxy_host = \"{host}\"\nproxy_port = \"{port}\"\n"
    );
    named(of_profile(&home("", &gc)), "proxy_host of [sim]");
    let mut without = command(QUERY);
    without
        .args(["--api-url", "https://127.0.0.1:1", "--timeout", "300ms"])
        .env("GENESYSCLOUD_ACCESS_TOKEN", "token")
        .env("HTTPS_PROXY", &url);
    named(run(&mut without), "HTTPS_PROXY");
    let without = run(without.env("NO_PROXY", "127.0.0.1"));
    assert!(without.code == 4 && !without.err.contains(CLOSED), "{without}");
    let login = run(command("login --region eu-west-1 --timeout 300ms")
        .env("HTTPS_PROXY", &url)
        .env("GENESYSCLOUD_ACCESS_TOKEN", "token"));
    named(login, "HTTPS_PROXY");
}

#[test]
fn a_proxy_that_would_be_ignored_is_refused_at_once() {
    for (option, reason) in [
        (
            "ftp://127.0.0.1:9",
            "--proxy: `ftp:` is not supported; allowed are http, https, socks4",
        ),
        ("http://", "--proxy: not a URL such as"),
    ] {
        let seen = run(outside().args(["--proxy", option]));
        seen.fails(2, reason);
    }
    for (name, value, reason) in [
        (
            "HTTPS_PROXY",
            "ftp://127.0.0.1:9",
            "error: HTTPS_PROXY: `ftp:` is not supported",
        ),
        ("ALL_PROXY", "http://me:hid/den@proxy.corp", "error: ALL_PROXY: "),
        (
            "https_proxy",
            "http://me:p@hidden@proxy.corp",
            "error: https_proxy: not a URL",
        ),
        ("GENESYSCLOUD_PROXY_PORT", "1", "GENESYSCLOUD_PROXY_HOST is not"),
    ] {
        let seen = run(outside().env(name, value));
        seen.fails(2, reason);
        seen.hides("hid/den");
        seen.hides("hidden");
    }
    let service = Service::ready();
    let proxies = ["HTTPS_PROXY", "HTTP_PROXY"].map(|name| (name, "ftp://x"));
    let seen = run(service.command(QUERY).envs(proxies));
    assert_eq!(seen.code, 0, "this machine is reached without a proxy: {seen}");
}

#[test]
fn no_proxy_receives_plain_text_for_this_machine() {
    let elsewhere = "https://host.example";
    let service = Service::ready();
    let here = service.simulator.url();
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        for (api, login) in [(elsewhere, &*here), (&*here, elsewhere)] {
            let (address, seen) = proxy();
            let response = run(outside()
                .args(["--api-url", api, "--login-url", login])
                .env("GENESYSCLOUD_OAUTHCLIENT_ID", "demo-client")
                .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "demo-secret")
                .env(variable, format!("http://{address}")));
            assert_eq!(response.code, 4, "{response}");
            // Ends the thread, if the variable does not apply to the other host.
            let _ = TcpStream::connect(address).map(|mut other| other.write_all(b"CONNECT nothing\r\n\r\n"));
            let head = seen.join().unwrap();
            assert!(head.starts_with("CONNECT "), "{variable}, API {api}: {head}");
        }
    }
    // A proxy option on another machine does not apply either.
    let seen = service.run(&format!("{QUERY} --proxy http://192.0.2.1:9"));
    assert_eq!(seen.code, 0, "{seen}");
    let (address, head) = proxy();
    service.run(&format!("{QUERY} --proxy {address} --timeout 1s"));
    let head = head.join().unwrap();
    assert!(head.starts_with(&format!("POST {here}/oauth/token ")), "{head}");
}

#[test]
fn a_socks_proxy_is_used() {
    let seen = run(outside().args(["--proxy", "socks5://127.0.0.1:9"]));
    assert_eq!(seen.code, 4, "{seen}");
    seen.warns("proxy: 127.0.0.1:9 (--proxy) cannot be reached: Connection refused");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("socks5://{}", listener.local_addr().unwrap());
    let greeting = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut version = [0; 1];
        std::io::Read::read_exact(&mut stream, &mut version).unwrap();
        version[0]
    });
    run(outside().args(["--proxy", &url]));
    assert_eq!(greeting.join().unwrap(), 5);
}

#[test]
fn an_error_in_certificates_names_the_option_or_setting() {
    let directory = home("", "");
    let der = directory.path().join("ca.der");
    fs::write(&der, "no pem").unwrap();
    let der = der.to_str().unwrap();
    let seen = run(outside().args(["--ca-cert", der]));
    seen.fails(2, &format!("error: --ca-cert: {der}: "));
    seen.hides("root_certificates");
    let ours = format!("[sim]\nregion = \"eu-west-1\"\naccess_token = \"t\"\nca_cert = \"{der}\"\n");
    let home = home(&ours, "");
    let seen = run(command(&format!("{QUERY} --profile sim")).env("HOME", home.path()));
    seen.fails(2, "error: ca_cert of [sim] in ");
}

/// A service whose query is complete, and whose rows arrive slowly without an end. No other limit applies to them.
fn endless() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || respond_without_end(stream.unwrap()));
        }
    });
    url
}

fn respond_without_end(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(request)) = lines.next() else { return };
    lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .for_each(drop);
    let body = match request.split(' ').nth(1).unwrap() {
        "/oauth/token" => r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#,
        path if path.ends_with("/results") => "",
        _ => r#"{"executionId":"5f0c1b2e-0000-4000-8000-000000000001"}"#,
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    if !body.is_empty() {
        let length = body.len();
        write!(stream, "{head}content-length: {length}\r\n\r\n{body}").unwrap();
        return;
    }
    write!(stream, "{head}\r\n{{\"queryStatus\":\"Complete\",\"results\":[").unwrap();
    let row = r#"{"clientId":"c","clientName":"Wallboard","httpMethod":"GET","requests":1},"#;
    // Until the client closes the connection.
    while stream.write_all(row.as_bytes()).is_ok() {
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_timeout_option_limits_the_rows_too() {
    let url = endless();
    let is_in_time = |seen: common::Seen| {
        seen.fails(4, "error: the results took longer than 1 s");
        assert_eq!(seen.out, "", "no part of a response is shown: {seen}");
    };
    let by_option = format!("{QUERY} --api-url {url} --login-url {url} --timeout 1s");
    is_in_time(run(command(&by_option).env("GENESYSCLOUD_ACCESS_TOKEN", "t")));
    let profile = format!("[sim]\napi_url = \"{url}\"\naccess_token = \"t\"\ntimeout = \"1s\"\n");
    let home = home(&profile, "");
    for line in [QUERY, "results 5f0c1b2e-0000-4000-8000-000000000001"] {
        is_in_time(run(command(line)
            .args(["--profile", "sim"])
            .env("HOME", home.path())));
    }
    run(&mut command("query --help")).prints("and for reading all rows");
}
