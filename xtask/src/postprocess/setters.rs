//! The setters of operations: the error says why a value was refused.

use anyhow::{Context as _, Result, ensure};
use syn::{
    Expr, Item, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::syntax::{method, taken};
use crate::document::{names, operations::Operation};

pub(super) fn apply(items: &mut [Item], operation: &Operation<'_>) -> Result<()> {
    let builder = names::of_builder(operation.id).unwrap_or_default();
    for parameter in &operation.parameters {
        let setter = &parameter.setter;
        let method = method(items, &builder, setter)
            .with_context(|| format!("the generator no longer makes `{builder}::{setter}`"))?;
        let mut added = AddCause {
            name: setter,
            changed: 0,
        };
        added.visit_block_mut(&mut method.block);
        ensure!(
            added.changed == 1,
            "`{builder}::{setter}` of the generator no longer says that its value was not taken"
        );
        let taken = taken(method).cloned();
        let taken =
            taken.with_context(|| format!("`{builder}::{setter}` of the generator no longer converts"))?;
        let predicates = &mut method.sig.generics.make_where_clause().predicates;
        predicates.push(parse_quote!(<V as std::convert::TryInto<#taken>>::Error: std::fmt::Display));
    }
    Ok(())
}

/// Adds the cause to `map_err(|_| "…".to_string())`.
struct AddCause<'a> {
    name: &'a str,
    changed: usize,
}

impl VisitMut for AddCause<'_> {
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
