//! Documentation of the typed mocks.

use syn::{Expr, ExprLit, File, ImplItem, ImplItemFn, Item, Lit, visit::Visit};

use super::attributes::add;

/// Documents the typed mocks, which the generator does not.
pub(crate) fn of_mocks(file: &mut File) {
    for item in &mut file.items {
        match item {
            Item::Mod(module) => {
                let items = module.content.as_mut().map(|(_, items)| items);
                items.into_iter().flatten().for_each(of_mock);
            }
            Item::Trait(item) => {
                for item in &mut item.items {
                    if let syn::TraitItem::Fn(method) = item {
                        let doc = format!("Mocks the operation `{}`.", method.sig.ident);
                        add(&mut method.attrs, &doc);
                    }
                }
            }
            _ => {}
        }
    }
}

fn of_mock(item: &mut Item) {
    match item {
        Item::Struct(item) => {
            let is_request = item.ident.to_string().ends_with("When");
            let doc = match is_request {
                true => "The request that a mock matches.",
                false => "The response of a mock.",
            };
            add(&mut item.attrs, doc);
        }
        Item::Impl(item) if item.trait_.is_none() => {
            for item in &mut item.items {
                if let ImplItem::Fn(method) = item {
                    let doc = doc_of_mock(method);
                    add(&mut method.attrs, &doc);
                }
            }
        }
        _ => {}
    }
}

fn doc_of_mock(method: &ImplItemFn) -> String {
    let name = method.sig.ident.to_string();
    let has_value = |name: &str| {
        method.sig.inputs.iter().any(|input| {
            matches!(input, syn::FnArg::Typed(input) if matches!(&*input.pat, syn::Pat::Ident(pattern) if pattern.ident == name))
        })
    };
    let body = if has_value("value") {
        ", and `value` as JSON"
    } else {
        " and no body"
    };
    match (name.as_str(), status(method)) {
        ("new", _) => "Wraps the untyped part of a mock.".to_owned(),
        ("into_inner", _) => {
            "The untyped part, for requests and responses that the document does not have.".to_owned()
        }
        (_, Some(status)) => format!("Responds with status {status}{body}."),
        _ if has_value("status") => format!("Responds with this status{body}."),
        _ => format!("Matches requests with this `{name}`."),
    }
}

/// The status in the code of a response.
fn status(method: &ImplItemFn) -> Option<String> {
    struct Status(Option<String>);
    impl<'a> Visit<'a> for Status {
        fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
            if call.method == "status"
                && let Some(Expr::Lit(ExprLit {
                    lit: Lit::Int(status),
                    ..
                })) = call.args.first()
            {
                self.0 = Some(status.base10_digits().to_owned());
            }
            syn::visit::visit_expr_method_call(self, call);
        }
    }
    let mut status = Status(None);
    status.visit_impl_item_fn(method);
    status.0
}
