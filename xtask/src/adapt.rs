//! What we change in the generator's output, each step with the reason for it.
//!
//! A step that changes what a call does fails when it no longer finds what it changes, so that a new version of the
//! generator cannot slip past it.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use quote::ToTokens as _;
use syn::{
    Attribute, Block, Expr, File, Ident, ImplItem, Item, ItemImpl, ItemMod, Path, Stmt, Visibility,
    parse_quote,
    visit_mut::{self, VisitMut},
};

use crate::{document::Document, enums};

/// The derive as it is asked of the generator; [`OptionalSchemas`] then puts it behind the crate's feature.
pub(crate) const JSON_SCHEMA: &str = "schemars::JsonSchema";

/// The generated client.
pub(crate) fn client(mut file: File, document: &Document) -> Result<File> {
    replace_enums(&mut file, document)?;
    link_to_transport(&mut file)?;
    keep_construction_private(&mut file)?;
    keep_base_url_private(&mut file)?;
    drop_api_version(&mut file)?;
    take_any_success(&mut file)?;
    drop_prelude(&mut file);
    add_open(&mut file, document)?;
    read_values_liberally(&mut file);
    OptionalSchemas.visit_file_mut(&mut file);
    MayGrow.visit_file_mut(&mut file);
    Documented::new(document).visit_file_mut(&mut file);
    ExamplesAsText.visit_file_mut(&mut file);
    Ok(file)
}

/// The typed mocks.
pub(crate) fn mocks(mut file: File) -> Result<File> {
    escape_paths(&mut file)?;
    Documented::default().visit_file_mut(&mut file);
    Ok(file)
}

/// Puts our enums of strings in the place of the generator's.
fn replace_enums(file: &mut File, document: &Document) -> Result<()> {
    let enums = enums::find(document)?;
    let types = module(file, "types")?;
    let is_ours = |ident: &Ident| enums.iter().any(|one| one.name == *ident);
    let before = types.len();
    types.retain(|item| match item {
        Item::Enum(item) => !is_ours(&item.ident),
        Item::Impl(item) => !self_ident(item).is_some_and(is_ours),
        _ => true,
    });
    ensure!(
        enums.is_empty() || types.len() < before,
        "the generator made no enum of strings to replace"
    );
    // In front: items after a module would stand away from the types.
    types.splice(0..0, enums.iter().flat_map(|one| one.items()));
    Ok(())
}

/// Links the operations to our own transport instead of `progenitor-client`, whose error type loses the status of an
/// error body that is not JSON, prints headers and payloads, and whose `exec` hook can report nothing but a
/// `reqwest::Error`. Ours bears the same names, and one error type for everything.
fn link_to_transport(file: &mut File) -> Result<()> {
    struct Link {
        calls: usize,
    }
    impl VisitMut for Link {
        fn visit_path_mut(&mut self, path: &mut Path) {
            let names: Vec<_> = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            let constructor = match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["Error", "InvalidRequest"] => Some("invalid_request"),
                ["Error", "ErrorResponse"] => Some("error_response"),
                ["Error", "UnexpectedResponse"] => Some("unexpected_response"),
                ["Error"] => {
                    // The one error type has no parameter for the body.
                    path.segments[0].arguments = syn::PathArguments::None;
                    None
                }
                _ => None,
            };
            if let Some(constructor) = constructor {
                self.calls += 1;
                path.segments[1].ident = Ident::new(constructor, path.segments[1].ident.span());
            }
            visit_mut::visit_path_mut(self, path);
        }
    }
    let uses: [(&str, Item); 2] = [
        (
            "use progenitor_client",
            parse_quote! { use crate::transport::{ClientHooks, ClientInfo, Error, OperationInfo, ResponseValue, encode_path}; },
        ),
        (
            "use super :: {",
            parse_quote! { use super::{ClientHooks as _, Error, OperationInfo, ResponseValue, encode_path}; },
        ),
    ];
    let [(top_start, top), (builder_start, builder)] = uses;
    let is_use = |item: &Item, start: &str| matches!(item, Item::Use(item) if item.tree.to_token_stream().to_string().starts_with(start.trim_start_matches("use ")));
    let before = file.items.len();
    file.items.retain(|item| !is_use(item, top_start));
    ensure!(
        file.items.len() + 2 == before,
        "the generator no longer imports progenitor_client as it did"
    );
    file.items.insert(0, top);
    let items = module(file, "builder")?;
    let before = items.len();
    items.retain(|item| !is_use(item, builder_start));
    ensure!(
        items.len() + 1 == before,
        "the generator's builders no longer import as they did"
    );
    items.insert(0, builder);

    let mut link = Link { calls: 0 };
    // The builders of plain types have an `Error` of their own; only the client's side is linked.
    for item in &mut file.items {
        if !matches!(item, Item::Mod(item) if item.ident == "types") {
            link.visit_item_mut(item);
        }
    }
    ensure!(link.calls > 0, "the generator no longer reports errors as it did");
    Ok(())
}

