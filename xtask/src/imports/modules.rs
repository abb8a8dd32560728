//! The modules of a crate: where each is written, what it defines, and what it imports.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, Item, Meta, UseTree, Visibility,
    parse::{ParseStream, Parser as _},
};

use super::paths::{self, Names};

/// One module; several may be in one file.
#[derive(Default)]
pub(super) struct Module {
    pub(super) file: usize,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    defined: BTreeSet<String>,
    /// What `use` brings in, by the name that it has here.
    imported: BTreeMap<String, Names>,
    globs: Vec<Names>,
    /// Every path that is written here.
    paths: BTreeSet<Names>,
}

/// All modules of a crate without its tests.
pub(super) struct Modules {
    modules: Vec<Module>,
    /// Each file with the module that it is: `rows::stream`.
    files: Vec<(PathBuf, Names)>,
}

impl Modules {
    /// Reads a crate from its root file, each module from where rustc would read it.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut all = Self {
            modules: Vec::new(),
            files: Vec::new(),
        };
        let below = root.parent().context("a crate's root file has a directory")?;
        all.file(root, below, Names::new(), None)?;
        Ok(all)
    }

    pub(super) fn files(&self) -> &[(PathBuf, Names)] {
        &self.files
    }

    /// Every import of another file: from, to, and the path that is written.
    pub(super) fn imports(&self) -> BTreeMap<(usize, usize), String> {
        let mut imports = BTreeMap::new();
        for (at, module) in self.modules.iter().enumerate() {
            for path in &module.paths {
                if let Some(target) = self.resolve(at, path, 0) {
                    let to = self.modules[target].file;
                    if to != module.file {
                        imports
                            .entry((module.file, to))
                            .or_insert_with(|| path.join("::"));
                    }
                }
            }
        }
        imports
    }

    fn file(&mut self, file: &Path, below: &Path, names: Names, parent: Option<usize>) -> Result<usize> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let syntax = syn::parse_file(&text).with_context(|| format!("cannot parse {}", file.display()))?;
        self.files.push((file.to_owned(), names.clone()));
        self.module(&syntax.items, self.files.len() - 1, below, &names, parent)
    }

    fn module(
        &mut self,
        items: &[Item],
        file: usize,
        below: &Path,
        names: &[String],
        parent: Option<usize>,
    ) -> Result<usize> {
        let at = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        for item in items {
            let (attributes, name) = head(item)?;
            if is_for_tests(&attributes) {
                continue;
            }
            match item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let names = [names, std::slice::from_ref(&name)].concat();
                    let below = below.join(&name);
                    let child = match &module.content {
                        Some((_, items)) => self.module(items, file, &below, &names, Some(at))?,
                        None => self.file(&source(&below)?, &below, names, Some(at))?,
                    };
                    self.modules[at].children.insert(name, child);
                }
                Item::Use(import) => self.modules[at].import(&import.tree, &mut Names::new()),
                item => {
                    let module = &mut self.modules[at];
                    module.defined.extend(name);
                    paths::collect(item.to_token_stream(), &mut module.paths);
                }
            }
        }
        Ok(at)
    }

    /// The module that defines what `path` names in the module `at`; nothing for another crate's.
    fn resolve(&self, at: usize, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let module = &self.modules[at];
        let start = match first.as_str() {
            "crate" => 0,
            "self" => at,
            "super" => module.parent?,
            // A name that is imported by a path that leads back to itself.
            _ if depth > 32 => return None,
            name => match (module.children.get(name), module.imported.get(name)) {
                (Some(child), _) => *child,
                (None, Some(import)) => self.resolve(at, import, depth + 1)?,
                (None, None) => return None,
            },
        };
        Some(self.descend(start, rest, depth))
    }

    fn descend(&self, at: usize, path: &[String], depth: usize) -> usize {
        let Some((first, rest)) = path.split_first() else {
            return at;
        };
        let module = &self.modules[at];
        if first == "super" {
            return self.descend(module.parent.unwrap_or(at), rest, depth);
        }
        if let Some(child) = module.children.get(first) {
            return self.descend(*child, rest, depth);
        }
        if module.defined.contains(first) || depth > 32 {
            return at;
        }
        if let Some(import) = module.imported.get(first) {
            return match self.resolve(at, import, depth + 1) {
                Some(target) => self.descend(target, rest, depth + 1),
                None => at,
            };
        }
        let mut from_globs = module.globs.iter().filter_map(|glob| {
            let target = self.resolve(at, glob, depth + 1)?;
            let found = self.descend(target, path, depth + 1);
            (found != target || self.modules[target].defined.contains(first)).then_some(found)
        });
        from_globs.next().unwrap_or(at)
    }
}

impl Module {
    fn import(&mut self, tree: &UseTree, before: &mut Names) {
        let depth = before.len();
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before);
            }
            UseTree::Name(name) => self.name(before, &name.ident, &name.ident),
            UseTree::Rename(name) => self.name(before, &name.ident, &name.rename),
            UseTree::Glob(_) => {
                self.paths.insert(before.clone());
                self.globs.push(before.clone());
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before)),
        }
        before.truncate(depth);
    }

    fn name(&mut self, before: &Names, name: &syn::Ident, here: &syn::Ident) {
        let mut path = before.clone();
        let mut here = here.to_string();
        if name == "self" {
            here = if here == "self" {
                path.last().cloned().unwrap_or(here)
            } else {
                here
            };
        } else {
            path.push(name.to_string());
        }
        self.paths.insert(path.clone());
        self.imported.insert(here, path);
    }
}

/// `below.rs` or `below/mod.rs`.
fn source(below: &Path) -> Result<PathBuf> {
    let candidates = [below.with_extension("rs"), below.join("mod.rs")];
    match candidates.iter().find(|file| file.is_file()) {
        Some(file) => Ok(file.clone()),
        None => bail!(
            "there is neither {} nor {}",
            candidates[0].display(),
            candidates[1].display()
        ),
    }
}

/// The attributes and the name of an item. `impl` and the like have no name that a path could lead to.
fn head(item: &Item) -> Result<(Vec<Attribute>, Option<String>)> {
    const BEFORE_NAMES: &str =
        "async const enum extern fn macro_rules mut static struct trait type union unsafe";
    let head = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        Ok((attributes, input.parse::<TokenStream>()?))
    };
    let (attributes, rest) = head.parse2(item.to_token_stream())?;
    let words = rest.into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let name = words
        .into_iter()
        .find(|word| !BEFORE_NAMES.split(' ').any(|other| other == word));
    Ok((attributes, name.filter(|name| name != "impl")))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            list.path.is_ident("cfg") && matches!(list.tokens.to_string().as_str(), "test" | "fuzzing")
        }
        Meta::NameValue(_) => false,
    })
}
