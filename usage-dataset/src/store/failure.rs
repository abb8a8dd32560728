//! Failures of stores, in plain words and without secrets.

use std::{error::Error as StdError, fmt, io};

use object_store::HeaderMap;
use usage_client::reqwest::StatusCode;

use crate::{
    error::{Error, ErrorKind},
    location::{Kind, Location, Provider},
};

/// What a store was asked to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    List,
    Read,
    Write,
}

/// Why a request failed. The text of a response is not part of it, because stores repeat keys and signatures.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) reason: Reason,
    status: Option<StatusCode>,
    /// The store's own name of the error.
    code: Option<String>,
    /// The region of the bucket.
    region: Option<String>,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) enum Reason {
    Clock,
    Conflict,
    /// The credentials are not valid.
    Credentials,
    /// The credentials are valid, but a permission is missing.
    Denied,
    Missing,
    NoBucket,
    NoCredentials,
    Other,
    PlainHttp,
    Region,
    Server,
    Throttled,
    TooLarge,
    /// There was no response. The text says why.
    Unreachable(String),
}

impl Failure {
    pub(super) fn of(reason: Reason) -> Self {
        Self {
            reason,
            status: None,
            code: None,
            region: None,
        }
    }

    /// Reads a response that is an error. `is_login`: it is not of the store, but of its login.
    pub(super) fn of_response(status: StatusCode, headers: &HeaderMap, text: &[u8], is_login: bool) -> Self {
        let text = String::from_utf8_lossy(text);
        let header = |name| headers.get(name)?.to_str().ok().and_then(word);
        let code = element(&text, "Code").or_else(|| header("x-ms-error-code"));
        let region = header("x-amz-bucket-region").or_else(|| element(&text, "Region"));
        Self {
            reason: reason(status, code.as_deref().unwrap_or_default(), is_login),
            status: Some(status),
            code,
            region,
        }
    }

    /// The status and the store's name of the error, such as ` (403 AccessDenied)`.
    fn quoted(&self) -> String {
        match (self.status, &self.code) {
            (Some(status), Some(code)) => format!(" ({} {code})", status.as_u16()),
            (Some(status), None) => format!(" ({})", status.as_u16()),
            (None, _) => String::new(),
        }
    }
}

fn reason(status: StatusCode, code: &str, is_login: bool) -> Reason {
    match code {
        "NoSuchBucket" | "ContainerNotFound" => return Reason::NoBucket,
        "RequestTimeTooSkewed" => return Reason::Clock,
        "SlowDown" | "ServerBusy" | "TooManyRequests" | "RequestLimitExceeded" | "Throttling" => {
            return Reason::Throttled;
        }
        "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "PermanentRedirect"
        | "TemporaryRedirect" => return Reason::Region,
        "AuthenticationFailed"
        | "ExpiredToken"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "SignatureDoesNotMatch"
        | "TokenRefreshRequired" => return Reason::Credentials,
        _ => {}
    }
    match status.as_u16() {
        300..400 => Reason::Region,
        400 if is_login => Reason::Credentials,
        401 => Reason::Credentials,
        403 => Reason::Denied,
        404 => Reason::Missing,
        409 | 412 => Reason::Conflict,
        429 | 503 => Reason::Throttled,
        500.. | 408 => Reason::Server,
        _ => Reason::Other,
    }
}

/// The text of an XML element, if it is a word.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    word(rest.split_once('<')?.0)
}

/// A name of an error or a region. Anything else is not shown.
fn word(text: &str) -> Option<String> {
    let is_word = !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_word.then(|| text.to_owned())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{}", self.reason, self.quoted())
    }
}

impl StdError for Failure {}

/// The error of a store, of a directory, or of a library that uses them. Only a [`Failure`] or the operating system is
/// quoted: other errors may contain URLs with signatures, or what the store repeats of a request.
pub(super) fn explain(
    location: &Location,
    action: Action,
    object: &str,
    error: &(dyn StdError + 'static),
) -> Error {
    let verb = match action {
        Action::List => "list",
        Action::Read => "read",
        Action::Write => "write",
    };
    let mut innermost = Some(error);
    while let Some(error) = innermost {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            let (kind, reason) = in_words(location, action, failure);
            return Error::new(kind, format!("cannot {verb} {object}: {reason}"));
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            if error.get_ref().is_none() {
                let error = error
                    .raw_os_error()
                    .map_or(error.kind().into(), io::Error::from_raw_os_error);
                return Error::disk(verb, object.as_ref(), error);
            }
            innermost = error.get_ref().map(|error| error as _);
            continue;
        }
        innermost = error.source();
    }
    let reason = match error.downcast_ref::<object_store::Error>() {
        Some(object_store::Error::NotFound { .. }) => "it no longer exists; try again",
        Some(object_store::Error::Precondition { .. }) => "it was replaced in the meantime; try again",
        _ => "the response of the store cannot be read; check the endpoint in the environment",
    };
    Error::new(ErrorKind::Store, format!("cannot {verb} {object}: {reason}"))
}

/// The error of settings with which a store cannot be used. Their values are not shown: most are secrets.
pub(super) fn settings(location: &Location, error: &object_store::Error) -> Error {
    let text = error.to_string();
    let missing = match text.split_once("Missing ") {
        Some((_, what))
            if what
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b' ') =>
        {
            format!("`{what}` is missing")
        }
        _ => "a variable of the environment has a value that cannot be used".to_owned(),
    };
    Error::new(
        ErrorKind::Access,
        format!(
            "cannot connect to {location}: {missing}; {}",
            credentials(location)
        ),
    )
}

