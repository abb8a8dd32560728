//! Where the rows of a command come from: the service, or a data set.

use crate::{
    args::{FromArgs, SourceArgs, connection::ConnectionArgs},
    connection::Connection,
    error::CliError,
    printer::Printer,
    source::Source,
};
#[cfg(feature = "sync")]
use crate::{
    dataset::{explain, open},
    organization::Organization,
    settings::separated,
    source::Family,
    stored::Stored,
};

/// Where rows come from.
pub(super) enum Origin {
    Service,
    /// These organizations of a data set, whose counts have this source.
    #[cfg(feature = "sync")]
    DataSet(Vec<Organization>, Source),
}

impl Origin {
    /// The origin that the options name. `connection` selects organizations.
    pub(super) async fn new(from: &FromArgs, connection: &ConnectionArgs) -> Result<Self, CliError> {
        #[cfg(feature = "sync")]
        if let Some(place) = &from.from {
            return data_set(place, &connection.profile).await;
        }
        let _ = (from, connection);
        Ok(Self::Service)
    }

    /// The source of the counts. The options say it only for the service.
    pub(super) fn source(&self, args: &SourceArgs) -> Source {
        match self {
            Self::Service => args.source(),
            #[cfg(feature = "sync")]
            Self::DataSet(_, source) => source.clone(),
        }
    }

    /// The organizations.
    pub(super) async fn connection(
        self,
        args: &ConnectionArgs,
        printer: &Printer,
    ) -> Result<Connection, CliError> {
        match self {
            Self::Service => Connection::open(&args.selection()?, printer).await,
            #[cfg(feature = "sync")]
            Self::DataSet(organizations, _) => Ok(Connection::stored(organizations)),
        }
    }
}

/// The organizations of a data set, or those with these names.
#[cfg(feature = "sync")]
async fn data_set(place: &str, names: &[String]) -> Result<Origin, CliError> {
    let dataset = open("--from", place)?;
    let location = dataset.location();
    let failed = |error| explain(&error);
    let all = dataset.organizations().await.map_err(failed)?;
    if all.is_empty() {
        return Err(
            CliError::local(format!("--from {location}: there is no data set"))
                .with_hint(format!("make one with: gc-usage sync --to {location}")),
        );
    }
    let mut chosen: Vec<String> = Vec::new();
    for name in separated(names, |name| all.iter().any(|known| known == name)) {
        if !all.iter().any(|known| known == name) {
            return Err(CliError::local(format!(
                "--profile: the data set has no organization `{name}`; it has {}",
                all.join(", ")
            )));
        }
        if chosen.iter().any(|known| known == name) {
            return Err(CliError::local(format!("--profile: `{name}` is named twice")));
        }
        chosen.push(name.to_owned());
    }
    if chosen.is_empty() {
        chosen = all;
    }
    let mut families = Vec::new();
    for name in &chosen {
        families.extend(dataset.source(name).await.map_err(failed)?);
    }
    if families.iter().any(|family| *family != families[0]) {
        return Err(CliError::local(
            "--from: some organizations have counts of usage queries, others of usage jobs, which cannot be compared",
        )
        .with_hint("select organizations of one kind with --profile; gc-usage sync status shows their sources"));
    }
    let source = Source {
        family: families.first().copied().map(Family::from).unwrap_or_default(),
        client: None,
    };
    let several = chosen.len() > 1;
    let organizations = chosen.into_iter().map(|name| {
        let stored = Stored {
            dataset: dataset.clone(),
            name: name.as_str().into(),
        };
        Organization::stored(stored, several.then_some(&*name))
    });
    Ok(Origin::DataSet(organizations.collect(), source))
}
