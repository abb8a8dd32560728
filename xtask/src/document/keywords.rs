//! The keywords of OpenAPI 3.0: the keywords of each kind of object, and the kinds of their values.

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::place::Place;

/// The kind of the value of a keyword.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Text,
    Bool,
    Number,
    Length,
    List,
    Texts,
    Object,
    Any,
    /// A known keyword that is not supported, with what to do instead.
    Unsupported(&'static str),
}

use Kind::{Any, Bool, Length, List, Number, Object, Text, Texts, Unsupported};

const ONE_HOST: Kind = Unsupported("the client has one host, which its user gives");
const ONE_OBJECT: Kind = Unsupported("describe one object with the properties of all, none of them required");

type Keyword = (&'static str, Kind);

/// One kind of object.
pub(super) struct Keywords {
    /// Its name in errors.
    name: &'static str,
    known: &'static [&'static [Keyword]],
}

pub(super) const ROOT: Keywords = Keywords {
    name: "the document",
    known: &[&[
        ("openapi", Text),
        ("info", Object),
        ("servers", List),
        ("paths", Object),
        ("components", Object),
        ("security", List),
        ("tags", List),
        ("externalDocs", Object),
    ]],
};

pub(super) const INFO: Keywords = Keywords {
    name: "`info`",
    known: &[&[
        ("title", Text),
        ("version", Text),
        ("description", Text),
        ("termsOfService", Text),
        ("contact", Object),
        ("license", Object),
    ]],
};

pub(super) const COMPONENTS: Keywords = Keywords {
    name: "`components`",
    known: &[&[
        ("schemas", Object),
        ("responses", Object),
        ("parameters", Object),
        ("examples", Object),
        ("requestBodies", Object),
        ("headers", Object),
        ("securitySchemes", Object),
        ("links", Unsupported("leave links out")),
        ("callbacks", Unsupported("leave callbacks out")),
    ]],
};

pub(super) const PATH_ITEM: Keywords = Keywords {
    name: "a path",
    known: &[&[
        ("summary", Text),
        ("description", Text),
        ("parameters", List),
        ("get", Object),
        ("put", Object),
        ("post", Object),
        ("delete", Object),
        ("head", Object),
        ("patch", Object),
        ("options", Unsupported("leave the operation out")),
        ("trace", Unsupported("leave the operation out")),
        ("servers", ONE_HOST),
        ("$ref", Unsupported("write the path here")),
    ]],
};

/// The HTTP methods of a path, which are its only mappings.
pub(super) fn methods() -> impl Iterator<Item = &'static str> {
    let known = PATH_ITEM.known.iter().copied().flatten();
    known.filter(|(_, kind)| *kind == Object).map(|(name, _)| *name)
}

pub(super) const OPERATION: Keywords = Keywords {
    name: "an operation",
    known: &[&[
        ("operationId", Text),
        ("tags", List),
        ("summary", Text),
        ("description", Text),
        ("externalDocs", Object),
        ("parameters", List),
        ("requestBody", Object),
        ("responses", Object),
        ("deprecated", Bool),
        ("security", List),
        ("callbacks", Unsupported("leave callbacks out")),
        ("servers", ONE_HOST),
    ]],
};

pub(super) const PARAMETER: Keywords = Keywords {
    name: "a parameter",
    known: &[
        &[("name", Text), ("in", Text)],
        HEADER_KEYWORDS,
        &[
            ("allowReserved", Unsupported("values are always percent-encoded")),
            (
                "allowEmptyValue",
                Unsupported("leave it out; a string may be empty"),
            ),
        ],
    ],
};

pub(super) const HEADER: Keywords = Keywords {
    name: "a header",
    known: &[HEADER_KEYWORDS],
};

/// The keywords of a header, which a parameter has too.
const HEADER_KEYWORDS: &[Keyword] = &[
    ("description", Text),
    ("required", Bool),
    ("deprecated", Bool),
    ("schema", Object),
    ("example", Any),
    ("examples", Object),
    ("style", Text),
    ("explode", Bool),
    ("content", Unsupported("give it a `schema`")),
];

pub(super) const REQUEST_BODY: Keywords = Keywords {
    name: "a request body",
    known: &[&[("description", Text), ("content", Object), ("required", Bool)]],
};

pub(super) const RESPONSE: Keywords = Keywords {
    name: "a response",
    known: &[&[
        ("description", Text),
        ("headers", Object),
        ("content", Object),
        ("links", Unsupported("leave links out")),
    ]],
};

pub(super) const MEDIA_TYPE: Keywords = Keywords {
    name: "a media type",
    known: &[&[
        ("schema", Object),
        ("example", Any),
        ("examples", Object),
        ("encoding", Unsupported("bodies are JSON")),
    ]],
};

