//! The document with what the service added; its own texts, order and comments stay.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use crate::enums;

use super::{
    definition::Definition,
    difference::{Addition, Comparison, Difference, Direction},
    insert,
    node::{Map, Node, describe, map, reference, text, texts},
    shape::Shape,
};

/// Formats that the generated types have a type for; a text of any other format is a text.
const FORMATS: [&str; 6] = ["int32", "int64", "float", "double", "date", "date-time"];

/// What came of merging.
pub(super) struct Merged<'c> {
    pub(super) text: String,
    pub(super) added: Vec<&'c Difference>,
    /// What could not be added, and why.
    pub(super) refused: Vec<(&'c Difference, anyhow::Error)>,
}

/// Writes what can be added into the document's text: all that leaves a document to generate from.
pub(super) fn merge<'c>(
    document: &str,
    ours: &Value,
    theirs: &Definition<'_>,
    comparison: &'c Comparison,
) -> Result<Merged<'c>> {
    let schemas = ours["components"]["schemas"].as_object();
    let mut merge = Merge {
        ours,
        theirs,
        answered: answered(theirs, comparison)?,
        names: comparison.names.clone(),
        taken: schemas
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect(),
        added: BTreeSet::new(),
        text: document.to_owned(),
    };
    let (mut added, mut refused) = (Vec::new(), Vec::new());
    for difference in &comparison.differences {
        if difference.addition.is_none() {
            continue;
        }
        match merge.all(&[difference]) {
            Ok(()) => added.push(difference),
            Err(error) => refused.push((difference, error)),
        }
    }
    // A member of an enum and the field that it stands for need each other.
    let mut at = 0;
    while at < refused.len() {
        let one = refused[at].0;
        let others = refused[at + 1..].iter().map(|(other, _)| *other);
        let sets = std::iter::once(vec![one]).chain(others.map(|other| vec![one, other]));
        match sets.into_iter().find(|set| merge.all(set).is_ok()) {
            Some(set) => {
                refused.retain(|(other, _)| !set.iter().any(|merged| std::ptr::eq(*merged, *other)));
                added.extend(set);
            }
            None => at += 1,
        }
    }
    let text = merge.text;
    Ok(Merged { text, added, refused })
}

/// The models of the service that additions bring into answers.
fn answered(theirs: &Definition<'_>, comparison: &Comparison) -> Result<BTreeSet<String>> {
    let mut models = BTreeSet::new();
    for difference in &comparison.differences {
        let answer = match &difference.addition {
            Some(Addition::Status { schema, .. }) => schema,
            Some(Addition::Property {
                schema, direction, ..
            }) if *direction == Direction::Response => schema,
            _ => continue,
        };
        reach(theirs, answer, &mut models)?;
    }
    Ok(models)
}

fn reach(theirs: &Definition<'_>, schema: &Value, models: &mut BTreeSet<String>) -> Result<()> {
    let shape = Shape::read(theirs, schema)?;
    if shape.name.is_some_and(|name| !models.insert(name)) {
        return Ok(());
    }
    let parts = shape.properties.values().chain(&shape.items).chain(&shape.values);
    parts.into_iter().try_for_each(|part| reach(theirs, part, models))
}

#[derive(Clone)]
struct Merge<'a> {
    ours: &'a Value,
    theirs: &'a Definition<'a>,
    /// Models of the service that are in answers, whatever else they are in.
    answered: BTreeSet<String>,
    /// The document's names for models of the service; those that are added join them.
    names: BTreeMap<String, String>,
    /// The names of all models of the document.
    taken: BTreeSet<String>,
    /// The places of lists and fields that the document did not have.
    added: BTreeSet<Vec<String>>,
    text: String,
}

