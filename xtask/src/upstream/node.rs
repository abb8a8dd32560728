//! A piece of the document, as it is written.

use anyhow::Result;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

/// A value of the document, with its members in the order in which they are written.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Node {
    Flag(bool),
    /// Of a constraint, as the service has it.
    Value(Value),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

pub(super) type Map = IndexMap<String, Node>;

impl Node {
    /// As the document's lines are written: block style, long texts folded.
    pub(super) fn yaml(&self) -> Result<String> {
        let options = serde_saphyr::ser_options! { compact_list_indent: false, folded_wrap_chars: 100 };
        Ok(serde_saphyr::to_string_with_options(self, options)?)
    }
}

pub(super) fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

pub(super) fn texts<'a>(of: impl IntoIterator<Item = &'a String>) -> Node {
    Node::List(of.into_iter().map(|one| text(one)).collect())
}

pub(super) fn map<const N: usize>(members: [(&str, Node); N]) -> Map {
    members
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

pub(super) fn reference(model: &str) -> Node {
    Node::Map(map([(
        "$ref",
        Node::Text(format!("#/components/schemas/{model}")),
    )]))
}

pub(super) fn describe(schema: &mut Map, description: &str) {
    if !description.is_empty() {
        schema.insert("description".to_owned(), text(description));
    }
}