/// The keywords of every schema. Except for `nullable`, they only document.
const ANNOTATIONS: [(&str, Kind); 8] = [
    ("title", Text),
    ("description", Text),
    ("default", Any),
    ("example", Any),
    ("nullable", Bool),
    ("deprecated", Bool),
    ("readOnly", Bool),
    ("writeOnly", Bool),
];

/// The keywords of some schemas.
const OF_SCHEMAS: [(&str, Kind); 28] = [
    ("externalDocs", Object),
    ("type", Text),
    ("format", Text),
    ("enum", List),
    ("minLength", Length),
    ("maxLength", Length),
    ("pattern", Text),
    ("minimum", Number),
    ("maximum", Number),
    ("exclusiveMinimum", Bool),
    ("exclusiveMaximum", Bool),
    ("multipleOf", Number),
    ("items", Object),
    ("minItems", Length),
    ("maxItems", Length),
    ("uniqueItems", Bool),
    ("properties", Object),
    ("required", Texts),
    ("additionalProperties", Any),
    ("minProperties", Length),
    ("maxProperties", Length),
    ("allOf", List),
    ("$ref", Text),
    ("oneOf", ONE_OBJECT),
    ("anyOf", ONE_OBJECT),
    ("not", Unsupported("leave it out")),
    (
        "discriminator",
        Unsupported("describe one object with the properties of all"),
    ),
    ("xml", Unsupported("bodies are JSON")),
];

impl Keywords {
    /// Checks that a value is an object of this kind, with known keywords and values of the right kinds.
    pub(super) fn check(&self, value: &Value, place: &Place) -> Result<()> {
        check(
            self.name,
            self.known.iter().copied().flatten().copied(),
            value,
            place,
        )
    }
}

/// Checks the keywords of a schema. `allowed` lists those of its type.
pub(super) fn check_schema(name: &str, allowed: &[&str], value: &Value, place: &Place) -> Result<()> {
    let known = || ANNOTATIONS.iter().chain(&OF_SCHEMAS).copied();
    // First whether they are known, then whether they fit together.
    check("a schema", known(), value, place)?;
    let is_annotation =
        |key: &str| key == "externalDocs" || ANNOTATIONS.iter().any(|(known, _)| *known == key);
    let members = value.as_object().into_iter().flatten();
    for (key, _) in members.filter(|(key, _)| !is_annotation(key) && !key.starts_with("x-")) {
        ensure!(
            allowed.contains(&key.as_str()),
            place.at(key).error(format!(
                "`{key}` means nothing in {name}; beside descriptions these do: {}",
                allowed.join(", ")
            ))
        );
    }
    Ok(())
}

fn check(
    name: &str,
    known: impl Iterator<Item = (&'static str, Kind)> + Clone,
    value: &Value,
    place: &Place,
) -> Result<()> {
    let Value::Object(members) = value else {
        bail!(place.error(format!("{name} must be a mapping, not {value}")));
    };
    for (key, value) in members {
        let place = place.at(key);
        let Some((_, kind)) = known.clone().find(|(known, _)| known == key) else {
            if key.starts_with("x-") {
                continue;
            }
            let supported = known.clone().filter(|(_, kind)| !matches!(kind, Unsupported(_)));
            let names: Vec<_> = supported.map(|(name, _)| name).collect();
            bail!(place.error(match nearest(key, &names) {
                Some(nearest) => format!("`{key}` is not a keyword of {name}; did you mean `{nearest}`?"),
                None => format!(
                    "`{key}` is not a keyword of {name}; these are: {}",
                    names.join(", ")
                ),
            }));
        };
        let expected = match kind {
            Unsupported(way) => bail!(place.error(format!("`{key}` is not supported; {way}"))),
            Text if !value.is_string() => "a string",
            Bool if !value.is_boolean() => "true or false",
            Number if !value.is_number() => "a number",
            Length if !value.is_u64() => "a whole number",
            List if !value.is_array() => "a list",
            Object if !value.is_object() => "a mapping",
            Texts if !is_texts(value) => "a list of strings",
            _ => continue,
        };
        bail!(place.error(format!("`{key}` must be {expected}, not {value}")));
    }
    Ok(())
}

/// The most similar name.
fn nearest<'a>(key: &str, names: &[&'a str]) -> Option<&'a str> {
    let distances = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(key, name), *name));
    let (distance, name) = distances.min()?;
    (distance <= 2 && distance < key.len().min(name.len())).then_some(name)
}

fn is_texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().all(Value::is_string))
}
