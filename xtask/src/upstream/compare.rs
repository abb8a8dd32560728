//! What differs between two definitions, for users of the crate that is generated from the first.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use super::{
    definition::{Definition, name_of},
    operation::{self, Operation, Permissions},
    shape::Shape,
};

/// What following the service means to who uses the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Calls are refused, answers are not understood, or data is gone.
    Breaking,
    Compatible,
}

/// One thing that differs.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) effect: Effect,
    /// An operation, or a model of the document.
    pub(super) place: String,
    pub(super) text: String,
    /// What brings the document in step, where something is to be added.
    pub(super) addition: Option<Addition>,
}

/// Something that the service has and the document does not.
#[derive(Clone, Debug)]
pub(super) enum Addition {
    Property {
        pointer: Pointer,
        name: String,
        schema: Value,
        required: bool,
        direction: Direction,
    },
    Member {
        pointer: Pointer,
        member: String,
    },
    Permission {
        pointer: Pointer,
        name: String,
    },
    Parameter {
        pointer: Pointer,
        name: String,
        place: String,
        required: bool,
        description: String,
        schema: Value,
    },
    Status {
        pointer: Pointer,
        status: String,
        description: String,
        schema: Value,
    },
}

/// The keys that lead to a mapping of the document.
pub(super) type Pointer = Vec<String>;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Request,
    Response,
}

/// How what the service lets through relates to what the document does.
enum Change {
    Wider,
    Narrower,
    Other,
}

impl Change {
    /// A service that takes more takes what the crate sends; one that sends less is understood.
    fn effect(self, direction: Direction) -> Effect {
        match (self, direction) {
            (Self::Wider, Direction::Request) | (Self::Narrower, Direction::Response) => Effect::Compatible,
            _ => Effect::Breaking,
        }
    }
}

/// All that differs, and between what.
pub(super) struct Comparison {
    pub(super) published: String,
    pub(super) operations: usize,
    pub(super) models: usize,
    pub(super) differences: Vec<Difference>,
    /// The document's names for the models of the service.
    pub(super) names: BTreeMap<String, String>,
}

/// Compares the operations of the document, and all that they refer to.
pub(super) fn compare(ours: &Definition<'_>, theirs: &Definition<'_>) -> Result<Comparison> {
    let own = operation::operations(ours, |_| true)?;
    let covered: BTreeSet<_> = own
        .iter()
        .map(|operation| operation::without_names(&operation.path))
        .collect();
    // The folder that our operations stand in: what else is there is likely to be of interest.
    let folder = covered
        .iter()
        .min_by_key(|path| path.len())
        .and_then(|path| path.rsplit_once('/'))
        .map_or_else(String::new, |(folder, _)| format!("{folder}/"));
    let published = operation::operations(theirs, |path| {
        path.starts_with(&folder) || covered.contains(&operation::without_names(path))
    })?;

    let mut walk = Walk {
        ours,
        theirs,
        found: Vec::new(),
        seen: BTreeSet::new(),
        names: BTreeMap::new(),
    };
    for operation in &own {
        match published.iter().find(|other| other.key() == operation.key()) {
            Some(other) => walk.operation(operation, other)?,
            None => walk.missing_operation(operation)?,
        }
    }
    for other in &published {
        if !own.iter().any(|operation| operation.key() == other.key()) {
            let id = other
                .id
                .as_deref()
                .map(|id| format!(" (`{id}`)"))
                .unwrap_or_default();
            walk.report(
                Effect::Compatible,
                &other.name(),
                format!("is an operation that the document does not have{id}"),
            );
        }
    }
    let mut differences = walk.found;
    differences.sort_by(|one, other| (one.effect, &one.place).cmp(&(other.effect, &other.place)));
    let models: BTreeSet<_> = walk.seen.iter().map(|(model, ..)| model).collect();
    Ok(Comparison {
        published: theirs.name.clone(),
        operations: own.len(),
        models: models.len(),
        differences,
        names: walk.names,
    })
}

struct Walk<'a> {
    ours: &'a Definition<'a>,
    theirs: &'a Definition<'a>,
    found: Vec<Difference>,
    /// Pairs of models that were compared.
    seen: BTreeSet<(String, String, Direction)>,
    names: BTreeMap<String, String>,
}

