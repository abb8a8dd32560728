//! Makes the URLs of gateways and proxies, which the official CLI and the environment set in parts.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The parts of the URL of a host. An empty part is not set.
pub(super) struct Parts {
    pub(super) protocol: String,
    /// The host of a gateway may have a path: `abc.execute-api.eu-west-1.amazonaws.com/prod`.
    pub(super) host: String,
    pub(super) port: String,
    pub(super) user: String,
    pub(super) password: String,
}

impl Parts {
    /// Reads each part by its name.
    pub(super) fn read(part: impl Fn(&str) -> String) -> Self {
        Self {
            protocol: part("protocol"),
            host: part("host"),
            port: part("port"),
            user: part("username"),
            password: part("password"),
        }
    }

    /// `protocol://host:port/stage/path`. Without user and password: no official tool sends them to a gateway.
    pub(super) fn gateway(&self, path: &str) -> Option<String> {
        let (start, stage) = self.start("https", "")?;
        let parts = [stage.as_str(), path.trim()].map(|part| part.trim_matches('/'));
        let path: String = parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| format!("/{part}"))
            .collect();
        Some(format!("{start}{path}"))
    }

    /// `protocol://user:password@host:port`, with user and password encoded: `/`, `#` and `@` have a meaning in a URL.
    pub(super) fn proxy(&self) -> Option<String> {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let login = match self.user.as_str() {
            "" => String::new(),
            user => format!("{}:{}@", encoded(user), encoded(&self.password)),
        };
        Some(self.start("http", &login)?.0)
    }

    /// `protocol://login@host:port`, and the path after the host.
    fn start(&self, default_protocol: &str, login: &str) -> Option<(String, String)> {
        let host = self.host.trim();
        let (in_host, host) = match host.split_once("://") {
            Some((protocol, host)) => (protocol, host),
            None => ("", host),
        };
        let (host, path) = host.split_once('/').unwrap_or((host, ""));
        if host.is_empty() {
            return None;
        }
        let protocol = [self.protocol.trim(), in_host, default_protocol];
        let protocol = protocol.into_iter().find(|protocol| !protocol.is_empty())?;
        // The Python SDK writes -1 for none.
        let port = match self.port.trim() {
            "" | "-1" | "0" => String::new(),
            port => format!(":{port}"),
        };
        let is_bare_ipv6 = host.matches(':').count() > 1 && !host.starts_with('[');
        let host = if is_bare_ipv6 {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        Some((
            format!("{}://{login}{host}{port}", protocol.to_ascii_lowercase()),
            path.to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(protocol: &str, host: &str, port: &str, user: &str, password: &str) -> Parts {
        let [protocol, host, port, user, password] =
            [protocol, host, port, user, password].map(str::to_owned);
        Parts {
            protocol,
            host,
            port,
            user,
            password,
        }
    }

    #[test]
    fn the_stage_of_a_gateway_comes_before_the_path_and_the_port_after_the_host() {
        for (protocol, host, port, path, url) in [
            ("https", "gw.corp", "1443", "/api", "https://gw.corp:1443/api"),
            (
                "https",
                "gw.corp/prod",
                "1443",
                "/api",
                "https://gw.corp:1443/prod/api",
            ),
            ("HTTP", "gw.corp/a/b/", "8080", "c/", "http://gw.corp:8080/a/b/c"),
            ("", "gw.corp/prod", "", "", "https://gw.corp/prod"),
            ("", "http://gw.corp/prod", "80", "", "http://gw.corp:80/prod"),
            ("", "::1", "1", "", "https://[::1]:1"),
            ("", "gw.corp", "-1", "/", "https://gw.corp"),
        ] {
            assert_eq!(
                parts(protocol, host, port, "me", "word").gateway(path).unwrap(),
                url
            );
        }
        assert_eq!(parts("https", "", "1443", "", "").gateway("/api"), None);
    }

    #[test]
    fn user_and_password_of_a_proxy_are_encoded() {
        let proxy = parts("http", "proxy.corp", "3128", "corp\\me", "p@ss/w#rd?%41:é").proxy();
        let expected = "http://corp%5Cme:p%40ss%2Fw%23rd%3F%2541%3A%C3%A9@proxy.corp:3128";
        assert_eq!(proxy.as_deref(), Some(expected));
        assert_eq!(
            parts("", "proxy.corp", "", "", "").proxy().as_deref(),
            Some("http://proxy.corp")
        );
    }
}
