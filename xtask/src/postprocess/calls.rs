//! What a call sends and returns: the generator's builders, linked to our own runtime.

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Expr, ExprPath, Ident, ImplItem, ImplItemFn, Item, ReturnType, Stmt, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::syntax::{arguments, method, self_ident};
use crate::document::{
    names,
    operations::{Location, Operation, Parameter},
    paths::{self, Part},
};

/// Gives the builder of an operation our `send`, and `open` if the response can also be read while it arrives.
pub(super) fn apply(items: &mut [Item], operation: &Operation<'_>) -> Result<()> {
    let name = names::of_builder(operation.id).unwrap_or_default();
    let client = client_field(items, &name)
        .with_context(|| format!("the generator no longer makes the builder `{name}` with a client"))?;
    let send = method(items, &name, "send")
        .with_context(|| format!("the generator no longer makes `{name}::send`"))?;
    let checked = checked_values(send).with_context(|| {
        format!("`{name}::send` of the generator no longer begins by taking its values apart")
    })?;
    let response = response(send)
        .with_context(|| format!("`{name}::send` of the generator no longer returns `ResponseValue`"))?;
    let decode = match operation.successes[0].schema {
        Some(_) => quote!(ResponseValue::from_response(
            client.call(request, Self::OPERATION).await?
        )),
        None => quote!(Ok(ResponseValue::empty(
            client.call(request, Self::OPERATION).await?
        ))),
    };
    send.block = parse_quote!({
        let (client, request) = self.into_request()?;
        #decode
    });
    send.sig.output = parse_quote!(-> Result<ResponseValue<#response>, Error>);
    let mut added = own_items(operation, &client, &checked);
    let builder = items.iter_mut().find_map(|item| match item {
        Item::Impl(item) if self_ident(item).is_some_and(|ident| *ident == name) => Some(item),
        _ => None,
    });
    builder
        .into_iter()
        .for_each(|builder| builder.items.append(&mut added));
    Ok(())
}

/// The other items of a builder: the description of its operation, the request, and `open`.
fn own_items(operation: &Operation<'_>, client: &Ident, checked: &[Stmt]) -> Vec<ImplItem> {
    let Operation {
        method: id,
        permissions,
        retry_internal_error,
        final_internal_errors,
        is_streamed,
        ..
    } = operation;
    let request = request(operation, client);
    let mut items: Vec<ImplItem> = vec![
        parse_quote! {
            const OPERATION: Operation = Operation {
                id: #id,
                permissions: #permissions,
                retry_internal_error: #retry_internal_error,
                final_internal_errors: &[#(#final_internal_errors),*],
                is_large: #is_streamed,
            };
        },
        parse_quote! {
            fn into_request(self) -> Result<(&'a super::Client, ::reqwest::Request), Error> {
                #(#checked)*
                #request
            }
        },
    ];
    if *is_streamed {
        items.push(parse_quote! {
            /// Sends the request. The type of the response decides whether the body of a success is read here or by the caller.
            pub(crate) async fn open<A: crate::http::send::ReadResponse>(self) -> Result<A, Error> {
                let (client, request) = self.into_request()?;
                client.call(request, Self::OPERATION).await
            }
        });
    }
    items
}

/// The field of a builder that holds the client. It is not called `client` if a parameter has this name.
fn client_field(items: &[Item], builder: &str) -> Option<Ident> {
    let client: Type = parse_quote!(&'a super::Client);
    let found = items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == builder => Some(item),
        _ => None,
    })?;
    let field = found.fields.iter().find(|field| field.ty == client)?;
    field.ident.clone()
}

/// The beginning of `send`, which takes the fields of the builder, or the error of their conversion.
fn checked_values(send: &ImplItemFn) -> Option<Vec<Stmt>> {
    struct Link;
    impl VisitMut for Link {
        fn visit_expr_path_mut(&mut self, path: &mut ExprPath) {
            let theirs: ExprPath = parse_quote!(Error::InvalidRequest);
            if *path == theirs {
                *path = parse_quote!(Error::invalid_request);
            }
            visit_mut::visit_expr_path_mut(self, path);
        }
    }
    let is_url = |statement: &Stmt| {
        let Stmt::Local(local) = statement else {
            return false;
        };
        matches!(&local.init, Some(init) if matches!(&*init.expr, Expr::Macro(call) if call.mac.path.is_ident("format")))
    };
    let end = send.block.stmts.iter().position(is_url)?;
    let mut checked = send.block.stmts[..end].to_vec();
    let takes_apart =
        matches!(checked.first(), Some(Stmt::Local(local)) if matches!(local.pat, syn::Pat::Struct(_)));
    checked
        .iter_mut()
        .for_each(|statement| Link.visit_stmt_mut(statement));
    takes_apart.then_some(checked)
}

/// The type of the response body.
fn response(send: &ImplItemFn) -> Option<Type> {
    let ReturnType::Type(_, output) = &send.sig.output else {
        return None;
    };
    let result = arguments(output, "Result")?;
    let body = arguments(result.first()?, "ResponseValue")?;
    body.first().map(|ty| (*ty).clone())
}

/// The expression that makes the request.
fn request(operation: &Operation<'_>, client: &Ident) -> TokenStream {
    let http_method = format_ident!("{}", operation.http_method);
    let url = url(operation, client);
    let accept = operation.successes[0].schema.is_some()
        || operation.errors.iter().any(|error| error.schema.is_some());
    let accept = accept.then(|| quote!(.header(::reqwest::header::ACCEPT, "application/json")));
    let queries = parameters(operation, Location::Query).map(query);
    let headers: Vec<_> = parameters(operation, Location::Header).map(header).collect();
    let headers =
        (!headers.is_empty()).then(|| quote!(.headers(crate::http::request::headers([#(#headers),*])?)));
    let body = operation.body.as_ref().map(|_| quote!(.json(&body)));
    quote! {
        let request = #client.client.#http_method(#url) #accept #(#queries)* #headers #body
            .build()
            .map_err(Error::without_response)?;
        Ok((#client, request))
    }
}

fn parameters<'a, 'd>(
    operation: &'a Operation<'d>,
    location: Location,
) -> impl Iterator<Item = &'a Parameter<'d>> {
    let parameters = operation.parameters.iter();
    parameters.filter(move |parameter| parameter.location == location)
}

fn url(operation: &Operation<'_>, client: &Ident) -> TokenStream {
    let mut format = "{}".to_owned();
    let mut values = Vec::new();
    for part in paths::parts(operation.path) {
        match part {
            Part::Constant(text) => format.push_str(text),
            Part::Parameter(name) => {
                format.push_str("{}");
                let setter = parameters(operation, Location::Path).find(|parameter| parameter.name == name);
                let setter = setter.map_or(name, |parameter| &parameter.setter);
                let value = format_ident!("{setter}");
                values.push(quote!(crate::http::request::path_part(#setter, &#value)?));
            }
        }
    }
    quote!(format!(#format, #client.baseurl, #(#values),*))
}

fn query(parameter: &Parameter<'_>) -> TokenStream {
    let (name, value) = (parameter.name, format_ident!("{}", parameter.setter));
    match (parameter.is_list, parameter.is_required) {
        (false, _) => quote!(.query(&[(#name, &#value)])),
        (true, true) => {
            quote!(.query(&#value.iter().map(|item| (#name, item)).collect::<::std::vec::Vec<_>>()))
        }
        (true, false) => {
            quote!(.query(&#value.iter().flat_map(|list| list.iter()).map(|item| (#name, item)).collect::<::std::vec::Vec<_>>()))
        }
    }
}

fn header(parameter: &Parameter<'_>) -> TokenStream {
    let (name, value) = (parameter.name, format_ident!("{}", parameter.setter));
    quote!((#name, crate::http::request::text(&#value)))
}