fn in_words(location: &Location, action: Action, failure: &Failure) -> (ErrorKind, String) {
    let quoted = failure.quoted();
    match &failure.reason {
        Reason::Denied => (
            ErrorKind::Access,
            format!("access is denied{quoted}; {}", permission(location, action)),
        ),
        Reason::Credentials => (
            ErrorKind::Access,
            format!(
                "the store refuses the credentials{quoted}; they may have expired; {}",
                credentials(location)
            ),
        ),
        Reason::NoCredentials => (
            ErrorKind::Access,
            format!(
                "there are no credentials for the store; {}",
                credentials(location)
            ),
        ),
        Reason::Clock => (
            ErrorKind::Access,
            format!("the clock of this machine is wrong{quoted}; set it"),
        ),
        Reason::NoBucket => (
            ErrorKind::Location,
            format!("the bucket or container does not exist{quoted}; create it, or correct its name"),
        ),
        Reason::Region => (ErrorKind::Location, region(location, failure)),
        Reason::PlainHttp => (
            ErrorKind::Location,
            format!(
                "the endpoint has plain http, where others could read the data; use https, or set {}=true",
                match &location.0 {
                    Kind::Bucket(bucket) if matches!(bucket.provider, Provider::Azure { .. }) =>
                        "AZURE_ALLOW_HTTP",
                    Kind::Bucket(bucket) if bucket.provider == Provider::Google => "GOOGLE_ALLOW_HTTP",
                    _ => "AWS_ALLOW_HTTP",
                }
            ),
        ),
        Reason::Throttled => (
            ErrorKind::Store,
            format!("the store throttles the requests, after all attempts{quoted}; try again later"),
        ),
        Reason::Server => (
            ErrorKind::Store,
            format!("the store has an internal error, after all attempts{quoted}; try again later"),
        ),
        Reason::Unreachable(cause) => (
            ErrorKind::Store,
            format!("the store cannot be reached: {cause}; check the network, the proxy and the endpoint"),
        ),
        Reason::TooLarge => (
            ErrorKind::Corrupt,
            "the response is larger than any part of a data set; check the endpoint in the environment"
                .to_owned(),
        ),
        Reason::Missing | Reason::Conflict | Reason::Other => (
            ErrorKind::Store,
            format!("the store refuses the request{quoted}; check the endpoint in the environment"),
        ),
    }
}

fn region(location: &Location, failure: &Failure) -> String {
    let quoted = failure.quoted();
    let is_s3 = matches!(&location.0, Kind::Bucket(bucket) if bucket.provider == Provider::S3);
    match &failure.region {
        Some(region) => format!("the bucket is in the region {region}{quoted}; set AWS_REGION={region}"),
        None if is_s3 => {
            format!("the bucket is in another region{quoted}; set AWS_REGION to the region of the bucket")
        }
        None => format!("the store redirects the request{quoted}; check the endpoint in the environment"),
    }
}

fn permission(location: &Location, action: Action) -> String {
    let Kind::Bucket(bucket) = &location.0 else {
        return "check the permissions of the directory".to_owned();
    };
    let name = &bucket.name;
    match (&bucket.provider, action) {
        (Provider::S3, Action::List) => {
            format!("it needs the permission s3:ListBucket on the bucket `{name}`")
        }
        (Provider::S3, Action::Read) => format!(
            "it needs the permission s3:GetObject on the objects, and s3:ListBucket on the bucket `{name}`: without \
             s3:ListBucket, S3 also denies access to objects that do not exist"
        ),
        (Provider::S3, Action::Write) => format!(
            "it needs the permissions s3:PutObject and s3:AbortMultipartUpload on the objects of the bucket `{name}`"
        ),
        (Provider::Google, Action::List) => {
            format!("it needs the permission storage.objects.list on the bucket `{name}`")
        }
        (Provider::Google, Action::Read) => {
            format!("it needs the permission storage.objects.get on the bucket `{name}`")
        }
        (Provider::Google, Action::Write) => format!(
            "it needs the permissions storage.objects.create and storage.objects.delete, to replace objects, on the \
             bucket `{name}`"
        ),
        (Provider::Azure { .. }, Action::List | Action::Read) => {
            format!("it needs the role `Storage Blob Data Reader` on the container `{name}`")
        }
        (Provider::Azure { .. }, Action::Write) => {
            format!("it needs the role `Storage Blob Data Contributor` on the container `{name}`")
        }
    }
}

/// Which variables give credentials.
fn credentials(location: &Location) -> &'static str {
    let Kind::Bucket(bucket) = &location.0 else {
        return "check the environment";
    };
    match bucket.provider {
        Provider::S3 => {
            "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN; for a \
             profile of the AWS command line, run `eval \"$(aws configure export-credentials --format env)\"`"
        }
        Provider::Google => {
            "set GOOGLE_APPLICATION_CREDENTIALS to a file of credentials, or run `gcloud auth application-default login`"
        }
        Provider::Azure { .. } => {
            "set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_KEY; to use the login of \
             `az login`, set AZURE_USE_AZURE_CLI=true"
        }
    }
}