/// Where a schema stands in the document.
#[derive(Clone)]
struct Place {
    /// The operation or model that the report names.
    of: String,
    /// From there: `response 200`, or a field.
    part: String,
    /// Where additions go, if it is a model of the document.
    pointer: Option<Pointer>,
    direction: Direction,
}

impl Place {
    fn part(&self, part: &str) -> Self {
        Self {
            part: part.to_owned(),
            pointer: None,
            ..self.clone()
        }
    }
}

impl Walk<'_> {
    fn report(&mut self, effect: Effect, place: &str, text: String) {
        self.add(effect, place, text, None);
    }

    fn add(&mut self, effect: Effect, place: &str, text: String, addition: Option<Addition>) {
        // A model that several operations use is reported once.
        if !self
            .found
            .iter()
            .any(|found| found.place == place && found.text == text)
        {
            self.found.push(Difference {
                effect,
                place: place.to_owned(),
                text,
                addition,
            });
        }
    }

    fn missing_operation(&mut self, ours: &Operation) -> Result<()> {
        let moved = match &ours.id {
            Some(id) => operation::with_id(self.theirs, id)?,
            None => None,
        };
        let text = match moved {
            Some(name) => format!("is {name} upstream"),
            None => "is no longer there".to_owned(),
        };
        self.report(Effect::Breaking, &ours.name(), text);
        Ok(())
    }

    fn operation(&mut self, ours: &Operation, theirs: &Operation) -> Result<()> {
        let name = ours.name();
        if let (Some(id), Some(other)) = (&ours.id, &theirs.id)
            && id != other
        {
            self.report(
                Effect::Compatible,
                &name,
                format!("operation id `{id}` is `{other}` upstream"),
            );
        }
        if theirs.deprecated && !ours.deprecated {
            self.report(Effect::Compatible, &name, "is deprecated".to_owned());
        }
        self.permissions(&name, ours, theirs);
        self.parameters(&name, ours, theirs)?;
        self.body(&name, ours, theirs)?;
        self.responses(&name, ours, theirs)
    }

    fn permissions(&mut self, name: &str, ours: &Operation, theirs: &Operation) {
        let none = Permissions {
            any: false,
            names: BTreeSet::new(),
        };
        let (own, other) = (
            ours.permissions.as_ref().unwrap_or(&none),
            theirs.permissions.as_ref().unwrap_or(&none),
        );
        if own == other {
            return;
        }
        if other.names.is_empty() {
            return self.report(
                Effect::Compatible,
                name,
                "needs no permission any more".to_owned(),
            );
        }
        // Of one permission, any and all are the same.
        let any = |permissions: &Permissions| permissions.any || permissions.names.len() == 1;
        if !own.names.is_empty() && any(own) != any(other) {
            let (effect, text) = match any(other) {
                true => (
                    Effect::Compatible,
                    "needs any one of its permissions, no longer all",
                ),
                false => (
                    Effect::Breaking,
                    "needs all of its permissions, no longer any one",
                ),
            };
            self.report(effect, name, text.to_owned());
        }
        for permission in other.names.difference(&own.names) {
            // One more that would do, or one more that is needed.
            let effect = match any(other) && !own.names.is_empty() {
                true => Effect::Compatible,
                false => Effect::Breaking,
            };
            let addition = ours.permissions.is_some().then(|| Addition::Permission {
                pointer: self.pointer(ours, &["x-inin-requires-permissions"]),
                name: permission.clone(),
            });
            self.add(
                effect,
                name,
                format!("permission `{permission}` is new"),
                addition,
            );
        }
        for permission in own.names.difference(&other.names) {
            let effect = match any(own) {
                true => Effect::Breaking,
                false => Effect::Compatible,
            };
            self.report(
                effect,
                name,
                format!("permission `{permission}` is no longer among those that it asks for"),
            );
        }
    }

    fn parameters(&mut self, name: &str, ours: &Operation, theirs: &Operation) -> Result<()> {
        let in_path = |operation: &Operation| {
            let names = operation
                .path
                .split('/')
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        // Those in the path are told by where they stand.
        let renamed: BTreeMap<_, _> = in_path(theirs).into_iter().zip(in_path(ours)).collect();
        let own_name = |name: &str, place: &str| match place {
            "path" => renamed.get(name).cloned().unwrap_or_else(|| name.to_owned()),
            // Names of headers know no case.
            "header" => name.to_lowercase(),
            _ => name.to_owned(),
        };
        for other in &theirs.parameters {
            let key = own_name(&other.name, &other.place);
            let own = ours.parameters.iter().find(|own| {
                own.place == other.place && own_name(&own.name, "") == key
                    || own.place == other.place
                        && own.place == "header"
                        && own.name.eq_ignore_ascii_case(&key)
            });
            let in_words = format!(
                "{} parameter `{}`",
                other.place,
                own.map_or(&other.name, |own| &own.name)
            );
            let Some(own) = own else {
                let (effect, text) = match other.required {
                    true => (Effect::Breaking, "is new and required"),
                    false => (Effect::Compatible, "is new"),
                };
                let addition = Addition::Parameter {
                    pointer: self.pointer(ours, &[]),
                    name: other.name.clone(),
                    place: other.place.clone(),
                    required: other.required,
                    description: other.description.clone(),
                    schema: other.schema.clone(),
                };
                self.add(effect, name, format!("{in_words} {text}"), Some(addition));
                continue;
            };
            if own.name != other.name && other.place == "path" {
                self.report(
                    Effect::Compatible,
                    name,
                    format!("{in_words} is `{}` upstream", other.name),
                );
            }
            self.demand(name, &in_words, own.required, other.required);
            let place = Place {
                of: name.to_owned(),
                part: in_words,
                pointer: None,
                direction: Direction::Request,
            };
            self.schema(&place, &own.schema, &other.schema)?;
        }
        for own in &ours.parameters {
            let gone = !theirs.parameters.iter().any(|other| {
                other.place == own.place
                    && own_name(&other.name, &other.place).eq_ignore_ascii_case(&own.name)
            });
            if gone {
                let text = format!("{} parameter `{}` is no longer there", own.place, own.name);
                self.report(Effect::Breaking, name, text);
            }
        }
        Ok(())
    }

    /// Something of a request that may have become required, or optional.
    fn demand(&mut self, place: &str, what: &str, ours: bool, theirs: bool) {
        match (ours, theirs) {
            (false, true) => self.report(Effect::Breaking, place, format!("{what} is required now")),
            (true, false) => self.report(Effect::Compatible, place, format!("{what} is optional now")),
            _ => {}
        }
    }

    fn body(&mut self, name: &str, ours: &Operation, theirs: &Operation) -> Result<()> {
        match (&ours.body, &theirs.body) {
            (None, None) => {}
            (Some(_), None) => self.report(
                Effect::Breaking,
                name,
                "takes no request body any more".to_owned(),
            ),
            (None, Some(other)) => {
                let (effect, text) = match other.required {
                    true => (Effect::Breaking, "needs a request body"),
                    false => (Effect::Compatible, "takes a request body"),
                };
                self.report(effect, name, text.to_owned());
            }
            (Some(own), Some(other)) => {
                self.demand(name, "the request body", own.required, other.required);
                match (&own.schema, &other.schema) {
                    (Some(own), Some(other)) => {
                        let place = Place {
                            of: name.to_owned(),
                            part: "the request body".to_owned(),
                            pointer: None,
                            direction: Direction::Request,
                        };
                        self.schema(&place, own, other)?;
                    }
                    (Some(_), None) => {
                        self.report(
                            Effect::Breaking,
                            name,
                            "takes no JSON as request body any more".to_owned(),
                        );
                    }
                    (None, _) => {}
                }
            }
        }
        Ok(())
    }

    fn responses(&mut self, name: &str, ours: &Operation, theirs: &Operation) -> Result<()> {
        for (status, other) in &theirs.responses {
            let Some(own) = ours.responses.get(status) else {
                let succeeds = status.starts_with('2');
                let (effect, text) = match succeeds {
                    true => (Effect::Breaking, format!("may succeed with status {status}")),
                    false => (Effect::Compatible, format!("status {status} is new")),
                };
                // A second type of success is more than the generator takes, and so is an error without a body.
                let schema = other.schema.clone().filter(|_| !succeeds);
                let addition = schema.map(|schema| Addition::Status {
                    pointer: self.pointer(ours, &["responses"]),
                    status: status.clone(),
                    description: other.description.clone(),
                    schema,
                });
                self.add(effect, name, text, addition);
                continue;
            };
            match (&own.schema, &other.schema) {
                (Some(own), Some(other)) => {
                    let place = Place {
                        of: name.to_owned(),
                        part: format!("the body of status {status}"),
                        pointer: None,
                        direction: Direction::Response,
                    };
                    self.schema(&place, own, other)?;
                }
                (Some(_), None) if status.starts_with('2') => {
                    self.report(
                        Effect::Breaking,
                        name,
                        format!("status {status} has no JSON body any more"),
                    );
                }
                // What an error says is read if it is there.
                (Some(_), None) => {
                    self.report(
                        Effect::Compatible,
                        name,
                        format!("status {status} says nothing of its body"),
                    );
                }
                (None, Some(_)) => {
                    self.report(
                        Effect::Compatible,
                        name,
                        format!("status {status} has a body now"),
                    );
                }
                (None, None) => {}
            }
        }
        for status in ours
            .responses
            .keys()
            .filter(|status| !theirs.responses.contains_key(*status))
        {
            let effect = match status.starts_with('2') {
                true => Effect::Breaking,
                false => Effect::Compatible,
            };
            self.report(effect, name, format!("status {status} is no longer documented"));
        }
        Ok(())
    }

    fn schema(&mut self, place: &Place, ours: &Value, theirs: &Value) -> Result<()> {
        let own = Shape::read(self.ours, ours)?;
        let other = Shape::read(self.theirs, theirs)?;
        let mut place = place.clone();
        if let Some(name) = &own.name {
            let theirs = other.name.clone().unwrap_or_default();
            if let Some(theirs) = &other.name {
                self.names.entry(theirs.clone()).or_insert_with(|| name.clone());
                if theirs != name {
                    self.report(
                        Effect::Compatible,
                        name,
                        format!("is the model `{theirs}` upstream"),
                    );
                }
            }
            if !self.seen.insert((name.clone(), theirs, place.direction)) {
                return Ok(());
            }
            place = Place {
                of: name.clone(),
                part: String::new(),
                pointer: self.model_pointer(ours)?,
                direction: place.direction,
            };
        }
        if !self.kind(&place, &own, &other) {
            return Ok(());
        }
        self.enum_members(&place, &own, &other);
        self.constraints(&place, &own, &other);
        self.properties(&place, &own, &other)?;
        if let (Some(own), Some(other)) = (&own.items, &other.items) {
            self.schema(&place.part(&in_words("each item of", &place.part)), own, other)?;
        }
        if let (Some(own), Some(other)) = (&own.values, &other.values) {
            self.schema(&place.part(&in_words("each value of", &place.part)), own, other)?;
        }
        Ok(())
    }

    /// Whether it is the same kind of value, so that what it is made of can be compared.
    fn kind(&mut self, place: &Place, own: &Shape, other: &Shape) -> bool {
        let change = match (&own.kind, &other.kind) {
            (None, None) => None,
            (Some(_), None) => Some(Change::Wider),
            (None, Some(_)) => Some(Change::Narrower),
            (Some(one), Some(two)) if one == two => match (&own.format, &other.format) {
                (one, two) if one == two => None,
                (_, None) => Some(Change::Wider),
                (None, _) => Some(Change::Narrower),
                _ => Some(Change::Other),
            },
            (Some(one), Some(two)) if one == "integer" && two == "number" => Some(Change::Wider),
            (Some(one), Some(two)) if one == "number" && two == "integer" => Some(Change::Narrower),
            _ => Some(Change::Other),
        };
        let same = own.kind == other.kind;
        if let Some(change) = change {
            let text = match (&own.members, &other.members) {
                (None, None) => format!(
                    "is {} now, and was {}",
                    other.kind_in_words(),
                    own.kind_in_words()
                ),
                _ => format!("is {} now", other.kind_in_words()),
            };
            self.report(
                change.effect(place.direction),
                &place.of,
                in_words(&place.part, &text),
            );
        }
        // What is optional may be absent, and null is read as absent.
        if other.nullable
            && !own.nullable
            && place.direction == Direction::Response
            && place.part.starts_with("each ")
        {
            self.report(Effect::Breaking, &place.of, in_words(&place.part, "may be null"));
        }
        same
    }

    fn enum_members(&mut self, place: &Place, own: &Shape, other: &Shape) {
        match (&own.members, &other.members) {
            (None, None) => {}
            (Some(_), None) => {
                let effect = match own.open {
                    true => Effect::Compatible,
                    false => Change::Wider.effect(place.direction),
                };
                self.report(
                    effect,
                    &place.of,
                    in_words(&place.part, "is any text now, no longer one of listed members"),
                );
            }
            (None, Some(members)) => {
                let text = format!("is one of {} now", members.join(", "));
                self.report(
                    Change::Narrower.effect(place.direction),
                    &place.of,
                    in_words(&place.part, &text),
                );
            }
            (Some(own_members), Some(members)) => {
                for member in members.iter().filter(|member| !own_members.contains(member)) {
                    let effect = match own.open {
                        true => Effect::Compatible,
                        false => Change::Wider.effect(place.direction),
                    };
                    let addition = place.pointer.clone().map(|pointer| Addition::Member {
                        pointer,
                        member: member.clone(),
                    });
                    self.add(
                        effect,
                        &place.of,
                        in_words(&place.part, &format!("has a new member `{member}`")),
                        addition,
                    );
                }
                for member in own_members.iter().filter(|member| !members.contains(member)) {
                    let text = format!("has no member `{member}` any more");
                    self.report(
                        Change::Narrower.effect(place.direction),
                        &place.of,
                        in_words(&place.part, &text),
                    );
                }
            }
        }
    }

    /// What the service refuses and the crate lets through; that the document is stricter is its own choice.
    fn constraints(&mut self, place: &Place, own: &Shape, other: &Shape) {
        if place.direction == Direction::Response {
            return;
        }
        for (name, value) in &other.constraints {
            if own.constraints.get(name) != Some(value) {
                let text = format!("must satisfy `{name}: {value}`");
                self.report(Effect::Breaking, &place.of, in_words(&place.part, &text));
            }
        }
    }

    fn properties(&mut self, place: &Place, own: &Shape, other: &Shape) -> Result<()> {
        let field = |name: &str| match place.part.is_empty() {
            true => format!("field `{name}`"),
            false => format!("field `{name}` of {}", place.part),
        };
        for (name, schema) in &other.properties {
            let required = other.required.contains(name);
            let Some(own_schema) = own.properties.get(name) else {
                let (effect, text) = match (place.direction, required) {
                    (Direction::Request, true) => (Effect::Breaking, "is new and required"),
                    _ => (Effect::Compatible, "is new"),
                };
                let addition = place.pointer.clone().map(|pointer| Addition::Property {
                    pointer,
                    name: name.clone(),
                    schema: schema.clone(),
                    required: required && place.direction == Direction::Request,
                    direction: place.direction,
                });
                let kind = Shape::read(self.theirs, schema)?.kind_in_words();
                self.add(
                    effect,
                    &place.of,
                    format!("{} {text}: {kind}", field(name)),
                    addition,
                );
                continue;
            };
            match place.direction {
                Direction::Request => {
                    self.demand(&place.of, &field(name), own.required.contains(name), required)
                }
                Direction::Response if own.required.contains(name) && !required => {
                    self.report(
                        Effect::Breaking,
                        &place.of,
                        format!("{} may be absent", field(name)),
                    );
                }
                Direction::Response => {}
            }
            self.schema(&place.part(&field(name)), own_schema, schema)?;
        }
        for name in own
            .properties
            .keys()
            .filter(|name| !other.properties.contains_key(*name))
        {
            self.report(
                Effect::Breaking,
                &place.of,
                format!("{} is no longer there", field(name)),
            );
        }
        Ok(())
    }

    /// Where a model stands in the document, at the end of its references.
    fn model_pointer(&self, schema: &Value) -> Result<Option<Pointer>> {
        let mut pointer = None;
        let mut schema = schema.clone();
        while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            pointer = Some(
                ["components", "schemas", name_of(reference)]
                    .map(str::to_owned)
                    .to_vec(),
            );
            schema = self.ours.target(reference)?;
        }
        Ok(pointer)
    }

    fn pointer(&self, operation: &Operation, keys: &[&str]) -> Pointer {
        let path = operation
            .path
            .strip_prefix(&self.ours.base_path)
            .unwrap_or(&operation.path);
        ["paths", path, &operation.method]
            .iter()
            .chain(keys)
            .map(|key| (*key).to_owned())
            .collect()
    }
}

/// A sentence about a part of a place, or about the place itself.
fn in_words(part: &str, text: &str) -> String {
    match part.is_empty() {
        true => text.to_owned(),
        false => format!("{part} {text}"),
    }
}

pub(super) fn capitalized(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
