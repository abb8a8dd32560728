//! The data set of a command, and its errors as the user sees them.

use std::error::Error as _;

use usage_client::ClientBuilder;
use usage_dataset::{Dataset, Error, ErrorKind, Location};

use crate::{
    error::{CliError, Code},
    text::escape_control,
};

/// Opens the data set at the place that an option names. Its store is reached as the environment says, not with the settings
/// of a profile. The place is not repeated in errors: it may have a password.
pub(crate) fn open(option: &str, place: &str) -> Result<Dataset, CliError> {
    let location = place.parse::<Location>();
    let location = location.map_err(|error| CliError::local(format!("{option}: {error}")))?;
    let http = || ClientBuilder::default().build_http_client();
    Dataset::open(location, http).map_err(|error| explain(&error))
}

/// The failure as the user sees it.
pub(crate) fn explain(error: &Error) -> CliError {
    let code = match error.kind() {
        ErrorKind::Access => Code::Access,
        ErrorKind::Store | ErrorKind::Rows | ErrorKind::Mismatch => Code::Service,
        _ => Code::Usage,
    };
    let mut message = error.to_string();
    let mut innermost = error.source();
    while let Some(cause) = innermost.and_then(|cause| cause.source()) {
        innermost = Some(cause);
    }
    let cause = innermost.map(ToString::to_string);
    if let Some(cause) = cause.filter(|cause| !message.contains(cause.as_str())) {
        message.push_str(&format!("\n  cause: {}", escape_control(&cause)));
    }
    CliError::new(code, message)
}
