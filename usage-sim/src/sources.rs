//! The rows of the queries that were finished last, so that each page does not compute them again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::record::lock;
use crate::source::Source;

/// How many are kept. One has up to about a megabyte.
const KEPT: usize = 16;

/// The rows of finished queries by id, the newest last.
#[derive(Default)]
pub(crate) struct Sources(Mutex<VecDeque<(String, Arc<Source>)>>);

impl Sources {
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Source>> {
        let sources = lock(&self.0);
        let (_, source) = sources.iter().find(|(known, _)| known == id)?;
        Some(source.clone())
    }

    pub(crate) fn add(&self, id: String, source: Arc<Source>) {
        let mut sources = lock(&self.0);
        if sources.len() == KEPT {
            sources.pop_front();
        }
        sources.push_back((id, source));
    }
}
