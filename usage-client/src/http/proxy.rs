//! The proxy that requests go through: the caller's, or the environment's.

use std::{env, ffi::OsString};

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{NoProxy, Proxy, Url, header::HeaderValue};

use super::hosts::is_loopback;
use crate::error::{Error, Result};

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
/// The default port of SOCKS. `Url` knows those of the other schemes.
const SOCKS_PORT: u16 = 1080;

const FOR_ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];
/// Set for CGI scripts. There, a request could set `HTTP_PROXY`, so reqwest reads no variable.
const CGI: &str = "REQUEST_METHOD";

/// The proxy of a client, without user and password.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProxyInUse {
    /// Host and port, such as `proxy.example:3128`.
    pub host_and_port: String,
    /// Where it was set.
    pub source: ProxySource,
}

/// Where a proxy was set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProxySource {
    /// [`ClientBuilder::proxy`](crate::ClientBuilder::proxy).
    Builder,
    /// The environment variable of this name.
    Environment(&'static str),
    /// The settings of the operating system.
    System,
}

/// The hosts that reqwest takes for the loopback address, and the network of this machine's own services, where clouds
/// hand out credentials.
const LOCAL: &str = "localhost,127.0.0.0/8,::1,169.254.0.0/16";

/// How requests leave this machine. A proxy could read the credentials in plain HTTP. So a proxy of the environment
/// gets no plain HTTP, and a proxy on another machine gets no plain HTTP to the loopback address.
pub(crate) struct Route {
    way: Way,
    pub(crate) in_use: Option<ProxyInUse>,
}

enum Way {
    /// No proxy.
    Direct,
    /// A proxy as reqwest finds it in the environment and the system's settings.
    OfEnvironment,
    Through(Box<Proxy>),
}

impl Route {
    /// The route to these hosts. `explicit` is the caller's proxy.
    pub(crate) fn new(explicit: Option<&str>, hosts: &[&Url]) -> Result<Self> {
        match explicit {
            Some(text) => Self::explicit(text, hosts),
            None => Self::of_environment(hosts),
        }
    }

    /// The route to hosts that are not known yet. Plain HTTP goes through the caller's own proxy only.
    pub(crate) fn to_any_host(explicit: Option<&str>) -> Result<Self> {
        if let Some(text) = explicit {
            return Self::explicit(text, &[]);
        }
        let any = Url::parse("https://any.invalid/").map_err(|_| Error::configuration(not_a_proxy()))?;
        let way = match of_environment(&[&any])? {
            Some(found) => {
                let proxy = found.for_https()?.no_proxy(NoProxy::from_env());
                Way::Through(Box::new(proxy))
            }
            None => Way::Direct,
        };
        Ok(Self { way, in_use: None })
    }

    fn explicit(text: &str, hosts: &[&Url]) -> Result<Self> {
        let wrong = |reason: String| Error::wrong_setting("proxy", reason);
        let mut url = parse(text).map_err(wrong)?;
        let in_use = in_use(&url, ProxySource::Builder);
        let is_elsewhere = !is_loopback(&url);
        // The proxy looks up names: in networks that need a proxy, other hosts often cannot be looked up.
        for (scheme, by_proxy) in [("socks4", "socks4a"), ("socks5", "socks5h")] {
            if url.scheme() == scheme {
                url.set_scheme(by_proxy).map_err(|()| wrong(not_a_proxy()))?;
            }
        }
        // The text may contain a password, and the cause repeats it. So neither is shown.
        let proxy = Proxy::all(url.as_str()).map_err(|_| wrong(not_a_proxy()))?;
        let exceptions = is_elsewhere.then(|| NoProxy::from_string(LOCAL)).flatten();
        let is_used = !(is_elsewhere && hosts.iter().all(|url| is_loopback(url)));
        Ok(Self {
            way: Way::Through(Box::new(proxy.no_proxy(exceptions))),
            in_use: is_used.then_some(in_use),
        })
    }

    fn of_environment(hosts: &[&Url]) -> Result<Self> {
        // `allow_plain_http` allows one host. It does not allow a proxy that happens to be in the environment.
        let (encrypted, plain): (Vec<&Url>, Vec<&Url>) =
            hosts.iter().partition(|url| url.scheme() == "https");
        let found = of_environment(&encrypted)?;
        let way = match (&found, plain.is_empty()) {
            (_, true) => Way::OfEnvironment,
            (Some(found), false) => Way::Through(Box::new(found.for_https()?)),
            (None, false) => Way::Direct,
        };
        Ok(Self {
            way,
            in_use: found.map(|found| found.in_use),
        })
    }

