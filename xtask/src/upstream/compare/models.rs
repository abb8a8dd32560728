//! Models: their fields, types and members.

use anyhow::Result;
use serde_json::Value;

use super::Walk;
use crate::upstream::{
    definition::name_of,
    difference::{Addition, Change, Direction, Effect, Pointer},
    shape::Shape,
};

/// Where a schema stands in the document.
#[derive(Clone)]
pub(super) struct Place {
    /// The operation or model that the report names.
    of: String,
    /// From there: `response 200`, or a field.
    part: String,
    /// Where additions go, if it is a model of the document.
    pointer: Option<Pointer>,
    direction: Direction,
}

impl Place {
    pub(super) fn new(of: &str, part: String, direction: Direction) -> Self {
        Self {
            of: of.to_owned(),
            part,
            pointer: None,
            direction,
        }
    }

    fn part(&self, part: &str) -> Self {
        Self {
            part: part.to_owned(),
            pointer: None,
            ..self.clone()
        }
    }
}

impl Walk<'_> {
    pub(super) fn schema(&mut self, place: &Place, ours: &Value, theirs: &Value) -> Result<()> {
        let own = Shape::read(self.ours, ours)?;
        let other = Shape::read(self.theirs, theirs)?;
        let mut place = place.clone();
        // What stands in place of a model is no change of the model.
        let is_model = |_: &&String| other.name.is_some() || own.kind == other.kind;
        if let Some(name) = own.name.as_ref().filter(is_model) {
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
}

/// A sentence about a part of a place, or about the place itself.
fn in_words(part: &str, text: &str) -> String {
    match part.is_empty() {
        true => text.to_owned(),
        false => format!("{part} {text}"),
    }
}
