//! The data set of a command, and its errors as the user sees them.

use usage_client::ClientBuilder;
use usage_dataset::{Dataset, Error, ErrorKind, Location, SourceFamily};

use crate::{
    error::{CliError, Code},
    explain::with_cause,
    source::Family,
};

/// Opens the data set at the place that an option names. Its store is reached as the environment says, not with the settings
/// of a profile. The place is not repeated in errors: it may have a password.
pub(crate) fn open(option: &str, place: &str) -> Result<Dataset, CliError> {
    let location = place.parse::<Location>();
    let location = location.map_err(|error| CliError::local(format!("{option}: {error}")))?;
    let http = || ClientBuilder::default().build_http_client();
    Dataset::open(location, http).map_err(|error| explain(&error))
}

impl From<Family> for SourceFamily {
    fn from(family: Family) -> Self {
        match family {
            Family::Query => Self::Query,
            Family::Jobs => Self::Jobs,
        }
    }
}

impl From<SourceFamily> for Family {
    fn from(source: SourceFamily) -> Self {
        match source {
            SourceFamily::Query => Self::Query,
            SourceFamily::Jobs => Self::Jobs,
        }
    }
}

/// The failure as the user sees it.
pub(crate) fn explain(error: &Error) -> CliError {
    let code = match error.kind() {
        ErrorKind::Access => Code::Access,
        ErrorKind::Store | ErrorKind::Rows | ErrorKind::Mismatch => Code::Service,
        _ => Code::Usage,
    };
    CliError::new(code, with_cause(error, error.to_string()))
}