/// `Client::builder()` is the one door: the generator's `new` would panic where a builder reports an error.
fn keep_construction_private(file: &mut File) -> Result<()> {
    let mut changed = 0;
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        item.items
            .retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new"));
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item
                && method.sig.ident == "new_with_client"
            {
                method.vis = parse_quote!(pub(crate));
                changed += 1;
            }
        }
    }
    ensure!(changed == 1, "the generator no longer makes `new_with_client`");
    Ok(())
}

/// The base URL of a gateway may hold a key, so `Debug` of the client is written by hand, beside what it carries along.
fn keep_base_url_private(file: &mut File) -> Result<()> {
    let mut changed = 0;
    for item in &mut file.items {
        let Item::Struct(item) = item else { continue };
        if item.ident != "Client" {
            continue;
        }
        for attribute in &mut item.attrs {
            if attribute.path().is_ident("derive") {
                *attribute = parse_quote!(#[derive(Clone)]);
                changed += 1;
            }
        }
    }
    ensure!(
        changed == 1,
        "the generator no longer derives what its client needs"
    );
    Ok(())
}

/// Calls carry a header `api-version` that no official client sends. Where it was the only header of an operation, the
/// map that was made for it goes too.
fn drop_api_version(file: &mut File) -> Result<()> {
    struct Headers {
        dropped: usize,
    }
    struct Unsent;
    impl VisitMut for Unsent {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            if let Expr::MethodCall(call) = expression
                && call.method == "headers"
            {
                *expression = (*call.receiver).clone();
            }
            visit_mut::visit_expr_mut(self, expression);
        }
    }
    impl VisitMut for Headers {
        fn visit_block_mut(&mut self, block: &mut Block) {
            let text = |statement: &Stmt| statement.to_token_stream().to_string();
            let before = block.stmts.len();
            block.stmts.retain(|statement| {
                !(text(statement).starts_with("header_map") && text(statement).contains("\"api-version\""))
            });
            if block.stmts.len() < before {
                self.dropped += 1;
                if !block
                    .stmts
                    .iter()
                    .any(|statement| text(statement).contains("header_map . append"))
                {
                    block
                        .stmts
                        .retain(|statement| !text(statement).starts_with("let mut header_map"));
                    Unsent.visit_block_mut(block);
                }
            }
            visit_mut::visit_block_mut(self, block);
        }
    }
    let mut headers = Headers { dropped: 0 };
    headers.visit_file_mut(file);
    ensure!(
        headers.dropped > 0,
        "the generator no longer sends `api-version` as it did"
    );
    Ok(())
}

