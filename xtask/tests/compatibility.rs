//! What is generated from a document that gained something has all that was generated before: nobody who uses the crate
//! must change a line.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use common::{CLIENT, MOCKS, ROWS, TYPES, copy::Copy, generated, merge, the_document};
use serde_json::Value;
use syn::{Attribute, Fields, ImplItem, Item, Visibility};

const GENERATED: [&str; 4] = [TYPES, CLIENT, ROWS, MOCKS];

/// What users can name, each as a line of text.
#[derive(Default)]
struct Surface {
    lines: BTreeSet<String>,
    /// The fields of structs and variants of enums.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Structs and enums that may gain members.
    may_grow: BTreeSet<String>,
}

impl Surface {
    fn of(code: &str) -> Self {
        let mut surface = Self::default();
        surface.add_items(&syn::parse_file(code).unwrap().items, "");
        surface
    }

    fn add_items(&mut self, items: &[Item], path: &str) {
        for item in items {
            match item {
                Item::Mod(module) if is_public(&module.vis) => {
                    let (_, items) = module.content.as_ref().unwrap();
                    self.add_items(items, &format!("{path}{}::", module.ident));
                }
                Item::Struct(item) if is_public(&item.vis) => self.add_struct(item, path),
                Item::Enum(item) if is_public(&item.vis) => self.add_enum(item, path),
                Item::Trait(item) if is_public(&item.vis) => self.add_trait(item, path),
                Item::Impl(item) => self.add_impl(item, path),
                _ => {}
            }
        }
    }

    fn add_struct(&mut self, item: &syn::ItemStruct, path: &str) {
        let name = format!("{path}{}", item.ident);
        self.add_type(&name, &item.attrs);
        if let Fields::Named(fields) = &item.fields {
            let fields = fields.named.iter().filter(|field| is_public(&field.vis));
            let fields = fields.map(|field| format!("{}: {}", text(&field.ident), text(&field.ty)));
            self.members.insert(name, fields.collect());
        }
    }

    fn add_enum(&mut self, item: &syn::ItemEnum, path: &str) {
        let name = format!("{path}{}", item.ident);
        self.add_type(&name, &item.attrs);
        // An enum without data can be cast to a number, which is the position of the variant if it has no other.
        let has_data = item.variants.iter().any(|variant| !variant.fields.is_empty());
        let variants = item.variants.iter().enumerate();
        let variants = variants.map(|(number, variant)| match has_data {
            true => format!("{}{}", variant.ident, text(&variant.fields)),
            false => match &variant.discriminant {
                Some((_, number)) => format!("{} = {}", variant.ident, text(number)),
                None => format!("{} = {number}", variant.ident),
            },
        });
        self.members.insert(name, variants.collect());
    }

    fn add_trait(&mut self, item: &syn::ItemTrait, path: &str) {
        self.lines.insert(format!("trait {path}{}", item.ident));
        for member in &item.items {
            if let syn::TraitItem::Fn(function) = member {
                self.lines
                    .insert(format!("{path}{}: {}", item.ident, text(&function.sig)));
            }
        }
    }

    fn add_impl(&mut self, item: &syn::ItemImpl, path: &str) {
        let of = format!("{path}{}", text(&item.self_ty));
        if let Some((implemented, _)) = &item.trait_ {
            self.lines.insert(format!(
                "{}impl{} {} for {of}",
                conditions(&item.attrs),
                text(&item.generics),
                text(implemented)
            ));
        }
        for member in &item.items {
            self.lines.extend(match member {
                ImplItem::Fn(function) if is_public(&function.vis) => {
                    Some(format!("{of}: {}", text(&function.sig)))
                }
                ImplItem::Const(constant) if is_public(&constant.vis) => {
                    Some(format!("{of}: const {}: {}", constant.ident, text(&constant.ty)))
                }
                _ => None,
            });
        }
    }

    fn add_type(&mut self, name: &str, attributes: &[Attribute]) {
        self.lines.insert(format!("type {name}"));
        for attribute in attributes {
            if attribute.path().is_ident("non_exhaustive") {
                self.may_grow.insert(name.to_owned());
            }
            if attribute.path().is_ident("derive") || attribute.path().is_ident("cfg_attr") {
                let derived = text(&attribute.meta);
                for one in derived
                    .split([',', '(', ')'])
                    .map(str::trim)
                    .filter(|one| !one.is_empty())
                {
                    self.lines.insert(format!("derive {one} for {name}"));
                }
            }
        }
    }