    pub(crate) fn apply(self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        match self.way {
            Way::Direct => builder.no_proxy(),
            Way::OfEnvironment => builder,
            Way::Through(proxy) => builder.proxy(*proxy),
        }
    }
}

/// A proxy of the environment or the system.
struct Found {
    url: Url,
    /// User and password, if the URL has none.
    login: Option<HeaderValue>,
    in_use: ProxyInUse,
}

impl Found {
    /// The proxy for encrypted requests only.
    fn for_https(&self) -> Result<Proxy> {
        let proxy = Proxy::https(self.url.as_str()).map_err(|_| Error::configuration(not_a_proxy()))?;
        Ok(match &self.login {
            Some(login) => proxy.custom_http_auth(login.clone()),
            None => proxy,
        })
    }
}

/// The proxy of the environment or the system for the first of these URLs that has one.
///
/// A variable that is used but not valid is an error. reqwest would ignore it, and the credentials would bypass the
/// proxy without notice.
fn of_environment(urls: &[&Url]) -> Result<Option<Found>> {
    for url in urls {
        if let Some(found) = of_variables(url, |name| env::var_os(name))? {
            return Ok(Some(found));
        }
    }
    let system = Matcher::from_system();
    let of_system = urls.iter().find_map(|url| {
        let proxy = system.intercept(&uri(url)?)?;
        let url = Url::parse(&proxy.uri().to_string()).ok()?;
        Some(Found {
            in_use: in_use(&url, ProxySource::System),
            url,
            login: proxy.basic_auth().cloned(),
        })
    });
    Ok(of_system)
}

/// Reads the variables in the same order as reqwest.
fn of_variables(url: &Url, variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<Found>> {
    let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, variable(name)?)));
    let exceptions = first(EXCEPTIONS).and_then(|(_, value)| value.into_string().ok());
    let all_but = Matcher::builder()
        .all("http://proxy")
        .no(exceptions.unwrap_or_default())
        .build();
    let goes_through = uri(url).is_some_and(|uri| all_but.intercept(&uri).is_some());
    if variable(CGI).is_some() || !goes_through {
        return Ok(None);
    }
    let of_scheme = match url.scheme() {
        "http" => ["HTTP_PROXY", "http_proxy"],
        _ => ["HTTPS_PROXY", "https_proxy"],
    };
    let mut set = [of_scheme, FOR_ALL].into_iter().filter_map(first);
    let Some((name, value)) = set.find(|(_, value)| !value.is_empty()) else {
        return Ok(None);
    };
    let proxy = parse_variable(value).map_err(|reason| Error::configuration(format!("{name}: {reason}")))?;
    Ok(Some(Found {
        in_use: in_use(&proxy, ProxySource::Environment(name)),
        url: proxy,
        login: None,
    }))
}

/// Parses a proxy like reqwest. The reason does not quote the text, which may contain a password.
fn parse(text: &str) -> Result<Url, String> {
    let url = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("http://{text}")),
    };
    let url = url.map_err(|_| not_a_proxy())?;
    let scheme = url.scheme();
    if !SCHEMES.contains(&scheme) {
        let allowed = SCHEMES.join(", ");
        return Err(format!("`{scheme}:` is not supported; allowed are {allowed}"));
    }
    // An unencoded slash in a password ends the host. Then the real host is part of the path.
    let rest = [Some(url.path()), url.query(), url.fragment()];
    if rest.into_iter().flatten().any(|part| part.contains('@')) {
        return Err("percent-encode `/`, `?`, `#` and `@` in user and password (`/` is %2F)".to_owned());
    }
    Ok(url)
}

/// Parses the value of a variable. reqwest reads it as a URI, accepts less, and ignores a proxy that it does not
/// accept.
fn parse_variable(value: OsString) -> Result<Url, String> {
    let text = value.into_string().map_err(|_| not_a_proxy())?;
    let url = parse(&text)?;
    let taken = Matcher::builder().all(text).build();
    let proxy = taken.intercept(&Uri::from_static("https://host/"));
    let authority = proxy.as_ref().and_then(|proxy| proxy.uri().authority());
    // reqwest takes the first of several `@` for the end of the password.
    let is_taken = authority.is_some_and(|authority| !authority.as_str().contains('@'));
    is_taken.then_some(url).ok_or_else(not_a_proxy)
}

fn not_a_proxy() -> String {
    "not a URL such as http://proxy.example:3128".to_owned()
}

fn in_use(proxy: &Url, source: ProxySource) -> ProxyInUse {
    let host = proxy.host_str().unwrap_or_default();
    let port = proxy.port_or_known_default().unwrap_or(SOCKS_PORT);
    ProxyInUse {
        host_and_port: format!("{host}:{port}"),
        source,
    }
}