/// Every success status is handed to the decoder of the documented ones: the service may answer 201 or 202 to anything,
/// and what its body holds tells whether it is the documented answer.
fn take_any_success(file: &mut File) -> Result<()> {
    #[derive(Default)]
    struct Successes {
        matches: usize,
        differing: Option<String>,
    }
    impl VisitMut for Successes {
        fn visit_expr_match_mut(&mut self, matching: &mut syn::ExprMatch) {
            visit_mut::visit_expr_match_mut(self, matching);
            let on = matching.expr.to_token_stream().to_string();
            if on != "response . status () . as_u16 ()" {
                return;
            }
            self.matches += 1;
            let is_success = |arm: &syn::Arm| success_statuses(&arm.pat);
            let Some(first) = matching.arms.iter().position(is_success) else {
                return;
            };
            let body = |arm: &syn::Arm| arm.body.to_token_stream().to_string();
            let decoder = body(&matching.arms[first]);
            let other = matching
                .arms
                .iter()
                .find(|arm| is_success(arm) && body(arm) != decoder);
            self.differing = self.differing.take().or(other.map(body));
            matching.arms[first].pat = parse_quote!(200u16..=299u16);
            let mut place = 0;
            matching.arms.retain(|arm| {
                place += 1;
                place - 1 <= first || !is_success(arm)
            });
        }
    }
    let mut successes = Successes::default();
    successes.visit_file_mut(file);
    ensure!(
        successes.matches > 0,
        "the generator no longer matches statuses as it did"
    );
    match successes.differing {
        None => Ok(()),
        Some(other) => {
            bail!("the generator decodes two successes of one operation in two ways, one by `{other}`")
        }
    }
}

/// Whether a pattern is of nothing but 2xx statuses.
fn success_statuses(pattern: &syn::Pat) -> bool {
    let is_success = |status: &Expr| {
        let Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(status),
            ..
        }) = status
        else {
            return false;
        };
        status
            .base10_parse::<u16>()
            .is_ok_and(|status| (200..300).contains(&status))
    };
    match pattern {
        syn::Pat::Lit(literal) => is_success(&Expr::Lit(literal.clone())),
        syn::Pat::Or(either) => either.cases.iter().all(success_statuses),
        syn::Pat::Range(range) => [&range.start, &range.end]
            .into_iter()
            .all(|end| end.as_deref().is_some_and(is_success)),
        _ => false,
    }
}

/// An operation that the document marks `x-streamed: true` gets a method `open` beside `send`: the same request, but an
/// answer whose body is still to be read.
fn add_open(file: &mut File, document: &Document) -> Result<()> {
    let builder = module(file, "builder")?;
    for operation in &document.streamed_operations() {
        let mut added = false;
        for item in builder.iter_mut() {
            let Item::Impl(item) = item else { continue };
            let send = item.items.iter().find_map(|item| match item {
                ImplItem::Fn(method) if method.sig.ident == "send" && names_operation(method, operation) => {
                    Some(method)
                }
                _ => None,
            });
            if let Some(open) = send.and_then(opening) {
                item.items.push(ImplItem::Fn(open));
                added = true;
            }
        }
        ensure!(
            added,
            "the generator no longer writes `send` of {operation} as it did"
        );
    }
    Ok(())
}

fn names_operation(method: &syn::ImplItemFn, operation: &str) -> bool {
    let text = method.block.to_token_stream().to_string();
    text.contains(&format!("operation_id : \"{operation}\""))
}

