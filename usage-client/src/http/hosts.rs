//! Base URLs that may receive credentials.

use reqwest::Url;
use url::Host;

use crate::error::{Error, Result};

/// Parses and checks a base URL. The error names `setting`.
pub(crate) fn base_url(setting: &'static str, text: &str, plain_http_hosts: &[String]) -> Result<Url> {
    let invalid = |reason: String| Err(Error::wrong_setting(setting, reason));
    let url = match Url::parse(text) {
        Ok(url) => url,
        // The text is not shown, because it may contain a password.
        Err(error) => return invalid(format!("not a URL such as https://host/prefix: {error}")),
    };
    // The text is not shown, because it would get into logs.
    if !url.username().is_empty() || url.password().is_some() {
        return invalid("a URL must not hold a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return invalid("a base URL has no query and no fragment".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" => Ok(url),
        "http"
            if is_loopback(&url)
                || plain_http_hosts
                    .iter()
                    .any(|allowed| allowed.eq_ignore_ascii_case(host)) =>
        {
            Ok(url)
        }
        // The path is not shown either: gateways have keys there.
        "http" => invalid(format!(
            "`http://{host}` is plain http, which would show the credentials to anyone on the way; use https"
        )),
        other => invalid(format!("`{other}:` is not supported; expected https://…")),
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_are_taken_with_their_prefix() {
        for text in [
            "https://gw.corp:1443/genesys-api",
            "http://127.0.0.1:8080",
            "http://localhost/x",
            "http://[::1]:1",
        ] {
            assert!(base_url("base_url", text, &[]).is_ok(), "{text}");
        }
        assert!(base_url("base_url", "http://Gateway.corp", &["gateway.CORP".to_owned()]).is_ok());
    }

    #[test]
    fn what_is_refused_names_the_setting_and_the_reason() {
        for (text, reason) in [
            ("http://api.mypurecloud.ie", "plain http"),
            ("http://127.0.0.1.evil.example", "plain http"),
            (
                "http://gw.example/hidden/api",
                "`http://gw.example` is plain http",
            ),
            (
                "https://user:hidden@api.mypurecloud.ie",
                "must not hold a user name",
            ),
            ("https://api.mypurecloud.ie/?token=hidden", "no query"),
            ("ftp://host", "`ftp:` is not supported"),
            ("api.mypurecloud.ie", "not a URL"),
            ("https://user:hidden@host:99999", "not a URL"),
        ] {
            let error = base_url("login_url", text, &[]).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                error.is_configuration() && shown.contains("login_url") && shown.contains(reason),
                "{shown}"
            );
            assert!(!shown.contains("hidden"), "{shown}");
        }
    }
}
