//! The options that choose where counts come from.

use clap::{Args, builder::NonEmptyStringValueParser};

use crate::source::{Family, Source};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Source")]
pub(crate) struct SourceArgs {
    /// Which operations of the service count the requests.
    #[arg(long, value_enum, default_value = "query", ignore_case = true)]
    pub(crate) source: Family,

    /// Ask only for the requests of the OAuth client with this id. It needs only the permission to see the usage of
    /// clients.
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) for_client: Option<String>,
}

impl SourceArgs {
    pub(crate) fn source(&self) -> Source {
        Source {
            family: self.source,
            client: self.for_client.as_deref().map(Into::into),
        }
    }
}
