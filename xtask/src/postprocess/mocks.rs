//! The typed mocks: they match values as the client sends them, percent-encoded in paths and once for each item of a list.

use anyhow::{Context as _, Result, ensure};
use heck::ToUpperCamelCase as _;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Block, Expr, ExprMethodCall, File, Item, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::syntax::{method, methods};
use crate::document::{
    operations::{Location, Operation, Parameter},
    paths::{self, Part},
};

/// Changes what the mock of an operation matches and responds.
pub(super) fn apply(items: &mut [Item], operation: &Operation<'_>) -> Result<()> {
    let name = operation.method.to_upper_camel_case();
    let request = format!("{name}When");
    for parameter in &operation.parameters {
        let setter = &parameter.setter;
        let method = method(items, &request, setter)
            .with_context(|| format!("the generator no longer makes `{request}::{setter}`"))?;
        method.block = matching(operation, parameter);
    }
    let responses = operation.successes.iter().chain(&operation.errors);
    let bodies = responses.filter(|response| response.schema.is_some()).count();
    for (of, expected) in [
        (request, operation.body.iter().count()),
        (format!("{name}Then"), bodies),
    ] {
        let mut json = Json { changed: 0 };
        for method in methods(items, &of) {
            json.visit_block_mut(&mut method.block);
        }
        ensure!(
            json.changed == expected,
            "`{of}` of the generator has {} JSON bodies where the document has {expected}",
            json.changed
        );
    }
    Ok(())
}

/// The body of a method that matches a parameter.
fn matching(operation: &Operation<'_>, parameter: &Parameter<'_>) -> Block {
    let name = parameter.name;
    let (matches, missing) = match (parameter.location, parameter.is_list) {
        (Location::Path, _) => {
            let (before, after) = around(operation.path, name);
            return parse_quote!({ Self(self.0.path_matches(crate::path_with(#before, &value, #after))) });
        }
        (Location::Header, _) => (
            quote!(self.0.header(#name, crate::text(&value))),
            quote!(header_missing),
        ),
        (Location::Query, false) => (
            quote!(self.0.query_param(#name, crate::text(&value))),
            quote!(query_param_missing),
        ),
        (Location::Query, true) => (
            quote!(value.iter().fold(self.0, |when, item| when.query_param(#name, crate::text(item)))),
            quote!(query_param_missing),
        ),
    };
    match parameter.is_required {
        true => parse_quote!({ Self(#matches) }),
        false => parse_quote!({
            if let Some(value) = value.into() {
                Self(#matches)
            } else {
                Self(self.0.#missing(#name))
            }
        }),
    }
}

/// The patterns of a path before and after a parameter.
fn around(path: &str, name: &str) -> (String, String) {
    let parts = paths::parts(path);
    let mut sides = parts
        .splitn(2, |part| *part == Part::Parameter(name))
        .map(pattern);
    let mut side = || sides.next().unwrap_or_default();
    (side(), side())
}

fn pattern(parts: &[Part<'_>]) -> String {
    let part = |part: &Part<'_>| match part {
        Part::Constant(text) => text.replace('.', "\\."),
        Part::Parameter(_) => "[^/]*".to_owned(),
    };
    parts.iter().map(part).collect()
}

/// Makes bodies JSON values, because the generator's way does not accept `str`, which is unsized.
struct Json {
    changed: usize,
}

impl VisitMut for Json {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        if call.method == "json_body_obj" {
            let body: Option<&Expr> = call.args.first();
            let body: TokenStream = quote!(crate::json(&#body));
            call.method = syn::Ident::new("json_body", call.method.span());
            call.args = std::iter::once::<Expr>(parse_quote!(#body)).collect();
            self.changed += 1;
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }
}

/// The crate of the mocks does not depend on chrono, so it uses that of the client.
pub(super) fn rename_paths(file: &mut File) {
    struct Paths;
    impl VisitMut for Paths {
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            if path.leading_colon.is_some()
                && path.segments.first().is_some_and(|first| first.ident == "chrono")
            {
                path.segments.insert(0, parse_quote!(usage_client));
            }
            visit_mut::visit_path_mut(self, path);
        }
    }
    Paths.visit_file_mut(file);
}