fn uri(url: &Url) -> Option<Uri> {
    url.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy from the variables for `https://api.mypurecloud.ie`.
    fn variables(set: &[(&str, &str)]) -> Result<Option<ProxyInUse>> {
        let host = Url::parse("https://api.mypurecloud.ie/").unwrap();
        let find = |name: &str| {
            let found = set.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Ok(of_variables(&host, find)?.map(|found| found.in_use))
    }

    /// The caller's proxy, for a host on another machine.
    fn explicit(text: &str) -> Result<ProxyInUse> {
        let host = Url::parse("https://api.mypurecloud.ie/").unwrap();
        Ok(Route::new(Some(text), &[&host])?.in_use.unwrap())
    }

    #[test]
    fn a_proxy_is_named_without_its_password() {
        for (text, address) in [
            ("http://me:hidden@proxy.corp:3128", "proxy.corp:3128"),
            ("http://proxy.corp", "proxy.corp:80"),
            ("https://proxy.corp/", "proxy.corp:443"),
            ("proxy.corp:3128", "proxy.corp:3128"),
            ("socks5://me:hidden@127.0.0.1", "127.0.0.1:1080"),
            ("socks5h://[::1]:9", "[::1]:9"),
            ("HTTP://me:p%40ss%2Fw%23rd@proxy.corp:1", "proxy.corp:1"),
        ] {
            let proxy = explicit(text).unwrap();
            assert_eq!(proxy.host_and_port, address, "{text}");
            assert!(!format!("{proxy:?}").contains("hidden"));
            let proxy = variables(&[("HTTPS_PROXY", text)]).unwrap().unwrap();
            assert_eq!(proxy.host_and_port, address, "{text}");
        }
    }

    #[test]
    fn what_reqwest_would_leave_out_or_take_for_another_host_is_refused() {
        for (text, reason) in [
            (
                "ftp://proxy.corp:9",
                "`ftp:` is not supported; allowed are http, https, socks4",
            ),
            ("socks6://proxy.corp:9", "`socks6:` is not supported"),
            ("http://", "not a URL such as"),
            ("http://proxy.corp:port", "not a URL such as"),
            ("http://me:hidden@ss/w#rd@proxy.corp:9", "percent-encode"),
            ("http://me:12/hidden@proxy.corp:9", "percent-encode"),
        ] {
            for error in [
                explicit(text).map(|_| ()).unwrap_err(),
                variables(&[("HTTPS_PROXY", text)]).unwrap_err(),
            ] {
                let shown = format!("{error} {error:?}");
                assert!(error.is_configuration(), "{text}: {shown}");
                assert!(shown.contains(reason), "{text}: {shown}");
                assert!(!shown.contains("hidden"), "{shown}");
            }
        }
    }

    #[test]
    fn a_variable_that_reqwest_does_not_take_is_an_error() {
        for text in [
            "http://me:p@ss@proxy.corp:9",
            "http://proxy.corp:3128\r",
            "http:// proxy.corp",
        ] {
            let error = variables(&[("HTTPS_PROXY", text)]).unwrap_err().to_string();
            assert!(
                error.contains("HTTPS_PROXY: not a URL such as"),
                "{text}: {error}"
            );
        }
        // As a setting it is a URL, in which the last `@` counts.
        let proxy = explicit("http://me:p@ss@proxy.corp:9").unwrap();
        assert_eq!(proxy.host_and_port, "proxy.corp:9");
    }

    #[test]
    fn the_variable_that_counts_is_named() {
        let one = "http://one.corp:1";
        for (set, name) in [
            (&[][..], None),
            (
                &[("HTTPS_PROXY", one), ("ALL_PROXY", "broken:")],
                Some("HTTPS_PROXY"),
            ),
            (&[("HTTPS_PROXY", ""), ("all_proxy", one)], Some("all_proxy")),
            (&[("https_proxy", one)], Some("https_proxy")),
            (&[("HTTP_PROXY", one)], None),
            (
                &[("HTTPS_PROXY", one), ("NO_PROXY", "example.org,.mypurecloud.ie")],
                None,
            ),
            (&[("HTTPS_PROXY", "ftp://x"), ("no_proxy", "*")], None),
            (&[("HTTPS_PROXY", one), ("REQUEST_METHOD", "GET")], None),
        ] {
            let source = variables(set).unwrap().map(|proxy| proxy.source);
            assert_eq!(source, name.map(ProxySource::Environment), "{set:?}");
        }
        let error = variables(&[("ALL_PROXY", "ftp://proxy.corp")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("ALL_PROXY: `ftp:` is not supported"), "{error}");
    }
}
