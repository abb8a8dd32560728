//! Reads a profile of the official CLI.

use std::{path::Path, time::SystemTime};

use chrono::{DateTime, Utc};
use serde_json::Value;
use toml::Table;

use super::{
    host::Parts,
    key::{Key, WHOLE},
    layer::{Layer, Place},
};

/// The grants with which a person logs in by browser: implicit and PKCE.
const BY_BROWSER: [&str; 2] = ["2", "3"];

/// The values that gc-usage can use. It ignores all others.
pub(crate) fn layer(path: &Path, name: &str, profile: &Table) -> Layer {
    let mut layer = Layer::new(Place::Profile {
        name: name.to_owned(),
        file: path.to_owned(),
        is_ours: false,
    });
    let text = |key: &str| match profile.get(key) {
        Some(toml::Value::String(text)) => text.clone(),
        Some(toml::Value::Integer(number)) => number.to_string(),
        _ => String::new(),
    };
    for key in WHOLE {
        layer.read(key, &text(key.gc_name()));
    }
    layer.read(Key::Proxy, &parts("proxy", &text).proxy().unwrap_or_default());
    let gateway = parts("gateway", &text);
    for (key, path) in [(Key::ApiUrl, "api"), (Key::LoginUrl, "login")] {
        let path = path_param(&text("gateway_pathparams"), path);
        layer.read(key, &gateway.gateway(&path).unwrap_or_default());
    }
    if logs_in_by_browser(&text) && !layer.has_any(&[Key::AccessToken]) {
        match browser_token(&text("oauth_token_data"), SystemTime::now().into()) {
            Ok(token) => layer.read(Key::AccessToken, &token),
            Err(reason) => {
                layer.no_login = Some(format!(
                    "profile `{name}` of {} logs a person in by browser, which gc-usage cannot do, and {reason}",
                    path.display()
                ));
            }
        }
    }
    layer
}

/// Whether a table within a table is a profile: it has one of the keys that gc-usage reads.
pub(super) fn is_profile(table: &Table) -> bool {
    [
        "environment",
        "client_credentials",
        "access_token",
        "oauth_token_data",
    ]
    .iter()
    .any(|key| table.contains_key(*key))
}

/// The grant decides. Without a grant, a profile does if it has what a browser leaves, and no secret.
fn logs_in_by_browser(text: &impl Fn(&str) -> String) -> bool {
    match text("grant_type").trim() {
        "" | "0" => {
            let left_by_browser = ["oauth_token_data", "redirect_uri"];
            text("client_secret").trim().is_empty()
                && left_by_browser.iter().any(|key| !text(key).trim().is_empty())
        }
        grant => BY_BROWSER.contains(&grant),
    }
}

fn parts(prefix: &str, text: &impl Fn(&str) -> String) -> Parts {
    Parts::read(|name| text(&format!("{prefix}_{name}")))
}

/// One path of `{login: /some/path, api: /other}`.
fn path_param(params: &str, name: &str) -> String {
    let params = params.trim_matches(['{', '}']);
    let pairs = params.split(',').filter_map(|pair| pair.split_once(':'));
    let mut named = pairs.filter(|(key, _)| key.trim() == name);
    named
        .next()
        .map(|(_, path)| path.trim().to_owned())
        .unwrap_or_default()
}

