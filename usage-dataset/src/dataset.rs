//! A data set: which days it has.

use std::{collections::BTreeMap, env, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{Stream, TryStreamExt as _};
use object_store::{ObjectMeta, ObjectStoreExt as _, client::HttpClient, path::Path as Key};
use usage_client::{RowBatch, reqwest};

use crate::{
    error::{Error, ErrorKind, Result},
    info::{DayInfo, SourceFamily},
    layout,
    location::{Kind, Location},
    read::{self, Unreadable},
    store::{Action, Store},
};

/// The size of the smallest file that can be Parquet.
const SMALLEST: u64 = 12;

/// A data set in a directory or an object store. Reading it creates nothing. A location without objects is a data set
/// without days.
///
/// Clones share the connections to the store.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub(crate) store: Arc<Store>,
}

/// A day that the data set has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoredDay {
    /// The size of its object, in bytes.
    pub size: u64,
    /// When the store got it.
    pub stored_at: DateTime<Utc>,
}

impl Dataset {
    /// Opens the data set at a location. Nothing is sent yet. `http` makes the HTTP client for an object store:
    /// [`ClientBuilder::build_http_client`](usage_client::ClientBuilder::build_http_client). Credentials, the region
    /// and the endpoint of the store are read from the usual variables of the environment (`AWS_…`, `GOOGLE_…`,
    /// `AZURE_…`).
    ///
    /// # Errors
    ///
    /// The path of a directory, or a variable of the environment, cannot be used. Or `http` fails.
    pub fn open(
        location: Location,
        http: impl FnOnce() -> usage_client::Result<reqwest::Client>,
    ) -> Result<Self> {
        let store = match &location.0 {
            Kind::Directory(path) => Store::directory(location.clone(), path)?,
            Kind::Bucket(bucket) => {
                let http = http().map_err(|error| {
                    let message = format!("cannot connect to {location}: {error}");
                    Error::new(ErrorKind::Location, message).with_source(error)
                })?;
                let environment = env::vars_os()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
                Store::bucket(location.clone(), bucket, HttpClient::new(http), environment)?
            }
        };
        Ok(Self {
            store: Arc::new(store),
        })
    }

    /// Where the data set is.
    pub fn location(&self) -> &Location {
        &self.store.location
    }

    /// The organizations that the data set has, in order. One request per thousand organizations.
    ///
    /// # Errors
    ///
    /// The store cannot be listed. Or there is a Parquet file that is none of the data set: engines would read it as a
    /// part of the table.
    pub async fn organizations(&self) -> Result<Vec<String>> {
        let table = self.store.key(layout::TABLE)?;
        let listed = self.store.objects.list_with_delimiter(Some(&table)).await;
        let listed = listed.map_err(|error| self.failed_list(layout::TABLE, &error))?;
        let mut organizations = Vec::new();
        listed
            .objects
            .iter()
            .try_for_each(|object| self.refuse_foreign(object))?;
        for key in listed.common_prefixes {
            match key.filename().and_then(layout::organization) {
                Some(organization) => organizations.push(organization),
                None => self.refuse_foreign_below(&key).await?,
            }
        }
        organizations.sort_unstable();
        Ok(organizations)
    }

    /// The days that an organization has. One request per thousand days. A file that is too small to be one is left out
    /// with a warning in the log.
    ///
    /// # Errors
    ///
    /// The same as those of [`organizations`](Self::organizations). In a directory also: there is another organization
    /// with a name that differs only in case. Some systems have one directory for both.
    pub async fn days(&self, organization: &str) -> Result<BTreeMap<NaiveDate, StoredDay>> {
        let path = directory(organization)?;
        let mut days = BTreeMap::new();
        let mut objects = self.store.objects.list(Some(&self.store.key(&path)?));
        let mut next = async || {
            objects
                .try_next()
                .await
                .map_err(|error| self.failed_list(&path, &error))
        };
        while let Some(object) = next().await? {
            match self.store.below(&path, &object.location).and_then(layout::day) {
                Some(_) if object.size < SMALLEST => {
                    let name = self.store.name(&path);
                    tracing::warn!(
                        "an object below {name} is cut and counts as missing: {}",
                        object.location
                    );
                }
                Some(day) => {
                    let stored = StoredDay {
                        size: object.size,
                        stored_at: object.last_modified,
                    };
                    days.insert(day, stored);
                }
                None => self.refuse_foreign(&object)?,
            }
        }
        if self.location().as_directory().is_some() {
            self.refuse_other_case(organization).await?;
        }
        Ok(days)
    }

    /// What a stored day is, or `None` if the data set does not have it.
    ///
    /// # Errors
    ///
    /// The store cannot be read. Or the object is damaged or of a newer version ([`ErrorKind::Corrupt`]).
    pub async fn info(&self, organization: &str, day: NaiveDate) -> Result<Option<DayInfo>> {
        let path = object(organization, day)?;
        let opened = self.open_object(&path).await;
        let opened = opened.map_err(|reason| self.unreadable(&path, reason))?;
        Ok(opened.map(|opened| opened.info().clone()))
    }

