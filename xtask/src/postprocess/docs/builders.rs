//! Documentation of builders, those of types and those of operations.

use std::collections::BTreeMap;

use quote::ToTokens as _;
use syn::{
    ImplItem, ImplItemFn, ItemImpl, ItemMod, ItemStruct, Type,
    visit_mut::{self, VisitMut},
};

use super::attributes::add;
use crate::postprocess::syntax::{self_ident, taken};

/// Documents the builders of types and of operations.
pub(super) struct Builders<'a> {
    /// Names of the enclosing modules.
    pub(super) modules: Vec<String>,
    pub(super) fields: &'a BTreeMap<(String, String), String>,
    /// Descriptions of parameters by builder and name.
    pub(super) parameters: &'a BTreeMap<(String, String), String>,
    /// Types of the crate that convert into fields.
    pub(super) taken: &'a BTreeMap<(String, String), String>,
}

impl VisitMut for Builders<'_> {
    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        let is_builder = module.ident == "builder";
        if is_builder {
            add(
                &mut module.attrs,
                "Builders of the types. Only fields that are set are sent.",
            );
        }
        self.modules.push(module.ident.to_string());
        visit_mut::visit_item_mod_mut(self, module);
        self.modules.pop();
    }

    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        if self.is_in_builder() {
            let doc = format!("Builds [`super::{}`].", item.ident);
            add(&mut item.attrs, &doc);
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        if item.trait_.is_some() || !self.is_in_builder() {
            return;
        }
        let of = self_ident(item).map(ToString::to_string).unwrap_or_default();
        let descriptions = match self.modules.len() {
            1 => self.parameters,
            _ => self.fields,
        };
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item {
                let name = method.sig.ident.to_string();
                let key = (of.clone(), name);
                let taken = self.taken.get(&key).filter(|_| self.modules.len() > 1);
                let doc = doc_of_builder(
                    method,
                    descriptions.get(&key).map(String::as_str),
                    taken.map(String::as_str),
                );
                add(&mut method.attrs, &doc);
            }
        }
    }
}

impl Builders<'_> {
    fn is_in_builder(&self) -> bool {
        self.modules.last().is_some_and(|module| module == "builder")
    }
}

fn doc_of_builder(method: &ImplItemFn, description: Option<&str>, ours: Option<&str>) -> String {
    let name = method.sig.ident.to_string();
    match name.as_str() {
        "new" => return "A builder without any value.".to_owned(),
        "body_map" => return "Changes the body's builder in place.".to_owned(),
        _ => {}
    }
    if method.sig.inputs.len() != 2 {
        return String::new();
    }
    let taken = match taken(method) {
        Some(ty) => {
            let ours = ours.map(|ours| {
                format!(", such as an [`{ours}`](crate::{ours}). Any other string is sent as it is")
            });
            format!(
                " It accepts any type that converts into `{}`{}.",
                short(ty),
                ours.unwrap_or_default()
            )
        }
        None => " It accepts a string or `None`.".to_owned(),
    };
    match description {
        Some(text) => format!("Sets `{name}`: {}\n\n{}", text.trim(), taken.trim_start()),
        None => format!("Sets `{name}`.{taken}"),
    }
}

/// A type without the paths.
fn short(ty: &Type) -> String {
    struct Short;
    impl VisitMut for Short {
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            if let Some(last) = path.segments.last().cloned() {
                path.leading_colon = None;
                path.segments = std::iter::once(last).collect();
            }
            visit_mut::visit_path_mut(self, path);
        }
    }
    let mut ty = ty.clone();
    Short.visit_type_mut(&mut ty);
    ty.to_token_stream()
        .to_string()
        .replace(' ', "")
        .replace(',', ", ")
}
