//! What a setter of a builder takes, and what it says of a value that it cannot take.

use anyhow::{Context as _, Result, ensure};
use syn::{
    Expr, ImplItemFn, Item, Type, TypeParamBound, WherePredicate, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::{arguments, method};
use crate::document::{names, operations::Operation};

/// The error of a parameter keeps why its value was not taken.
pub(super) fn of_operation(items: &mut [Item], operation: &Operation<'_>) -> Result<()> {
    let builder = names::of_builder(operation.id).unwrap_or_default();
    for parameter in &operation.parameters {
        let setter = &parameter.setter;
        let method = method(items, &builder, setter)
            .with_context(|| format!("the generator no longer makes `{builder}::{setter}`"))?;
        let mut told = TellCause {
            name: setter,
            changed: 0,
        };
        told.visit_block_mut(&mut method.block);
        ensure!(
            told.changed == 1,
            "`{builder}::{setter}` of the generator no longer tells that its value was not taken"
        );
        let taken = taken(method).cloned();
        let taken =
            taken.with_context(|| format!("`{builder}::{setter}` of the generator no longer converts"))?;
        let predicates = &mut method.sig.generics.make_where_clause().predicates;
        predicates.push(parse_quote!(<V as std::convert::TryInto<#taken>>::Error: std::fmt::Display));
    }
    Ok(())
}

/// `map_err(|_| "…".to_string())` with the cause in it.
struct TellCause<'a> {
    name: &'a str,
    changed: usize,
}

impl VisitMut for TellCause<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        if call.method == "map_err"
            && let Some(Expr::Closure(closure)) = call.args.first_mut()
            && matches!(closure.inputs.first(), Some(syn::Pat::Wild(_)))
        {
            let message = format!("`{}`: {{error}}", self.name);
            *closure = parse_quote!(|error| format!(#message));
            self.changed += 1;
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }
}

/// The type that a setter converts what it takes into.
pub(super) fn taken(method: &ImplItemFn) -> Option<&Type> {
    bounds(method).find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound
                .path
                .segments
                .last()
                .filter(|segment| segment.ident == "TryInto")?;
            let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            match arguments.args.first() {
                Some(syn::GenericArgument::Type(ty)) => Some(ty),
                _ => None,
            }
        }
        _ => None,
    })
}

fn bounds(method: &ImplItemFn) -> impl Iterator<Item = &TypeParamBound> {
    let clause = method.sig.generics.where_clause.iter();
    let predicates = clause.flat_map(|clause| &clause.predicates);
    predicates
        .filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => Some(&predicate.bounds),
            _ => None,
        })
        .flatten()
}

/// The builders of types: `build`, which says what is built, and texts that may be left out from any kind of text.
pub(super) fn of_types(items: &mut [Item]) -> Result<()> {
    let mut built = 0;
    for item in items {
        let Item::Impl(item) = item else { continue };
        if item.trait_.is_some() {
            continue;
        }
        for item in &mut item.items {
            if let syn::ImplItem::Fn(method) = item
                && is_optional_text(method)
            {
                take_texts(method);
            }
        }
        let ty = &item.self_ty;
        item.items.push(parse_quote! {
            /// The value, if everything that is required is set and every value was taken.
            pub fn build(self) -> ::std::result::Result<super::#ty, super::error::ConversionError> {
                ::std::convert::TryFrom::try_from(self)
            }
        });
        built += 1;
    }
    ensure!(built > 0, "the generator no longer makes builders of types");
    Ok(())
}

fn is_optional_text(method: &ImplItemFn) -> bool {
    let inner = taken(method).and_then(|taken| arguments(taken, "Option"));
    let text: Type = parse_quote!(::std::string::String);
    matches!(inner.as_deref(), Some([inner]) if **inner == text)
}

/// `&str` converts into no `Option<String>`, so these setters take what we say is a text.
fn take_texts(method: &mut ImplItemFn) {
    let name = &method.sig.ident;
    *method = parse_quote! {
        pub fn #name(mut self, value: impl crate::OptionalText) -> Self {
            self.#name = Ok(value.into_optional_text());
            self
        }
    };
}
