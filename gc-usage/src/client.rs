//! Builds the client of an organization from its settings.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use usage_client::{Client, ClientBuilder, Credentials, PollPolicy, RetryPolicy, RowsPolicy};

use crate::{
    error::CliError,
    explain,
    progress::RetryStatus,
    settings::{Found, Key, Place, Settings, Value},
};

/// The wait before the first poll. A person waits, and a small query may be complete by then; later polls are less frequent.
const FIRST_POLL: Duration = Duration::from_millis(100);

pub(crate) fn client(settings: &Settings, retry: &RetryStatus) -> Result<Client, CliError> {
    if let Some(failure) = settings.broken() {
        return Err(failure.clone());
    }
    let region = settings.get(Key::Region, Found::region)?;
    let mut builder = Client::builder()
        .on_retry(retry.on_retry())
        .user_agent(concat!("gc-usage/", env!("CARGO_PKG_VERSION")))
        .credentials(credentials(settings)?)
        // A person waits: five attempts, about ten seconds, are enough for a short failure.
        .retry(RetryPolicy::default().with_max_attempts(5));
    if region.is_none() && settings.text(Key::ApiUrl).is_none() {
        return Err(CliError::local(
            "no region: set GENESYSCLOUD_REGION or --region, such as eu-west-1 or mypurecloud.ie",
        )
        .with_hint("it is the one that you log in to: for login.mypurecloud.ie it is mypurecloud.ie"));
    }
    if let Some(region) = region {
        builder = builder.region(region);
    }
    if let Some(url) = settings.text(Key::ApiUrl) {
        builder = builder.base_url(url);
    }
    if let Some(url) = settings.text(Key::LoginUrl) {
        builder = builder.login_url(url);
    }
    if let Some(proxy) = settings.text(Key::Proxy) {
        builder = builder.proxy(proxy);
    }
    if let Some(pem) = settings.get(Key::CaCert, Found::bytes)? {
        builder = builder.root_certificates(pem);
    }
    let built = with_times(builder, settings)?.build();
    built.map_err(|error| naming(&error, settings))
}

/// Sets how long to wait for responses, a query and its rows.
pub(crate) fn with_times(builder: ClientBuilder, settings: &Settings) -> Result<ClientBuilder, CliError> {
    let mut polling = PollPolicy::default().with_initial_wait(FIRST_POLL);
    if let Some(wait) = settings.get(Key::WaitTimeout, Found::time)? {
        polling = polling.with_deadline(wait);
    }
    let builder = builder.polling(polling);
    Ok(match settings.get(Key::Timeout, Found::time)? {
        Some(timeout) => builder
            .timeout(timeout)
            .streaming(RowsPolicy::default().with_deadline(timeout)),
        None => builder,
    })
}

/// Names the user's setting instead of the library's.
fn naming(error: &usage_client::Error, settings: &Settings) -> CliError {
    let key = match error.setting() {
        Some("base_url") => Some(Key::ApiUrl),
        Some("login_url") => Some(Key::LoginUrl),
        Some("proxy") => Some(Key::Proxy),
        Some("root_certificates") => Some(Key::CaCert),
        Some("credentials") => Some(Key::AccessToken),
        _ => None,
    };
    let Some(found) = key.and_then(|key| settings.find(key)) else {
        return CliError::from(error.clone());
    };
    let reason = explain::reason(error);
    found.wrong(match found.value {
        Value::File(path) => format!("{}: {reason}", path.display()),
        _ => reason,
    })
}

fn credentials(settings: &Settings) -> Result<Credentials, CliError> {
    if let Some(token) = settings.text(Key::AccessToken) {
        return Ok(Credentials::access_token(token));
    }
    let (id, secret) = (settings.find(Key::ClientId), settings.find(Key::ClientSecret));
    let texts = (
        settings.text(Key::ClientId),
        settings.get(Key::ClientSecret, Found::secret)?,
    );
    if let (Some(id_text), Some(secret_text)) = texts {
        for (found, text) in [(id, id_text), (secret, secret_text.expose_secret())] {
            if let (Some(found), true) = (found, text.contains(char::is_control)) {
                return Err(found.wrong("there is a line break or another control character in it"));
            }
        }
        return Ok(Credentials::client_credentials(id_text, secret_text));
    }
    if let (None, Some(reason)) = (secret, settings.no_login()) {
        return Err(CliError::local(reason));
    }
    Err(match (id, secret) {
        (Some(id), _) => half_a_login("a client id", "secret", id),
        (_, Some(secret)) => half_a_login("a client secret", "id", secret),
        (None, None) => no_login(settings),
    })
}

fn half_a_login(has: &str, lacks: &str, found: Found<'_>) -> CliError {
    let place = found.place.of(found.key);
    let failure = CliError::local(format!(
        "the login is not complete: {has} is set ({place}), but no {lacks}"
    ));
    failure.with_hint(match found.place {
        Place::Profile {
            name, is_ours: true, ..
        } => {
            format!("set both `client_id` and `client_secret` (or `client_secret_file`) in [{name}]")
        }
        Place::Profile { name, .. } => {
            format!("set both `client_credentials` (the id) and `client_secret` in [{name}]")
        }
        _ => "set both GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET".to_owned(),
    })
}

fn no_login(settings: &Settings) -> CliError {
    let region = match settings.find(Key::Region).or(settings.find(Key::ApiUrl)) {
        Some(_) => "",
        None => "GENESYSCLOUD_REGION, ",
    };
    let failure = CliError::local(format!(
        "no credentials: set {region}GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET, or use a profile"
    ));
    failure.with_hint(settings.choose().unwrap_or_else(|| {
        "gc-usage profiles shows where it looks for profiles, and gc-usage login tests them; without an account, \
         --demo shows made-up data"
            .to_owned()
    }))
}
