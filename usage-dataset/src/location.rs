//! Where a data set is: a directory, or a prefix in an object store.

use std::{
    fmt, path,
    path::{Path, PathBuf},
    str::FromStr,
};

use object_store::path::Path as Key;

use crate::error::{Error, ErrorKind, Result};

const ALLOWED: &str = "allowed are a directory, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX and \
     abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PREFIX";
const AZURE_HOST: &str = ".dfs.core.windows.net";

/// Where a data set is: a directory, or a prefix in an object store. It contains no credentials.
///
/// ```
/// use usage_dataset::Location;
///
/// let location: Location = "s3://lake/genesys".parse()?;
/// assert_eq!(location.to_string(), "s3://lake/genesys");
/// assert!("ftp://lake".parse::<Location>().is_err());
/// # Ok::<(), usage_dataset::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Location(pub(crate) Kind);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// An absolute path.
    Directory(PathBuf),
    Bucket(Bucket),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Bucket {
    pub(crate) provider: Provider,
    /// Its name. Azure calls it a container.
    pub(crate) name: String,
    pub(crate) prefix: Key,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Provider {
    S3,
    Google,
    Azure { account: Option<String> },
}

impl Location {
    /// A directory. It need not exist.
    ///
    /// # Errors
    ///
    /// The path is empty, or relative to a current directory that does not exist.
    pub fn directory(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        match path::absolute(path) {
            Ok(path) => Ok(Self(Kind::Directory(path))),
            Err(error) => {
                let message = format!("`{}` is not a directory: {error}", path.display());
                Err(Error::new(ErrorKind::Location, message))
            }
        }
    }

    /// The path, if it is a directory.
    pub fn as_directory(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Directory(path) => Some(path),
            Kind::Bucket(_) => None,
        }
    }
}

impl FromStr for Location {
    type Err = Error;

    /// Reads a path, or a URL of a store. The prefix in a URL is taken as it is, without decoding.
    fn from_str(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(wrong(format!("it is empty; {ALLOWED}")));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return match text.split_once(':') {
                Some((scheme, _)) if ["s3", "gs", "az", "abfss"].contains(&scheme) => {
                    Err(wrong(format!("after `{scheme}:` comes `//`; {ALLOWED}")))
                }
                _ => Self::directory(text),
            };
        };
        let (host, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let bucket = match scheme {
            "s3" => Bucket::new(Provider::S3, host, prefix),
            "gs" => Bucket::new(Provider::Google, host, prefix),
            "az" => Bucket::new(Provider::Azure { account: None }, host, prefix),
            "abfss" => Bucket::of_account(host, prefix),
            // The scheme is not repeated if it is not one: the text may be anything.
            _ if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err(wrong(format!("`{scheme}://` is not supported; {ALLOWED}")))
            }
            _ => Err(wrong(ALLOWED)),
        };
        bucket.map(|bucket| Self(Kind::Bucket(bucket)))
    }
}

impl Bucket {
    /// The texts are not repeated in errors: they may contain credentials.
    fn new(provider: Provider, name: &str, prefix: &str) -> Result<Self> {
        if name.contains('@') || name.contains(':') {
            return Err(wrong(
                "a URL must not contain a user, a password or a port; set credentials and endpoint in the environment",
            ));
        }
        if [name, prefix].iter().any(|text| text.contains(['?', '#'])) {
            return Err(wrong(
                "a URL must not contain `?` or `#`; set credentials in the environment",
            ));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err(wrong(format!(
                "the name of the bucket may contain letters, digits, `-`, `_` and `.`; {ALLOWED}"
            )));
        }
        let prefix = Key::parse(prefix).map_err(|_| {
            wrong("the prefix must not contain `//`, `.`, `..` or control characters between its slashes")
        })?;
        Ok(Self {
            provider,
            name: name.to_owned(),
            prefix,
        })
    }

    fn of_account(host: &str, prefix: &str) -> Result<Self> {
        let parts = host.split_once('@').and_then(|(container, host)| {
            let account = host.strip_suffix(AZURE_HOST)?;
            let is_account = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_account.then_some((container, account))
        });
        let Some((container, account)) = parts else {
            return Err(wrong(format!("it is no URL of a storage account; {ALLOWED}")));
        };
        let account = Some(account.to_owned());
        Self::new(Provider::Azure { account }, container, prefix)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bucket = match &self.0 {
            Kind::Directory(path) => return path.display().fmt(f),
            Kind::Bucket(bucket) => bucket,
        };
        let name = &bucket.name;
        match &bucket.provider {
            Provider::S3 => write!(f, "s3://{name}")?,
            Provider::Google => write!(f, "gs://{name}")?,
            Provider::Azure { account: None } => write!(f, "az://{name}")?,
            Provider::Azure {
                account: Some(account),
            } => write!(f, "abfss://{name}@{account}{AZURE_HOST}")?,
        }
        match bucket.prefix.as_ref() {
            "" => Ok(()),
            prefix => write!(f, "/{prefix}"),
        }
    }
}

fn wrong(reason: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Location, format!("location of the data set: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_written_as_they_were_read() {
        for text in [
            "s3://lake",
            "s3://lake/genesys/usage data/100%/ä=b",
            "gs://lake_2/x",
            "az://container/x",
            "abfss://container@account1.dfs.core.windows.net/x",
        ] {
            let location: Location = text.parse().unwrap();
            assert_eq!(location.to_string(), text);
            assert_eq!(location.as_directory(), None);
            let with_slash: Location = format!("{text}/").parse().unwrap();
            assert_eq!(with_slash, location);
        }
    }

    #[test]
    fn everything_else_is_a_directory() {
        for text in ["/data/usage", "/data/a:b", "/data/100% of it"] {
            let location: Location = text.parse().unwrap();
            assert_eq!(location.as_directory(), Some(Path::new(text)));
            assert_eq!(location.to_string(), text);
        }
        let relative: Location = "usage".parse().unwrap();
        assert!(relative.as_directory().unwrap().is_absolute());
    }

    #[test]
    fn other_urls_are_refused_without_repeating_them() {
        for (text, reason) in [
            ("", "it is empty; allowed are a directory, s3://BUCKET/PREFIX"),
            (
                "ftp://hidden",
                "`ftp://` is not supported; allowed are a directory",
            ),
            ("https://hidden/x", "`https://` is not supported"),
            ("s3:/hidden/x", "after `s3:` comes `//`"),
            ("s3://", "the name of the bucket"),
            ("s3:///hidden", "the name of the bucket"),
            (
                "s3://KEY:hidden@lake/x",
                "must not contain a user, a password or a port",
            ),
            ("s3://hidden@lake/x", "must not contain a user"),
            ("az://lake/x?sig=hidden", "must not contain `?` or `#`"),
            ("s3://lake/x//hidden", "must not contain `//`"),
            ("s3://lake/../hidden", "must not contain `//`, `.`, `..`"),
            ("s3://hid den/x", "letters, digits"),
            ("abfss://hidden@evil.example/x", "no URL of a storage account"),
            (
                "abfss://hidden:hidden@account.dfs.core.windows.net/x",
                "must not contain a user",
            ),
        ] {
            let error = text.parse::<Location>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Location);
            assert!(error.to_string().contains(reason), "{text}: {error}");
            assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
        }
    }
}