    /// The rows of a stored day, or `None` if the data set does not have it. They are read in bounded memory.
    ///
    /// # Errors
    ///
    /// The same as those of [`info`](Self::info). Each may also be an item of the stream, which then ends.
    pub async fn rows(
        &self,
        organization: &str,
        day: NaiveDate,
    ) -> Result<Option<impl Stream<Item = Result<RowBatch>> + Send + use<>>> {
        let path = object(organization, day)?;
        let opened = self.open_object(&path).await;
        let opened = opened.map_err(|reason| self.unreadable(&path, reason))?;
        let dataset = self.clone();
        Ok(opened.map(|opened| {
            let rows = opened.into_rows();
            rows.map_err(move |reason| dataset.unreadable(&path, reason))
        }))
    }

    /// Opens a stored day, if the data set has it.
    pub(crate) async fn open_object(&self, path: &str) -> Result<Option<read::StoredDay>, Unreadable> {
        let key = self.store.key(path).map_err(Unreadable::Damaged)?;
        let size = match self.store.objects.head(&key).await {
            Ok(meta) => meta.size,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(Unreadable::Store(error)),
        };
        match read::open(self.store.objects.clone(), key, size).await {
            Ok(opened) => Ok(Some(opened)),
            Err(Unreadable::Store(object_store::Error::NotFound { .. })) => Ok(None),
            Err(reason) => Err(reason),
        }
    }

    pub(crate) fn unreadable(&self, path: &str, reason: Unreadable) -> Error {
        match reason {
            Unreadable::Store(error) => self.store.failed(Action::Read, path, &error),
            Unreadable::Newer(error) | Unreadable::Damaged(error) => error,
        }
    }

    /// The family of operations that counted the requests of an organization, or `None` if it has no days. Days of
    /// different families cannot be compared, so an organization has only one.
    ///
    /// # Errors
    ///
    /// The same as those of [`days`](Self::days) and [`info`](Self::info). Damaged days are passed over.
    pub async fn source(&self, organization: &str) -> Result<Option<SourceFamily>> {
        for day in self.days(organization).await?.into_keys().rev() {
            let path = object(organization, day)?;
            match self.open_object(&path).await {
                Ok(Some(opened)) => return Ok(Some(opened.info().source)),
                Ok(None) | Err(Unreadable::Damaged(_)) => {}
                Err(reason) => return Err(self.unreadable(&path, reason)),
            }
        }
        Ok(None)
    }

    /// Only macOS and Windows have one directory for both names. But data sets are copied.
    async fn refuse_other_case(&self, organization: &str) -> Result<()> {
        let organizations = self.organizations().await?;
        let folded = organization.to_lowercase();
        let mut others = organizations
            .iter()
            .filter(|other| other.to_lowercase() == folded);
        match others.next() {
            Some(other) if !organizations.iter().any(|name| name == organization) => Err(Error::new(
                ErrorKind::Location,
                format!(
                    "organization `{organization}`: {} has the organization `{other}`, and on macOS and Windows names that \
                     differ only in case are the same directory; choose another name",
                    self.location(),
                ),
            )),
            _ => Ok(()),
        }
    }

    async fn refuse_foreign_below(&self, key: &Key) -> Result<()> {
        let mut objects = self.store.objects.list(Some(key));
        while let Some(object) = objects
            .try_next()
            .await
            .map_err(|error| self.failed_list(key.as_ref(), &error))?
        {
            self.refuse_foreign(&object)?;
        }
        Ok(())
    }

    /// Other files are ignored by all engines.
    fn refuse_foreign(&self, object: &ObjectMeta) -> Result<()> {
        if object.location.extension() != Some("parquet") {
            return Ok(());
        }
        let path = self
            .store
            .below(layout::TABLE, &object.location)
            .unwrap_or(object.location.as_ref());
        let message = format!(
            "{} is not an object of this data set, but engines would read it as a part of the table; move it elsewhere",
            self.store.name(&format!("{}/{path}", layout::TABLE)),
        );
        Err(Error::new(ErrorKind::Corrupt, message))
    }

    fn failed_list(&self, path: &str, error: &object_store::Error) -> Error {
        self.store.failed(Action::List, path, error)
    }
}

/// The path of an organization's directory below the root.
fn directory(organization: &str) -> Result<String> {
    Ok(format!("{}/{}", layout::TABLE, layout::directory(organization)?))
}

/// The path of a day's object below the root.
pub(crate) fn object(organization: &str, day: NaiveDate) -> Result<String> {
    Ok(format!("{}/{}", directory(organization)?, layout::object(day)))
}
