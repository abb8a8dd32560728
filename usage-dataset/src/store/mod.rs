//! The store of a data set: a directory of this machine, or a bucket.

mod connect;
mod failure;
mod http;
#[cfg(test)]
mod moto;
#[cfg(test)]
mod tests;
mod upload;

use std::{fmt, fs::File, sync::Arc};

use object_store::{ObjectStore, client::HttpClient, local::LocalFileSystem, path::Path as Key};

pub(crate) use self::failure::Action;
use self::{connect::connect, http::Connector};
use crate::{
    error::{Error, ErrorKind, Result},
    location::{Bucket, Location},
};

/// The store of a data set, and where in it the data set is.
pub(crate) struct Store {
    pub(crate) location: Location,
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// The root of the data set in the store.
    root: Key,
}

impl fmt::Debug for Store {
    /// Leaves out the client, which has the ids of keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

impl Store {
    pub(crate) fn directory(location: Location, path: &std::path::Path) -> Result<Self> {
        // Not a store below the directory, which would have to exist.
        let root = Key::from_absolute_path(path).map_err(|error| {
            let message = format!("the path of the directory `{location}` cannot be used: {error}");
            Error::new(ErrorKind::Location, message)
        })?;
        Ok(Self::new(location, Arc::new(LocalFileSystem::new()), root))
    }

    /// A bucket, with the settings in an environment.
    pub(crate) fn bucket(
        location: Location,
        bucket: &Bucket,
        http: HttpClient,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self> {
        let objects = connect(bucket, Connector(http), environment);
        let objects = objects.map_err(|error| failure::settings(&location, &error))?;
        let root = bucket.prefix.clone();
        Ok(Self::new(location, objects, root))
    }

    pub(crate) fn new(location: Location, objects: Arc<dyn ObjectStore>, root: Key) -> Self {
        Self {
            location,
            objects,
            root,
        }
    }

    /// The key of an object or a directory, from its path below the root.
    pub(crate) fn key(&self, path: &str) -> Result<Key> {
        let key = match self.root.as_ref() {
            "" => Key::parse(path),
            root => Key::parse(format!("{root}/{path}")),
        };
        key.map_err(|error| Error::new(ErrorKind::Location, format!("`{path}` cannot be used: {error}")))
    }

    /// The name of an object or a directory in errors.
    pub(crate) fn name(&self, path: &str) -> String {
        format!("{}/{path}", self.location)
    }

    /// The path of a key below a directory of the root.
    pub(crate) fn below<'a>(&self, directory: &str, key: &'a Key) -> Option<&'a str> {
        let root = self.root.as_ref();
        let path = match root {
            "" => key.as_ref(),
            _ => key.as_ref().strip_prefix(root)?.strip_prefix('/')?,
        };
        path.strip_prefix(directory)?.strip_prefix('/')
    }

    /// Replaces an object with a staged file.
    pub(crate) async fn put(&self, path: &str, file: File) -> Result<()> {
        let replaced = upload::replace(&self.objects, &self.key(path)?, file).await;
        replaced.map_err(|error| self.failed(Action::Write, path, &error))
    }

    /// The error of an operation on an object. `error` may be of a library that uses the store.
    pub(crate) fn failed(
        &self,
        action: Action,
        path: &str,
        error: &(dyn std::error::Error + 'static),
    ) -> Error {
        failure::explain(&self.location, action, &self.name(path), error)
    }
}
