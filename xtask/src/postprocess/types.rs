//! The types: enums of our own, JSON Schema behind a feature, room to grow, and liberal reading.

use anyhow::{Result, ensure};
use syn::{
    Attribute, Field, Fields, Item, ItemStruct, Path, Token, Type, Visibility, parse_quote,
    punctuated::Punctuated,
    visit_mut::{self, VisitMut},
};

use super::{self_ident, setters};
use crate::document::enums::StringEnum;

/// The derive as it is asked of the generator; it is then put behind the crate's feature.
pub(crate) const JSON_SCHEMA: &str = "schemars::JsonSchema";

pub(super) fn adapt(items: &mut Vec<Item>, enums: &[StringEnum]) -> Result<()> {
    replace_enums(items, enums)?;
    for item in items.iter_mut() {
        match item {
            Item::Struct(item) => {
                make_schema_optional(item)?;
                leave_room(item);
                Liberally.visit_item_struct_mut(item);
            }
            Item::Mod(module) if module.ident == "builder" => {
                let items = module.content.as_mut().map(|(_, items)| items);
                setters::of_types(items.map_or(&mut [], |items| items))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Puts our enums of strings in the place of the generator's.
fn replace_enums(items: &mut Vec<Item>, enums: &[StringEnum]) -> Result<()> {
    for one in enums {
        let is_replaced = |item: &Item| matches!(item, Item::Enum(item) if item.ident == one.name);
        ensure!(
            items.iter().any(is_replaced),
            "the generator made no enum `{}` to replace",
            one.name
        );
        items.retain(|item| match item {
            Item::Enum(item) => item.ident != one.name,
            Item::Impl(item) => self_ident(item).is_none_or(|ident| *ident != one.name),
            _ => true,
        });
    }
    // In front: items after a module would stand away from the types.
    items.splice(0..0, enums.iter().flat_map(StringEnum::items));
    Ok(())
}

/// Puts the JSON Schema derive behind the crate's feature `schemars`.
fn make_schema_optional(item: &mut ItemStruct) -> Result<()> {
    let schema: Path = syn::parse_str(JSON_SCHEMA)?;
    for index in 0..item.attrs.len() {
        let derives = derives(&item.attrs[index]);
        let kept: Vec<_> = derives.iter().filter(|path| **path != schema).collect();
        if kept.len() < derives.len() {
            item.attrs[index] = parse_quote!(#[derive(#(#kept),*)]);
            item.attrs.insert(
                index + 1,
                parse_quote!(#[cfg_attr(feature = "schemars", derive(#schema))]),
            );
            return Ok(());
        }
    }
    anyhow::bail!(
        "the generator no longer derives `{JSON_SCHEMA}` for `{}`",
        item.ident
    )
}

fn derives(attribute: &Attribute) -> Vec<Path> {
    if !attribute.path().is_ident("derive") {
        return Vec::new();
    }
    attribute
        .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        .map(|paths| paths.into_iter().collect())
        .unwrap_or_default()
}

/// Structs of the API get fields over time; without this, each new one would break code that builds them by name.
fn leave_room(item: &mut ItemStruct) {
    let Fields::Named(fields) = &item.fields else {
        return;
    };
    let is_open = fields
        .named
        .iter()
        .all(|field| matches!(field.vis, Visibility::Public(_)));
    if is_open {
        item.attrs.push(parse_quote!(#[non_exhaustive]));
    }
}

/// Whole numbers and dates are read by the crate's own readers, as streamed rows are: the derived ones refuse `8.0` and a
/// date without a time.
struct Liberally;

impl VisitMut for Liberally {
    fn visit_field_mut(&mut self, field: &mut Field) {
        visit_mut::visit_field_mut(self, field);
        let Some((reader, is_optional)) = reader(&field.ty).filter(|_| field.ident.is_some()) else {
            return;
        };
        // A member that is required and may be null has a reader of the generator's.
        let before = field.attrs.len();
        field.attrs.retain(|attribute| !has_reader(attribute));
        let is_required = field.attrs.len() < before || !is_optional;
        field.attrs.push(match is_required {
            true => parse_quote!(#[serde(deserialize_with = #reader)]),
            false => parse_quote!(#[serde(default, deserialize_with = #reader)]),
        });
    }
}

/// The reader of a type, and whether it is of optional values.
fn reader(ty: &Type) -> Option<(&'static str, bool)> {
    let is = |other: Type| *ty == other;
    let (number, date) = (
        "crate::fields::read::whole_number",
        "crate::fields::read::date_time",
    );
    if is(parse_quote!(::std::option::Option<i64>)) || is(parse_quote!(::std::option::Option<i32>)) {
        Some((number, true))
    } else if is(parse_quote!(i64)) || is(parse_quote!(i32)) {
        Some((number, false))
    } else if is(parse_quote!(
        ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>
    )) {
        Some((date, true))
    } else if is(parse_quote!(::chrono::DateTime<::chrono::offset::Utc>)) {
        Some((date, false))
    } else {
        None
    }
}

fn has_reader(attribute: &Attribute) -> bool {
    let mut has = false;
    if attribute.path().is_ident("serde") {
        // An attribute of another form is not one of a reader.
        let _ = attribute.parse_nested_meta(|meta| {
            has |= meta.path.is_ident("deserialize_with");
            if meta.input.peek(Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    has
}
