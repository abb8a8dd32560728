//! The environment variables that Genesys's tools share.

use std::env;

use super::{
    file::trimmed,
    host::Parts,
    key::{Key, WHOLE},
    layer::{Layer, Place},
};
use crate::error::CliError;

const GATEWAY: &str = "GENESYSCLOUD_GATEWAY_";
const PROXY: &str = "GENESYSCLOUD_PROXY_";
const PARTS: [&str; 4] = ["PROTOCOL", "PORT", "AUTH_USERNAME", "AUTH_PASSWORD"];
const PATH: [&str; 2] = ["PATH_NAME", "PATH_VALUE"];

/// The values of the environment. If one is wrong, the whole layer is broken.
pub(super) fn layer() -> Layer {
    layer_of(|name| match env::var(name) {
        Ok(value) => Ok(value),
        Err(env::VarError::NotPresent) => Ok(String::new()),
        Err(env::VarError::NotUnicode(_)) => Err(CliError::local(format!("{name}: its value is not UTF-8"))),
    })
}

fn layer_of(variable: impl Fn(&str) -> Result<String, CliError>) -> Layer {
    let mut layer = Layer::new(Place::Environment);
    let filled = fill(&mut layer, |name| Ok(trimmed(&variable(name)?).to_owned()));
    layer.broken = filled.err();
    layer
}

fn fill(layer: &mut Layer, variable: impl Fn(&str) -> Result<String, CliError>) -> Result<(), CliError> {
    for key in WHOLE {
        layer.read(key, &variable(key.variable())?);
    }
    let gateway = parts(GATEWAY, &PATH, &variable)?;
    let [name, path] = PATH.map(|part| variable(&format!("{GATEWAY}{part}")));
    let (name, path) = (name?, path?);
    let is_named = |key: &str| name.eq_ignore_ascii_case(key);
    let path_of = |key| if is_named(key) { path.as_str() } else { "" };
    if !path.is_empty() && !is_named("login") && !is_named("api") {
        return Err(CliError::local(format!(
            "{GATEWAY}PATH_NAME: `{}` is not known; {GATEWAY}PATH_VALUE is the path of `login` or of `api`",
            name.escape_default()
        )));
    }
    for (key, path) in [(Key::ApiUrl, path_of("api")), (Key::LoginUrl, path_of("login"))] {
        layer.read(key, &gateway.gateway(path).unwrap_or_default());
    }
    if !gateway.host.is_empty() && !gateway.user.is_empty() {
        layer.notes.push(format!(
            "{GATEWAY}AUTH_USERNAME is not sent: Genesys's tools do not send it either"
        ));
    }
    let proxy = parts(PROXY, &[], &variable)?;
    layer.read(Key::Proxy, &proxy.proxy().unwrap_or_default());
    Ok(())
}

/// The parts of a gateway or proxy. Without a host, none of them and of `others` may be set: the credentials would bypass it.
fn parts(
    prefix: &str,
    others: &[&str],
    variable: impl Fn(&str) -> Result<String, CliError>,
) -> Result<Parts, CliError> {
    let part = |name: &str| variable(&format!("{prefix}{name}"));
    let host = part("HOST")?;
    for other in PARTS.iter().chain(others).filter(|_| host.is_empty()) {
        if !part(other)?.is_empty() {
            return Err(CliError::local(format!(
                "{prefix}{other} is set, but {prefix}HOST is not"
            )));
        }
    }
    let [protocol, port, user, password] = PARTS.map(part);
    Ok(Parts {
        protocol: protocol?,
        host,
        port: port?,
        user: user?,
        password: password?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> Layer {
        layer_of(|name| {
            let found = set
                .iter()
                .find(|(other, _)| name.strip_prefix("GENESYSCLOUD_") == Some(other));
            Ok(found.map(|(_, value)| (*value).to_owned()).unwrap_or_default())
        })
    }

    #[test]
    fn the_variables_of_the_official_tools_are_read() {
        let layer = of(&[
            ("REGION", " eu-west-1\r"),
            ("OAUTHCLIENT_ID", "\u{feff}my-id "),
            ("ACCESS_TOKEN", " \t"),
            ("GATEWAY_PROTOCOL", "https"),
            ("GATEWAY_HOST", "gw.corp/prod"),
            ("GATEWAY_PORT", "1443"),
            ("GATEWAY_PATH_NAME", "login"),
            ("GATEWAY_PATH_VALUE", "/loginpath"),
            ("GATEWAY_AUTH_USERNAME", "john"),
            ("PROXY_PROTOCOL", "http"),
            ("PROXY_HOST", "proxy.corp"),
            ("PROXY_PORT", "3128"),
            ("PROXY_AUTH_USERNAME", "john"),
            ("PROXY_AUTH_PASSWORD", "d@e"),
        ]);
        assert!(layer.broken.is_none(), "{:?}", layer.broken);
        for (key, value) in [
            (Key::Region, Some("eu-west-1")),
            (Key::ClientId, Some("my-id")),
            (Key::AccessToken, None),
            (Key::ApiUrl, Some("https://gw.corp:1443/prod")),
            (Key::LoginUrl, Some("https://gw.corp:1443/prod/loginpath")),
            (Key::Proxy, Some("http://john:d%40e@proxy.corp:3128")),
        ] {
            assert_eq!(layer.written(key).as_deref(), value, "{key:?}");
        }
        assert!(layer.notes[0].contains("GENESYSCLOUD_GATEWAY_AUTH_USERNAME"));
    }

    #[test]
    fn an_incomplete_gateway_or_proxy_is_refused_by_name() {
        for (name, value, reason) in [
            (
                "GATEWAY_PORT",
                "1443",
                "GENESYSCLOUD_GATEWAY_PORT is set, but GENESYSCLOUD_GATEWAY_HOST is not",
            ),
            (
                "GATEWAY_PATH_VALUE",
                "/x",
                "GENESYSCLOUD_GATEWAY_PATH_VALUE is set, but",
            ),
            (
                "PROXY_PROTOCOL",
                "http",
                "GENESYSCLOUD_PROXY_PROTOCOL is set, but GENESYSCLOUD_PROXY_HOST is not",
            ),
        ] {
            let message = of(&[(name, value)]).broken.unwrap().to_string();
            assert!(message.contains(reason), "{message}");
        }
        let layer = of(&[
            ("GATEWAY_HOST", "gw"),
            ("GATEWAY_PATH_NAME", "x"),
            ("GATEWAY_PATH_VALUE", "/x"),
        ]);
        let message = layer.broken.unwrap().to_string();
        assert!(
            message.contains("GENESYSCLOUD_GATEWAY_PATH_NAME: `x` is not known"),
            "{message}"
        );
    }
}
