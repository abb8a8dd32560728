//! Models: their fields, types and members.

use std::{collections::BTreeMap, fmt::Display};

use anyhow::Result;
use serde_json::{Value, json};

use super::Comparer;
use crate::upstream::{
    difference::{Change, Direction, Effect},
    shape::Shape,
};

/// The place of a schema in the document.
#[derive(Clone)]
pub(super) struct Place {
    /// The operation or model that the report names.
    of: String,
    /// The part of it: `response 200`, or a field.
    part: String,
    direction: Direction,
    /// Whether null is read as absent.
    may_be_absent: bool,
}

impl Place {
    pub(super) fn new(of: &str, part: String, direction: Direction) -> Self {
        Self {
            of: of.to_owned(),
            part,
            direction,
            may_be_absent: false,
        }
    }

    fn part(&self, part: String, may_be_absent: bool) -> Self {
        Self {
            part,
            may_be_absent,
            ..self.clone()
        }
    }

    fn element(&self, what: &str) -> Self {
        self.part(format!("{what} {}", self.part).trim_end().to_owned(), false)
    }
}

impl Comparer<'_> {
    pub(super) fn schema(&mut self, place: &Place, ours: &Value, theirs: &Value) -> Result<()> {
        let own = Shape::read(self.ours, ours)?;
        let other = Shape::read(self.theirs, theirs)?;
        let is_new_null = other.nullable && !own.nullable && !place.may_be_absent;
        if is_new_null && place.direction == Direction::Response {
            self.report_part(place, Effect::Breaking, "may be null");
        }
        let place = match &own.name {
            // If another kind of schema replaces a model, the model itself has not changed.
            Some(name) if own.kind == other.kind => {
                self.models.insert(name.clone());
                if let Some(theirs) = &other.name {
                    if theirs != name && !is_same_model(&own, &other) {
                        let text = format!("is the model `{theirs}` now, and was `{name}`");
                        self.report_part(place, Effect::Breaking, text);
                        return Ok(());
                    }
                    if theirs != name {
                        self.compatible(name, format_args!("is the model `{theirs}` upstream"));
                    }
                    if !self.seen.insert((name.clone(), theirs.clone(), place.direction)) {
                        return Ok(());
                    }
                }
                Place::new(name, String::new(), place.direction)
            }
            _ => place.clone(),
        };
        if !self.kind(&place, &own, &other) {
            return Ok(());
        }
        self.members(&place, &own, &other);
        self.constraints(&place, &own, &other);
        self.properties(&place, &own, &other)?;
        self.elements(&place, &own, &other)
    }

    /// Whether two schemas are the same model, or have the same kind if they have no name.
    pub(super) fn is_same_type(&self, ours: &Value, theirs: &Value) -> Result<bool> {
        let own = Shape::read(self.ours, ours)?;
        let other = Shape::read(self.theirs, theirs)?;
        let is_same_name = own.name.is_some() && own.name == other.name;
        Ok(own.kind == other.kind && (is_same_name || is_same_model(&own, &other)))
    }

    /// Compares the kinds. If they are the same, the parts can be compared.
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
        if let Some(change) = change {
            let mut text = format!("is {} now", other.kind_label());
            if own.members.is_none() && other.members.is_none() {
                text = format!("{text}, and was {}", own.kind_label());
            }
            self.report_part(place, change.effect(place.direction), &text);
        }
        own.kind == other.kind
    }

    fn members(&mut self, place: &Place, own: &Shape, other: &Shape) {
        let wider = match own.open {
            true => Effect::Compatible,
            false => Change::Wider.effect(place.direction),
        };
        let narrower = Change::Narrower.effect(place.direction);
        match (&own.members, &other.members) {
            (None, None) => {}
            (Some(_), None) => {
                self.report_part(place, wider, "is any text now, no longer one of listed members")
            }
            (None, Some(members)) => {
                let text = format!("is one of {} now", first_members(members));
                self.report_part(place, narrower, text);
            }
            (Some(own), Some(other)) => {
                let new: Vec<_> = other.iter().filter(|member| !own.contains(member)).collect();
                // If one member is missing and another is new, it may have been renamed. Code that waits for the old one waits forever.
                let gone = match new.is_empty() {
                    true => narrower,
                    false => Effect::Breaking,
                };
                for member in new {
                    self.report_part(place, wider, format_args!("has a new member `{member}`"));
                }
                for member in own.iter().filter(|member| !other.contains(member)) {
                    self.report_part(place, gone, format_args!("has no member `{member}` any more"));
                }
            }
        }
    }

    /// Finds values that the crate allows and the service refuses. The document may be stricter than the service.
    fn constraints(&mut self, place: &Place, own: &Shape, other: &Shape) {
        if place.direction == Direction::Response {
            return;
        }
        for (name, value) in &other.constraints {
            let is_looser = |own: &Value| match (own.as_f64(), value.as_f64()) {
                (Some(own), Some(other)) if name.starts_with("max") => other >= own,
                (Some(own), Some(other)) if name.starts_with("min") => other <= own,
                _ => own == value,
            };
            if !own.constraints.get(name).is_some_and(is_looser) {
                let text = format!("must satisfy `{name}: {value}`");
                self.report_part(place, Effect::Breaking, text);
            }
        }
    }

    fn properties(&mut self, place: &Place, own: &Shape, other: &Shape) -> Result<()> {
        let field = |name: &str| match place.part.is_empty() {
            true => format!("field `{name}`"),
            false => format!("field `{name}` of {}", place.part),
        };
        let direction = place.direction;
        let others = other.properties.iter();
        let others: BTreeMap<_, _> = others.filter(|(_, schema)| is_sent(schema, direction)).collect();
        for (name, schema) in &others {
            let required = other.required.contains(*name);
            let Some(own_schema) = own.properties.get(*name) else {
                let kind = Shape::read(self.theirs, schema)?.kind_label();
                let is_needed = required && direction == Direction::Request;
                self.new_part(&place.of, &field(name), is_needed, format_args!(": {kind}"));
                continue;
            };
            let own_required = own.required.contains(*name);
            match direction {
                Direction::Request => self.requirement(&place.of, &field(name), own_required, required),
                Direction::Response if own_required && !required => {
                    self.breaking(&place.of, format_args!("{} may be absent", field(name)));
                }
                Direction::Response => {}
            }
            self.schema(&place.part(field(name), !own_required), own_schema, schema)?;
        }
        for name in own.properties.keys().filter(|name| !others.contains_key(name)) {
            self.breaking(&place.of, format_args!("{} is no longer there", field(name)));
        }
        Ok(())
    }

    /// Compares the elements of lists and maps. Without a schema, they are anything.
    fn elements(&mut self, place: &Place, own: &Shape, other: &Shape) -> Result<()> {
        let anything = json!({});
        if own.kind.as_deref() == Some("array") {
            let (one, two) = (own.items.as_ref(), other.items.as_ref());
            let place = place.element("each item of");
            self.schema(&place, one.unwrap_or(&anything), two.unwrap_or(&anything))?;
        }
        if let Some(values) = &own.values {
            match other.is_closed {
                true => self.report_part(place, Effect::Breaking, "holds no values by any name any more"),
                false => {
                    let others = other.values.as_ref().unwrap_or(&anything);
                    self.schema(&place.element("each value of"), values, others)?;
                }
            }
        }
        Ok(())
    }

    fn report_part(&mut self, place: &Place, effect: Effect, text: impl Display) {
        let text = format!("{} {text}", place.part);
        self.report(effect, &place.of, text.trim_start());
    }
}

/// Whether a model with another name is the same: it has at least half of our fields and members.
fn is_same_model(own: &Shape, other: &Shape) -> bool {
    let fields = own.properties.keys();
    let fields = fields.filter(|name| other.properties.contains_key(*name));
    let [members, others] = [own, other].map(|shape| shape.members.as_deref().unwrap_or_default());
    let common = fields.count() + members.iter().filter(|member| others.contains(member)).count();
    common * 2 >= own.properties.len() + members.len()
}

/// Whether a field is in values of this direction.
fn is_sent(schema: &Value, direction: Direction) -> bool {
    let other_way_only = match direction {
        Direction::Request => "readOnly",
        Direction::Response => "writeOnly",
    };
    schema[other_way_only] != true
}

/// The members, or the first ones of a long list.
fn first_members(members: &[String]) -> String {
    const SHOWN: usize = 5;
    match members.get(..SHOWN) {
        Some(first) if members.len() > SHOWN + 1 => {
            format!("{} and {} others", first.join(", "), members.len() - SHOWN)
        }
        _ => members.join(", "),
    }
}
