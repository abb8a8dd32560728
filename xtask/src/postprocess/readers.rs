//! How the fields of types are read.

use syn::{
    Attribute, Field, ItemStruct, Token, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

/// Integers and dates are read by functions of the crate, as in streamed rows. The derived code refuses `8.0`, a day as
/// a time, and midnight as a day.
pub(super) fn replace(item: &mut ItemStruct) {
    Readers.visit_item_struct_mut(item);
}

struct Readers;

impl VisitMut for Readers {
    fn visit_field_mut(&mut self, field: &mut Field) {
        visit_mut::visit_field_mut(self, field);
        let Some((reader, is_optional)) = reader(&field.ty).filter(|_| field.ident.is_some()) else {
            return;
        };
        // A required field that may be null has a reader of the generator.
        let before = field.attrs.len();
        field.attrs.retain(|attribute| !has_reader(attribute));
        let is_required = field.attrs.len() < before || !is_optional;
        field.attrs.push(match is_required {
            true => parse_quote!(#[serde(deserialize_with = #reader)]),
            false => parse_quote!(#[serde(default, deserialize_with = #reader)]),
        });
    }
}

/// The reader of a type, and whether its values are optional.
fn reader(ty: &Type) -> Option<(&'static str, bool)> {
    let (number, date, day) = (
        "crate::fields::read::whole_number",
        "crate::fields::read::date_time",
        "crate::fields::read::day",
    );
    let readers: [(Type, &str); 4] = [
        (parse_quote!(i64), number),
        (parse_quote!(i32), number),
        (parse_quote!(::chrono::DateTime<::chrono::offset::Utc>), date),
        (parse_quote!(::chrono::naive::NaiveDate), day),
    ];
    readers.into_iter().find_map(|(plain, reader)| {
        let optional: Type = parse_quote!(::std::option::Option<#plain>);
        (*ty == plain || *ty == optional).then(|| (reader, *ty == optional))
    })
}

fn has_reader(attribute: &Attribute) -> bool {
    let mut has = false;
    if attribute.path().is_ident("serde") {
        // An attribute of another form has no reader.
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