/// The token of the login by browser, unless it has expired.
fn browser_token(data: &str, now: DateTime<Utc>) -> Result<String, String> {
    let again = "log in again with any `gc` command, or use client credentials";
    let data: Value = serde_json::from_str(data).map_err(|_| format!("has no token stored: {again}"))?;
    let members = data.as_object().into_iter().flatten();
    // The names are not documented, so this tries each one that looks right.
    let texts = members.filter_map(|(key, value)| {
        let key = key.to_ascii_lowercase().replace('_', "");
        Some((key, value.as_str()?))
    });
    let texts: Vec<_> = texts.collect();
    let token = texts
        .iter()
        .find(|(key, text)| key == "accesstoken" && !text.is_empty());
    let (_, token) = token.ok_or_else(|| format!("has no token stored: {again}"))?;
    let expiries = texts.iter().filter(|(key, _)| key.contains("expir"));
    let expiry = expiries
        .filter_map(|(_, text)| text.parse::<DateTime<Utc>>().ok())
        .next();
    match expiry {
        Some(expiry) if expiry <= now => Err(format!(
            "its token expired on {}: {again}",
            expiry.format("%Y-%m-%d %H:%M UTC")
        )),
        _ => Ok((*token).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Layer {
        let table: Table = text.parse().unwrap();
        layer(Path::new("config.toml"), "DEFAULT", &table)
    }

    #[test]
    fn a_profile_with_client_credentials_behind_a_gateway_and_a_proxy_is_read() {
        let layer = of(r#"
            environment = "mypurecloud.ie"
            grant_type = "1"
            client_credentials = "the-id"
            client_secret = "the-secret"
            logging_enabled = false
            gateway_protocol = "https"
            gateway_host = "gw.corp"
            gateway_port = "1443"
            gateway_pathparams = "{login: /genesys-login, api: /genesys-api}"
            proxy_protocol = "http"
            proxy_host = "proxy.corp"
            proxy_port = 3128
            proxy_username = "me"
            proxy_password = "word"
            "#);
        for (key, value) in [
            (Key::Region, "mypurecloud.ie"),
            (Key::ClientId, "the-id"),
            (Key::ClientSecret, "the-secret"),
            (Key::ApiUrl, "https://gw.corp:1443/genesys-api"),
            (Key::LoginUrl, "https://gw.corp:1443/genesys-login"),
            (Key::Proxy, "http://me:word@proxy.corp:3128"),
        ] {
            assert_eq!(layer.written(key).as_deref(), Some(value), "{key:?}");
        }
        assert!(!format!("{layer:?}").contains("the-secret"));
    }

    #[test]
    fn the_token_of_a_login_by_browser_is_used_until_it_expires() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let data = |expiry: &str| {
            format!(
                r#"{{"access_token": "token", "token_type": "bearer", "expires_in": 86399, "oauth_token_expiry": "{expiry}"}}"#
            )
        };
        assert_eq!(
            browser_token(&data("2026-11-24T12:00:01Z"), now),
            Ok("token".to_owned())
        );
        assert_eq!(
            browser_token(r#"{"access_token":"token"}"#, now),
            Ok("token".to_owned())
        );
        let expired = browser_token(&data("2026-11-24T13:00:00+01:00"), now).unwrap_err();
        assert!(
            expired.starts_with("its token expired on 2026-11-24 12:00 UTC"),
            "{expired}"
        );
        for data in ["", "{}", "[]", r#"{"access_token":""}"#] {
            assert!(
                browser_token(data, now).unwrap_err().contains("no token stored"),
                "{data}"
            );
        }
        let layer = of("grant_type = \"3\"\nenvironment = \"mypurecloud.ie\"");
        assert!(layer.no_login.unwrap().contains("logs a person in by browser"));
    }

    #[test]
    fn without_a_grant_type_a_login_by_browser_is_recognized_by_its_keys() {
        let token = r#"oauth_token_data = '{"access_token":"token","token_type":"bearer"}'"#;
        let id = "client_credentials = \"id\"";
        assert_eq!(
            of(&format!("{id}\n{token}")).written(Key::AccessToken).as_deref(),
            Some("token")
        );
        for left in [
            "redirect_uri = \"http://localhost:8080\"",
            "grant_type = \"0\"\noauth_token_data = \"{}\"",
        ] {
            let no_login = of(&format!("{id}\n{left}")).no_login.unwrap();
            assert!(
                no_login.contains("logs a person in by browser, which gc-usage cannot do"),
                "{no_login}"
            );
        }
        // The official CLI keeps a client's token there too.
        let client = of(&format!("{id}\nclient_secret = \"secret\"\n{token}"));
        assert_eq!(
            (client.written(Key::AccessToken), client.no_login.as_deref()),
            (None, None)
        );
    }
}