/// `send` up to where the request is sent, and an answer that is left open.
fn opening(send: &syn::ImplItemFn) -> Option<syn::ImplItemFn> {
    let mut open = send.clone();
    let sent = open.block.stmts.iter().position(|statement| {
        statement
            .to_token_stream()
            .to_string()
            .contains("client . exec (")
    })?;
    open.block.stmts.truncate(sent);
    open.block
        .stmts
        .push(Stmt::Expr(parse_quote!(client.open(request, &info).await), None));
    open.sig.ident = Ident::new("open", send.sig.ident.span());
    open.sig.output = parse_quote!(-> Result<crate::transport::Head, Error>);
    open.vis = parse_quote!(pub(crate));
    open.attrs =
        vec![parse_quote!(#[doc = " Sends the request, and leaves the body of a good answer to be read."])];
    Some(open)
}

/// Whole numbers and dates are read by the crate's own readers, as streamed rows are: the derived ones refuse `8.0` and a
/// date without a time.
fn read_values_liberally(file: &mut File) {
    struct Values;
    impl VisitMut for Values {
        fn visit_item_mod_mut(&mut self, item: &mut ItemMod) {
            // Builders are not read from JSON.
            if item.ident == "types" {
                visit_mut::visit_item_mod_mut(self, item);
            }
        }

        fn visit_field_mut(&mut self, field: &mut syn::Field) {
            let ty = field.ty.to_token_stream().to_string().replace(' ', "");
            let reader = match ty.as_str() {
                "::std::option::Option<i64>" | "::std::option::Option<i32>" => "crate::values::whole_number",
                "::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>" => {
                    "crate::values::date_time"
                }
                _ => return,
            };
            field
                .attrs
                .push(parse_quote!(#[serde(default, deserialize_with = #reader)]));
        }
    }
    Values.visit_file_mut(file);
}

/// The crate names its exports itself.
fn drop_prelude(file: &mut File) {
    file.items
        .retain(|item| !matches!(item, Item::Mod(item) if item.ident == "prelude"));
}

/// Puts the JSON Schema derive behind the crate's feature `schemars`.
struct OptionalSchemas;

impl VisitMut for OptionalSchemas {
    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        for index in 0..item.attrs.len() {
            let attribute = &item.attrs[index];
            let derives = derives(attribute);
            let kept: Vec<_> = derives
                .iter()
                .filter(|path| path_text(path) != JSON_SCHEMA)
                .collect();
            if kept.len() < derives.len() {
                item.attrs[index] = parse_quote!(#[derive(#(#kept),*)]);
                let derive: Path = syn::parse_str(JSON_SCHEMA).expect("it is a path");
                item.attrs.insert(
                    index + 1,
                    parse_quote!(#[cfg_attr(feature = "schemars", derive(#derive))]),
                );
                return;
            }
        }
    }
}

fn derives(attribute: &Attribute) -> Vec<Path> {
    if !attribute.path().is_ident("derive") {
        return Vec::new();
    }
    let parser = syn::punctuated::Punctuated::<Path, syn::Token![,]>::parse_terminated;
    attribute
        .parse_args_with(parser)
        .map(|paths| paths.into_iter().collect())
        .unwrap_or_default()
}

fn path_text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// Structs of the API get fields over time; without this, each new one would break code that builds them by name.
struct MayGrow;

impl VisitMut for MayGrow {
    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        let named = matches!(&item.fields, syn::Fields::Named(fields) if fields.named.iter().all(|field| matches!(field.vis, Visibility::Public(_))));
        if named && matches!(item.vis, Visibility::Public(_)) {
            item.attrs.push(parse_quote!(#[non_exhaustive]));
        }
    }
}

/// Documents what the generator leaves bare: fields behind a `$ref`, setters, constructors, answers of mocks.
#[derive(Default)]
struct Documented {
    /// Descriptions of the document's schemas by name.
    schemas: BTreeMap<String, String>,
    /// Where the visitor is: names of the enclosing modules.
    modules: Vec<String>,
}

impl Documented {
    fn new(document: &Document) -> Self {
        let described = |(name, schema): (&str, &serde_json::Value)| {
            Some((name.to_owned(), schema["description"].as_str()?.to_owned()))
        };
        Self {
            schemas: document.schemas().filter_map(described).collect(),
            modules: Vec::new(),
        }
    }

    fn method_doc(&self, method: &syn::ImplItemFn) -> String {
        let name = method.sig.ident.to_string();
        let is_setter = method.sig.inputs.len() == 2;
        match name.as_str() {
            "new" if self.modules.last().is_some_and(|module| module == "operations") => {
                "Wraps the untyped half of a mock.".to_owned()
            }
            "new" => "Starts with nothing set.".to_owned(),
            "builder" => "Starts building a value; only what is set is sent.".to_owned(),
            "into_inner" => "The untyped half, to deviate from what the API allows.".to_owned(),
            "body_map" => "Changes the body's builder in place.".to_owned(),
            _ => match answered_status(method) {
                Some(status) => format!("Answers with status {status} and `value` as JSON."),
                None if self.modules.last().is_some_and(|module| module == "operations") => {
                    format!("Matches requests with this `{name}`.")
                }
                None if is_setter => format!("Sets `{name}`."),
                None => String::new(),
            },
        }
    }
}

/// The status that a mock's answer is built with.
fn answered_status(method: &syn::ImplItemFn) -> Option<String> {
    let body = method.block.to_token_stream().to_string();
    let (_, rest) = body.split_once(". status (")?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    (!digits.is_empty()).then_some(digits)
}

impl VisitMut for Documented {
    fn visit_item_mod_mut(&mut self, item: &mut ItemMod) {
        let name = item.ident.to_string();
        let doc = match name.as_str() {
            "builder" => "Builders, one for each type: only what is set is sent.",
            "error" => "What a conversion can fail with.",
            _ => "",
        };
        add_doc(&mut item.attrs, doc);
        self.modules.push(name);
        visit_mut::visit_item_mod_mut(self, item);
        self.modules.pop();
    }

    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        let name = item.ident.to_string();
        let doc = match self.modules.last().map(String::as_str) {
            Some("builder") => format!("Builds [`super::{name}`]."),
            Some("operations") if name.ends_with("When") => {
                "What a request has to look like to be answered.".to_owned()
            }
            Some("operations") => "The answer to a request.".to_owned(),
            _ => String::new(),
        };
        add_doc(&mut item.attrs, &doc);
        for field in &mut item.fields {
            let ty = field.ty.to_token_stream().to_string();
            let named = self
                .schemas
                .iter()
                .find(|(name, _)| ty.ends_with(&format!("< {name} >")));
            add_doc(&mut field.attrs, named.map_or("", |(_, doc)| doc));
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        if item.trait_.is_some() {
            return;
        }
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item {
                let doc = self.method_doc(method);
                add_doc(&mut method.attrs, &doc);
            }
        }
    }

    fn visit_trait_item_fn_mut(&mut self, item: &mut syn::TraitItemFn) {
        let doc = format!("Mocks the operation `{}`.", item.sig.ident);
        add_doc(&mut item.attrs, &doc);
    }
}

fn add_doc(attributes: &mut Vec<Attribute>, doc: &str) {
    let has_doc = attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("doc"));
    if !has_doc && !doc.is_empty() {
        let doc = format!(" {doc}");
        attributes.insert(0, parse_quote!(#[doc = #doc]));
    }
}

/// The generator's examples cannot be compiled, as it does not know the crate's name. As text they are not counted as
/// ignored tests.
struct ExamplesAsText;

impl VisitMut for ExamplesAsText {
    fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
        if literal.value().contains("```ignore\n") {
            *literal = syn::LitStr::new(
                &literal.value().replace("```ignore\n", "```text\n"),
                literal.span(),
            );
        }
    }
}

/// A path parameter is matched as it stands in the URL: percent-encoded, and no pattern.
fn escape_paths(file: &mut File) -> Result<()> {
    struct Escape(usize);
    impl VisitMut for Escape {
        fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
            let text = call.tokens.to_string();
            if call.path.is_ident("format")
                && let Some(head) = text.strip_suffix("value . to_string ()")
            {
                let head: proc_macro2::TokenStream = head.parse().expect("it was tokens before");
                call.tokens = quote::quote!(#head crate::path_pattern(&value.to_string()));
                self.0 += 1;
            }
        }
    }
    let mut escape = Escape(0);
    escape.visit_file_mut(file);
    ensure!(
        escape.0 > 0,
        "the generator's mocks no longer match path parameters as they did"
    );
    Ok(())
}

fn self_ident(item: &ItemImpl) -> Option<&Ident> {
    match &*item.self_ty {
        syn::Type::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

fn module<'a>(file: &'a mut File, name: &str) -> Result<&'a mut Vec<Item>> {
    let found = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(item) if item.ident == name => item.content.as_mut(),
        _ => None,
    });
    found
        .map(|(_, items)| items)
        .ok_or_else(|| anyhow::anyhow!("the generator made no module `{name}`"))
}
