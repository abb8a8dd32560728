//! Turns an error of the library into a message for people, with a hint about what to do.

use std::{error::Error as _, time::Duration};

use usage_client::Error;

use crate::{
    error::{CliError, Code},
    resume::results_command,
    source::Source,
    text::{counted, escape_control},
};

const LONGEST_ID: usize = 100;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        failure(&error, &Asked::default())
    }
}

/// What was asked when the error came, for the hint.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    /// The options that select the same organization and source in another command.
    pub(crate) options: &'a str,
    pub(crate) source: Source,
    /// The ids of what was submitted. If empty, the error may know one.
    pub(crate) ids: &'a [String],
}

/// The failure as the user sees it.
pub(crate) fn failure(error: &Error, asked: &Asked<'_>) -> CliError {
    let code = match () {
        // If the last poll failed, the query may no longer be running.
        () if error.is_deadline() && error.source().is_none() => Code::NotComplete,
        () if error.is_auth() || error.is_permission() => Code::Access,
        () if error.is_query_failed() => Code::QueryFailed,
        () if error.is_invalid_request() || error.is_configuration() => Code::Usage,
        () => Code::Service,
    };
    CliError::Reported {
        code,
        message: with_details(error, error.to_string(), &asked.source),
        hint: hint(error, asked),
    }
}

/// What failed and why, without the name of the library's setting.
pub(crate) fn reason(error: &Error) -> String {
    with_details(error, error.reason().to_owned(), &Source::default())
}

/// The text of an error, and its innermost cause if the text does not contain it.
pub(crate) fn with_cause(error: &dyn std::error::Error, mut text: String) -> String {
    let mut innermost = error.source();
    while let Some(cause) = innermost.and_then(|cause| cause.source()) {
        innermost = Some(cause);
    }
    let cause = innermost.map(ToString::to_string);
    if let Some(cause) = cause.filter(|cause| !text.contains(cause.as_str())) {
        text.push_str(&format!("\n  cause: {}", escape_control(&cause)));
    }
    text
}

/// The text of an error, its innermost cause, and the ids that support asks for.
fn with_details(error: &Error, text: String, source: &Source) -> String {
    let mut text = with_cause(error, text);
    if let Some(id) = error.correlation_id() {
        text.push_str(&format!("\n  correlation id: {}", short(id)));
    }
    if let Some(id) = error.body().and_then(|body| body.context_id.as_deref())
        && error.correlation_id() != Some(id)
    {
        text.push_str(&format!("\n  context id: {}", short(id)));
    }
    // The id is useful if there may be results to fetch again, not if the request was refused.
    let may_have_results = error.is_decode()
        || error.is_query_failed()
        || error.is_server_error()
        || error.is_connect()
        || error.is_timeout();
    let is_new = |id: &&str| may_have_results && !is_of_login(id) && !text.contains(id);
    if let Some(id) = error.execution_id().filter(is_new) {
        let what = if source.is_billed() { "execution" } else { "job" };
        text.push_str(&format!("\n  {what} id: {}", short(id)));
    }
    text
}

/// An id from the service, which has 36 characters. A long id, or one with line breaks, could look like a message of
/// this program.
fn short(id: &str) -> String {
    let short: String = id.chars().take(LONGEST_ID).collect();
    let more = if short.len() < id.len() { "…" } else { "" };
    format!("{}{more}", escape_control(&short))
}

