//! Operations: their permissions, parameters, requests and responses.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::{Comparer, models::Place};
use crate::upstream::{
    difference::{Direction, Effect},
    operation::{self, Operation, Outline, Parameter},
};

impl Comparer<'_> {
    pub(super) fn missing_operation(&mut self, ours: &Outline) -> Result<()> {
        let moved = match ours.id() {
            Some(id) => operation::with_id(self.theirs, id)?,
            None => None,
        };
        let text = match moved {
            Some(name) => format!("is {name} upstream"),
            None => "is no longer there".to_owned(),
        };
        self.breaking(&ours.name(), text);
        Ok(())
    }

    pub(super) fn operation(&mut self, ours: &Operation, theirs: &Operation) -> Result<()> {
        let name = ours.name.as_str();
        if let (Some(id), Some(other)) = (&ours.id, &theirs.id)
            && id != other
        {
            self.compatible(name, format_args!("operation id `{id}` is `{other}` upstream"));
        }
        if theirs.deprecated && !ours.deprecated {
            self.compatible(name, "is deprecated");
        }
        self.permissions(name, ours, theirs);
        self.parameters(name, ours, theirs)?;
        self.body(name, ours, theirs)?;
        self.responses(name, ours, theirs)
    }

    fn permissions(&mut self, name: &str, ours: &Operation, theirs: &Operation) {
        let (own, other) = (&ours.permissions, &theirs.permissions);
        if own == other {
            return;
        }
        if other.names.is_empty() {
            return self.compatible(name, "needs no permission any more");
        }
        // A user with exactly the permissions of the document must still be allowed.
        let effect = match own.suffice_for(other) {
            true => Effect::Compatible,
            false => Effect::Breaking,
        };
        if !own.names.is_empty() && own.is_any() != other.is_any() {
            let text = match other.is_any() {
                true => "needs any one of its permissions, no longer all",
                false => "needs all of its permissions, no longer any one",
            };
            self.report(effect, name, text);
        }
        for permission in other.names.difference(&own.names) {
            self.report(effect, name, format_args!("permission `{permission}` is new"));
        }
        for permission in own.names.difference(&other.names) {
            let text = format!("permission `{permission}` is no longer among those that it asks for");
            self.report(effect, name, text);
        }
    }

    fn parameters(&mut self, name: &str, ours: &Operation, theirs: &Operation) -> Result<()> {
        // Path parameters are identified by their position.
        let renamed: BTreeMap<_, _> = in_path(theirs).zip(in_path(ours)).collect();
        let key = |parameter: &Parameter| {
            let name = match parameter.place.as_str() {
                // Header names ignore case.
                "header" => parameter.name.to_lowercase(),
                _ => parameter.name.clone(),
            };
            (parameter.place.clone(), name)
        };
        let their_key = |parameter: &Parameter| match renamed.get(parameter.name.as_str()) {
            Some(ours) if parameter.place == "path" => (parameter.place.clone(), (*ours).to_owned()),
            _ => key(parameter),
        };
        let own: BTreeMap<_, _> = ours.parameters.iter().map(|own| (key(own), own)).collect();
        let others = theirs.parameters.iter();
        let others: BTreeMap<_, _> = others.map(|other| (their_key(other), other)).collect();
        for (key, other) in &others {
            match own.get(key) {
                Some(own) => self.parameter(name, own, other)?,
                None => self.new_part(name, &other.label(), other.required, ""),
            }
        }
        for (key, own) in &own {
            if !others.contains_key(key) {
                self.breaking(name, format_args!("{} is no longer there", own.label()));
            }
        }
        Ok(())
    }

    fn parameter(&mut self, name: &str, own: &Parameter, other: &Parameter) -> Result<()> {
        if own.name != other.name && other.place == "path" {
            let text = format!("{} is `{}` upstream", own.label(), other.name);
            self.compatible(name, text);
        }
        self.requirement(name, &own.label(), own.required, other.required);
        let place = Place::new(name, own.label(), Direction::Request);
        self.schema(&place, &own.schema, &other.schema)
    }

    fn body(&mut self, name: &str, ours: &Operation, theirs: &Operation) -> Result<()> {
        match (&ours.body, &theirs.body) {
            (None, None) => {}
            (Some(_), None) => self.breaking(name, "takes no request body any more"),
            (None, Some(other)) => {
                let (effect, text) = match other.required {
                    true => (Effect::Breaking, "needs a request body"),
                    false => (Effect::Compatible, "takes a request body"),
                };
                self.report(effect, name, text);
            }
            (Some(own), Some(other)) => {
                self.requirement(name, "the request body", own.required, other.required);
                match (&own.schema, &other.schema) {
                    (Some(own), Some(other)) => {
                        let place = Place::new(name, "the request body".to_owned(), Direction::Request);
                        self.schema(&place, own, other)?;
                    }
                    (Some(_), None) => {
                        self.breaking(name, "takes no JSON as request body any more");
                    }
                    (None, _) => {}
                }
            }
        }
        Ok(())
    }

    /// Compares a status that the document does not have. The client reads any success of the documented type, and follows no
    /// redirect.
    fn new_status(
        &mut self,
        name: &str,
        ours: &Operation,
        status: &str,
        other: Option<&Value>,
    ) -> Result<()> {
        let bodies = success(ours).zip(other).filter(|_| is_success(status));
        let is_understood = match bodies {
            Some((own, other)) => self.is_same_type(own, other)?,
            None => !is_success(status) && !status.starts_with('3'),
        };
        let (effect, text) = match is_understood {
            false => (Effect::Breaking, format!("may be answered with status {status}")),
            true => (Effect::Compatible, format!("status {status} is new")),
        };
        self.report(effect, name, text);
        match bodies {
            Some((own, other)) => self.schema(&body_of(name, status), own, other),
            None => Ok(()),
        }
    }

    fn responses(&mut self, name: &str, ours: &Operation, theirs: &Operation) -> Result<()> {
        for (status, other) in &theirs.responses {
            let Some(own) = ours.responses.get(status) else {
                self.new_status(name, ours, status, other.as_ref())?;
                continue;
            };
            match (own, other) {
                (Some(own), Some(other)) => self.schema(&body_of(name, status), own, other)?,
                (Some(_), None) if is_success(status) => {
                    self.breaking(name, format_args!("status {status} has no JSON body any more"));
                }
                // The body of an error is optional for the client.
                (Some(_), None) => {
                    self.compatible(name, format_args!("status {status} says nothing of its body"));
                }
                (None, Some(_)) => {
                    self.compatible(name, format_args!("status {status} has a body now"));
                }
                (None, None) => {}
            }
        }
        let gone = ours.responses.keys();
        for status in gone.filter(|status| !theirs.responses.contains_key(*status)) {
            // All successes are read in the same way, so one of them must stay.
            let has_success = theirs.responses.keys().any(|status| is_success(status));
            let effect = match is_success(status) && !has_success {
                true => Effect::Breaking,
                false => Effect::Compatible,
            };
            self.report(
                effect,
                name,
                format_args!("status {status} is no longer documented"),
            );
        }
        Ok(())
    }
}

/// The schema of a success. All successes of the document have the same one.
fn success(operation: &Operation) -> Option<&Value> {
    let responses = operation.responses.iter();
    let mut successes = responses.filter(|(status, _)| is_success(status));
    successes.find_map(|(_, schema)| schema.as_ref())
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// The place of a body of a response.
fn body_of(name: &str, status: &str) -> Place {
    Place::new(name, format!("the body of status {status}"), Direction::Response)
}

/// The names of the parameters of a path, in their order.
fn in_path(operation: &Operation) -> impl Iterator<Item = &str> {
    operation
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