    /// What would break users of this, if it became the other.
    fn broken_by(&self, other: &Self) -> Vec<String> {
        let gone = self
            .lines
            .difference(&other.lines)
            .map(|line| format!("gone: {line}"));
        let mut broken: Vec<_> = gone.collect();
        for (name, members) in &self.members {
            let others = other.members.get(name).cloned().unwrap_or_default();
            broken.extend(
                members
                    .difference(&others)
                    .map(|member| format!("gone: {name}: {member}")),
            );
            if &others != members && !self.may_grow.contains(name) {
                broken.push(format!("`{name}` grew, and is not `#[non_exhaustive]`"));
            }
        }
        broken
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn text(tokens: &impl quote::ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn conditions(attributes: &[Attribute]) -> String {
    let conditions = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    conditions
        .map(|attribute| format!("{} ", text(attribute)))
        .collect()
}

/// The surface of what is generated from a document.
fn surfaces(document: &str) -> Vec<Surface> {
    let root = generated(document);
    let code = GENERATED.map(|path| fs::read_to_string(root.path().join(path)).unwrap());
    code.iter().map(|code| Surface::of(code)).collect()
}

fn broken_by(before: &[Surface], document: &str) -> Vec<String> {
    let after = surfaces(document);
    let pairs = before.iter().zip(&after);
    pairs
        .flat_map(|(before, after)| before.broken_by(after))
        .collect()
}

#[test]
fn an_additive_change_of_the_document_breaks_nobody() {
    let mut document: Value = serde_saphyr::from_str(&the_document()).unwrap();
    let before = surfaces(&document.to_string());
    assert!(before.iter().all(|surface| surface.lines.len() > 10));

    let additions: Value = serde_saphyr::from_str(include_str!("additive.yml")).unwrap();
    merge(&mut document["components"]["schemas"], &additions["schemas"]);
    let results = &mut document["paths"]["/api/v2/usage/query/{executionId}/results"]["get"];
    merge(results, &additions["results"]);
    let all = document.to_string();
    assert_eq!(broken_by(&before, &all), [""; 0]);
    compile(&all);
}

/// What is generated compiles in the client and its mocks, with nothing written by hand for it.
fn compile(document: &str) {
    let root = generated(document);
    let copy = Copy::new("additive", 2, GENERATED.to_vec());
    for path in GENERATED {
        copy.write(path, &fs::read_to_string(root.path().join(path)).unwrap());
    }
    copy.cargo(&["build", "--package", "usage-client-httpmock"]);
}

#[test]
fn what_would_break_somebody_is_seen() {
    let document = the_document();
    let before = surfaces(&document);
    for (from, to, broken) in [
        (
            "        resultsUri:\n",
            "        uri:\n",
            "gone: UsageExecutionResult: results_uri",
        ),
        ("        - Week\n", "", "gone: Granularity: Week"),
        (
            "        - Week\n",
            "        - Year\n        - Week\n",
            "gone: Granularity: Week = 1",
        ),
        (
            "operationId: postUsageQuery\n",
            "operationId: postQuery\n",
            "gone: Client: fn post_usage_query",
        ),
    ] {
        assert!(document.contains(from), "{from}");
        let mut changed = document.replace(from, to);
        if !changed.contains("        - Week\n") {
            // What is said of a member goes with it.
            let lines = changed.lines().filter(|line| !line.starts_with("        Week: "));
            changed = lines.map(|line| format!("{line}\n")).collect();
        }
        let found = broken_by(&before, &changed);
        assert!(
            found.iter().any(|line| line.starts_with(broken)),
            "{broken}: {found:?}"
        );
    }
    let grown = Surface::of("pub struct Closed { pub a: u8, pub b: u8 }");
    let closed = Surface::of("pub struct Closed { pub a: u8 }");
    assert_eq!(
        closed.broken_by(&grown),
        ["`Closed` grew, and is not `#[non_exhaustive]`"]
    );
}