/// Whether this is the id of zeros, which `login` uses to check the permission. It is not the id of a query.
fn is_of_login(id: &str) -> bool {
    id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// What to do about it.
fn hint(error: &Error, asked: &Asked<'_>) -> Option<String> {
    let known: Vec<_> = error.execution_id().map(str::to_owned).into_iter().collect();
    let ids = if asked.ids.is_empty() { &known } else { asked.ids };
    let hint = match () {
        () if error.is_deadline() && !ids.is_empty() => {
            let command = results_command(ids, true, asked.options);
            return Some(format!("continue to wait with: {command}"));
        }
        () if error.is_changed() && !ids.is_empty() => {
            let command = results_command(ids, false, asked.options);
            return Some(format!("start over with: {command}"));
        }
        () if error.is_address_refused() => {
            "the organization accepts only listed IP addresses, and the address of this computer is not listed; an administrator can add it"
        }
        () if error.is_permission() => {
            return Some(format!(
                "in Genesys Cloud, open Admin > Integrations > OAuth, this client, Roles, and add a role with {}",
                asked.source.permission()
            ));
        }
        () if error.is_not_found() && error.execution_id().is_none() && asked.source.client.is_some() => {
            let retired = match asked.source.is_billed() {
                true => "; if it is right, the service may have retired usage queries: add --source jobs",
                false => "",
            };
            return Some(format!(
                "check the id of --for-client, which is in Genesys Cloud under Admin > Integrations > OAuth{retired}"
            ));
        }
        () if is_gone(error) && asked.source.is_billed() => {
            "the service may have retired usage queries, which usage jobs replace: add --source jobs"
        }
        () if error.is_auth() && error.is_login() => {
            "check the id, the secret and the region; gc-usage profiles shows where each comes from"
        }
        () if error.is_auth() => {
            "the access token has expired, or it belongs to another region; get a new one, or leave it out to log in with \
             id and secret; gc-usage profiles shows where it comes from"
        }
        () if error.is_query_failed() => "try a shorter period or fewer dimensions",
        () if error.is_rate_limited() => return Some(try_again(error.retry_after())),
        () if error.is_not_found() && error.execution_id().is_some() => {
            let family = match asked.source.is_billed() {
                true => "the id of a usage job needs --source jobs",
                false => "the id of a usage query needs --source query",
            };
            return Some(format!(
                "check that the id is from this organization and region; {family}; the service does not document how long it keeps an id"
            ));
        }
        () if error.is_certificate() => {
            "if a proxy or gateway has its own certificate, trust its authority with --ca-cert FILE; otherwise another \
             server responds instead of the service"
        }
        () if error.is_proxy_refused() => {
            "check the user and password of the proxy (--proxy, HTTPS_PROXY); they were sent only once, so that the account is not locked"
        }
        () if error.is_connect() => {
            "check the network, the region, and the proxy (--proxy, HTTPS_PROXY, NO_PROXY)"
        }
        () if error.is_timeout() => {
            "check the network, the region and the proxy (--proxy, HTTPS_PROXY), or allow more time with --timeout"
        }
        () if error.is_server_error() => {
            let times = match error.attempts() {
                0 | 1 => String::new(),
                attempts => format!("tried {attempts} times; "),
            };
            return Some(format!(
                "{times}the service or a gateway in front of it fails; try again later; status.mypurecloud.com lists outages"
            ));
        }
        () => return None,
    };
    Some(hint.to_owned())
}

/// Whether there is no such operation: a submit that is not found, or any request for what is gone for good.
fn is_gone(error: &Error) -> bool {
    match error.status().map(|status| status.as_u16()) {
        Some(404) => error.execution_id().is_none(),
        Some(410) => true,
        _ => false,
    }
}

/// When to come back after a rate limit.
fn try_again(wait: Option<Duration>) -> String {
    match wait {
        None => "try again later, or use another OAuth client, which has its own limits".to_owned(),
        Some(wait) if wait <= 2 * DAY => format!("try again in {}", humantime::format_duration(wait)),
        Some(wait) if wait <= 366 * DAY => {
            format!("try again in {}", counted(wait.as_secs() / DAY.as_secs(), "day"))
        }
        Some(_) => {
            "the service asks for a wait of more than a year, which is probably an error; try again later"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_given_in_a_suitable_unit() {
        for (seconds, expected) in [
            (7, "try again in 7s"),
            (7200, "try again in 2h"),
            (3 * 86_400 + 1, "try again in 3 days"),
            (99_999_999_999, "more than a year"),
        ] {
            let hint = try_again(Some(Duration::from_secs(seconds)));
            assert!(hint.contains(expected), "{hint}");
        }
    }
}
