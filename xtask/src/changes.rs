//! The checklists to follow after a change of the document, found by comparing the generated code.

use std::collections::BTreeSet;

use syn::{ImplItem, Item};

const GUIDE: &str = "CONTRIBUTING.md";

/// The public names for which there is a checklist.
#[derive(Default)]
struct Names {
    /// Fields of types, as `Type.field`.
    fields: BTreeSet<String>,
    /// Variants of enums, as `Type::Variant`.
    members: BTreeSet<String>,
    /// Methods of the client.
    operations: BTreeSet<String>,
    /// Fields of the builders of operations, as `Builder.parameter`.
    parameters: BTreeSet<String>,
    types: BTreeSet<String>,
}

/// A line for each kind of change, with its checklist. Both arguments are the code of the types and of the client. There is
/// no line if there was no code before.
pub(crate) fn checklists(before: [&str; 2], after: [&str; 2]) -> Vec<String> {
    let (Ok(before), Ok(after)) = (Names::of(before), Names::of(after)) else {
        return Vec::new();
    };
    if before.operations.is_empty() {
        return Vec::new();
    }
    let types: BTreeSet<_> = before.types.intersection(&after.types).cloned().collect();
    let anchors = [
        "add-a-field",
        "add-an-enum-member",
        "add-an-operation",
        "add-a-parameter",
    ];
    let kinds = before.kinds().into_iter().zip(after.kinds()).zip(anchors);
    // Fields of a new type belong to the operation or the field that uses the type.
    let is_both = |name: &&String| match name.split_once(['.', ':']) {
        Some((ty, _)) => types.contains(ty),
        None => true,
    };
    let lines = kinds.filter_map(|(((name, before), (_, after)), anchor)| {
        let list = |names: Vec<&String>, what: &str| {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
        };
        let new = list(after.difference(before).filter(is_both).collect(), "new are");
        let gone = list(before.difference(after).filter(is_both).collect(), "gone are");
        let changes: Vec<_> = new.into_iter().chain(gone).collect();
        (!changes.is_empty()).then(|| format!("{name}: {}; go on with {GUIDE}#{anchor}", changes.join(", ")))
    });
    lines.collect()
}

impl Names {
    fn kinds(&self) -> [(&'static str, &BTreeSet<String>); 4] {
        [
            ("fields", &self.fields),
            ("enum members", &self.members),
            ("operations", &self.operations),
            ("parameters", &self.parameters),
        ]
    }

    fn of([types, client]: [&str; 2]) -> syn::Result<Self> {
        let mut names = Self::default();
        for item in &syn::parse_file(types)?.items {
            names.add_type(item);
        }
        for item in &syn::parse_file(client)?.items {
            match item {
                Item::Mod(module) if module.ident == "builder" => {
                    let items = module.content.as_ref().map(|(_, items)| items);
                    items
                        .into_iter()
                        .flatten()
                        .for_each(|item| names.add_builder(item));
                }
                Item::Impl(item) if item.trait_.is_none() => {
                    let methods = item.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(method) => Some(&method.sig),
                        _ => None,
                    });
                    let operations = methods.filter(|method| method.receiver().is_some());
                    names
                        .operations
                        .extend(operations.map(|method| method.ident.to_string()));
                }
                _ => {}
            }
        }
        Ok(names)
    }

    fn add_builder(&mut self, item: &Item) {
        let Item::Struct(item) = item else { return };
        self.types.insert(item.ident.to_string());
        let fields = item.fields.iter().filter_map(|field| field.ident.as_ref());
        self.parameters
            .extend(fields.map(|field| format!("{}.{field}", item.ident)));
    }

    fn add_type(&mut self, item: &Item) {
        match item {
            Item::Struct(item) => {
                self.types.insert(item.ident.to_string());
                let fields = item.fields.iter().filter_map(|field| field.ident.as_ref());
                self.fields
                    .extend(fields.map(|field| format!("{}.{field}", item.ident)));
            }
            Item::Enum(item) => {
                self.types.insert(item.ident.to_string());
                // An open enum has one variant more than members.
                let variants = item.variants.iter().map(|variant| &variant.ident);
                let variants = variants.filter(|variant| *variant != "Unknown");
                self.members
                    .extend(variants.map(|variant| format!("{}::{variant}", item.ident)));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::checklists;

    const TYPES: &str = "pub struct Row { pub a: u8 } pub enum Kind { A, B }";
    const CLIENT: &str = "pub mod builder { pub struct GetRow<'a> { client: &'a Client } }
        impl Client { pub(crate) fn new_with_client() {} pub fn get_row(&self) {} }";

    #[test]
    fn each_kind_of_change_has_its_checklist() {
        let types = TYPES.replace("pub a: u8", "pub a: u8, pub b: u8").replace(
            "A, B }",
            "A, C } pub struct New { pub a: u8 } pub enum Other { D }",
        );
        let client = CLIENT
            .replace("client: &'a Client", "client: &'a Client, kind: u8")
            .replace(
                "fn get_row(&self) {}",
                "fn get_row(&self) {} pub fn put_row(&self) {}",
            );
        assert_eq!(
            checklists([TYPES, CLIENT], [&types, &client]),
            [
                "fields: new are `Row.b`; go on with CONTRIBUTING.md#add-a-field",
                "enum members: new are `Kind::C`, gone are `Kind::B`; go on with CONTRIBUTING.md#add-an-enum-member",
                "operations: new are `put_row`; go on with CONTRIBUTING.md#add-an-operation",
                "parameters: new are `GetRow.kind`; go on with CONTRIBUTING.md#add-a-parameter",
            ]
        );
        assert_eq!(checklists([TYPES, CLIENT], [TYPES, CLIENT]), [""; 0]);
        assert_eq!(checklists(["", ""], [&types, &client]), [""; 0]);
    }

    #[test]
    fn the_checklists_exist() {
        let guide = std::fs::read_to_string(crate::workspace_root().join("CONTRIBUTING.md")).unwrap();
        for heading in [
            "Add a field",
            "Add an enum member",
            "Add an operation",
            "Add a parameter",
        ] {
            assert!(guide.contains(&format!("## {heading}\n")), "{heading}");
        }
    }
}
