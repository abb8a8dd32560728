//! Documentation of types and their fields.

use std::collections::BTreeMap;

use syn::{
    ImplItem, ItemImpl, ItemMod, ItemStruct, Type,
    visit_mut::{self, VisitMut},
};

use super::attributes::{add, text};

/// Documents types and fields, and keeps the documentation of each field for its setter.
pub(super) struct Types<'a> {
    /// Descriptions of the named schemas.
    pub(super) schemas: &'a BTreeMap<String, String>,
    /// Descriptions of fields by type and name.
    pub(super) fields: &'a mut BTreeMap<(String, String), String>,
}

impl VisitMut for Types<'_> {
    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        match module.ident.to_string().as_str() {
            "types" => visit_mut::visit_item_mod_mut(self, module),
            "error" => add(&mut module.attrs, "The error of conversions."),
            _ => {}
        }
    }

    fn visit_item_enum_mut(&mut self, item: &mut syn::ItemEnum) {
        let doc = format!("`{}`.", item.ident);
        add(&mut item.attrs, &doc);
    }

    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        let doc = format!("`{}`.", item.ident);
        add(&mut item.attrs, &doc);
        for field in &mut item.fields {
            let Some(ident) = &field.ident else { continue };
            let named = last_type(&field.ty).and_then(|name| self.schemas.get(&name));
            let doc = named.cloned().unwrap_or_else(|| format!("`{ident}`."));
            add(&mut field.attrs, &doc);
            if let Some(doc) = text(&field.attrs) {
                self.fields
                    .insert((item.ident.to_string(), ident.to_string()), doc);
            }
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item
                && method.sig.ident == "builder"
            {
                add(
                    &mut method.attrs,
                    "Starts a builder. Only fields that are set are sent.",
                );
            }
        }
    }
}

/// The innermost type, such as `Metric` of `Option<Metric>`.
fn last_type(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.last()? {
            syn::GenericArgument::Type(ty) => last_type(ty),
            _ => None,
        },
        _ => Some(last.ident.to_string()),
    }
}