impl Merge<'_> {
    /// Adds these together, or none of them if there is nothing to generate from then.
    fn all(&mut self, differences: &[&Difference]) -> Result<()> {
        let before = self.clone();
        let mut additions = differences
            .iter()
            .filter_map(|difference| difference.addition.as_ref());
        let outcome = additions.try_for_each(|addition| self.addition(addition));
        let outcome = outcome.and_then(|()| crate::codegen::generate(&self.text));
        outcome.map(drop).inspect_err(|_| *self = before)
    }

    fn addition(&mut self, addition: &Addition) -> Result<()> {
        match addition {
            Addition::Property {
                pointer,
                name,
                schema,
                required,
                direction,
            } => {
                // A model of both directions is found new twice.
                if !self.added.insert([pointer, std::slice::from_ref(name)].concat()) {
                    return Ok(());
                }
                let model = pointer.last().map(String::as_str).unwrap_or_default();
                let model = format!("{model}{}", capitalized(name));
                let schema = self.schema(schema, *direction, &model, true)?;
                let properties = [&pointer[..], &["properties".to_owned()]].concat();
                self.add(&properties, name, schema)?;
                if *required {
                    self.append(pointer, "required", text(name))?;
                }
                Ok(())
            }
            Addition::Member { pointer, member } => self.append(pointer, "enum", text(member)),
            Addition::Permission { pointer, name } => self.append(pointer, "permissions", text(name)),
            Addition::Parameter {
                pointer,
                name,
                place,
                required,
                description,
                schema,
            } => {
                let mut parameter = map([("name", text(name)), ("in", text(place))]);
                parameter.insert("required".to_owned(), Node::Flag(*required));
                describe(&mut parameter, description);
                let schema = self.schema(schema, Direction::Request, &capitalized(name), false)?;
                parameter.insert("schema".to_owned(), schema);
                self.append(pointer, "parameters", Node::Map(parameter))
            }
            Addition::Status {
                pointer,
                status,
                description,
                schema,
            } => {
                let mut response = Map::new();
                let without = format!("Status {status}");
                describe(
                    &mut response,
                    if description.is_empty() {
                        &without
                    } else {
                        description
                    },
                );
                let schema = self.schema(schema, Direction::Response, &format!("Status{status}"), false)?;
                let content = map([("application/json", Node::Map(map([("schema", schema)])))]);
                response.insert("content".to_owned(), Node::Map(content));
                self.add(pointer, status, Node::Map(response))
            }
        }
    }

    /// A schema of the service as the document writes it. `model` names what must have a name.
    fn schema(&mut self, schema: &Value, direction: Direction, model: &str, optional: bool) -> Result<Node> {
        let shape = Shape::read(self.theirs, schema)?;
        let is_enum = shape.kind.as_deref() == Some("string") && shape.members.is_some();
        let Some(name) = shape.name.clone() else {
            // The generator writes enums of named schemas only.
            return match is_enum && are_variants(&shape) {
                true => self.model(None, model, &shape, direction),
                false => self.inline(&shape, direction, model, optional),
            };
        };
        let direction = match self.answered.contains(&name) {
            true => Direction::Response,
            false => direction,
        };
        match self.names.get(&name) {
            Some(ours) => Ok(reference(ours)),
            None => self.model(Some(&name), &name, &shape, direction),
        }
    }

    /// Adds a model, and refers to it.
    fn model(
        &mut self,
        theirs: Option<&str>,
        name: &str,
        shape: &Shape,
        direction: Direction,
    ) -> Result<Node> {
        let mut ours = name.to_owned();
        while !self.taken.insert(ours.clone()) {
            ours.push_str("Upstream");
        }
        // Before what it refers to, which may be itself.
        if let Some(theirs) = theirs {
            self.names.insert(theirs.to_owned(), ours.clone());
        }
        let schema = self.inline(shape, direction, &ours, false)?;
        let schemas = ["components", "schemas"].map(str::to_owned);
        self.add(&schemas, &ours, schema)?;
        Ok(reference(&ours))
    }

    fn inline(&mut self, shape: &Shape, direction: Direction, model: &str, optional: bool) -> Result<Node> {
        let mut schema = Map::new();
        let kind = shape.kind.as_deref().filter(|kind| !kind.contains(' '));
        if let Some(kind) = kind {
            schema.insert("type".to_owned(), text(kind));
        }
        // An integer without a format is one of 64 bits.
        let format = shape
            .format
            .as_deref()
            .or((kind == Some("integer")).then_some("int64"));
        if let Some(format) = format.filter(|format| FORMATS.contains(format)) {
            schema.insert("format".to_owned(), text(format));
        }
        let is_response = direction == Direction::Response;
        if is_response && (optional || shape.nullable) && kind.is_some() {
            schema.insert("nullable".to_owned(), Node::Flag(true));
        }
        describe(&mut schema, &shape.description);
        if let Some(members) = shape.members.as_ref().filter(|_| are_variants(shape)) {
            if is_response {
                schema.insert("x-open-enum".to_owned(), Node::Flag(true));
            }
            schema.insert("enum".to_owned(), texts(members));
        }
        if !is_response {
            let constraints = shape.constraints.iter();
            schema.extend(constraints.map(|(name, value)| ((*name).to_owned(), Node::Value(value.clone()))));
        }
        if !is_response && !shape.required.is_empty() {
            schema.insert("required".to_owned(), texts(&shape.required));
        }
        if !shape.properties.is_empty() {
            let mut properties = Map::new();
            for (name, property) in &shape.properties {
                let model = format!("{model}{}", capitalized(name));
                properties.insert(name.clone(), self.schema(property, direction, &model, true)?);
            }
            schema.insert("properties".to_owned(), Node::Map(properties));
        }
        for (key, part, suffix) in [
            ("items", &shape.items, "Item"),
            ("additionalProperties", &shape.values, "Value"),
        ] {
            if let Some(part) = part {
                let part = self.schema(part, direction, &format!("{model}{suffix}"), false)?;
                schema.insert(key.to_owned(), part);
            }
        }
        Ok(Node::Map(schema))
    }

    /// Adds an element to the list under a key, which need not be there.
    fn append(&mut self, pointer: &[String], key: &str, value: Node) -> Result<()> {
        let list = [pointer, &[key.to_owned()]].concat();
        let mut keys = list.iter();
        let exists = keys.try_fold(self.ours, |value, key| value.get(key)).is_some();
        let elements = Node::List(vec![value]);
        if exists || !self.added.insert(list.clone()) {
            self.insert(&list, &elements)
        } else {
            self.add(pointer, key, elements)
        }
    }

    fn add(&mut self, pointer: &[String], key: &str, value: Node) -> Result<()> {
        self.insert(pointer, &Node::Map(map([(key, value)])))
    }

    fn insert(&mut self, pointer: &[String], addition: &Node) -> Result<()> {
        self.text = insert::append(&self.text, pointer, &addition.yaml()?)?;
        Ok(())
    }
}

/// Whether the members make the names of an enum's variants; others are left as text.
fn are_variants(shape: &Shape) -> bool {
    let mut members = shape.members.iter().flatten();
    members.all(|member| enums::variant(member).is_some())
}

fn capitalized(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
