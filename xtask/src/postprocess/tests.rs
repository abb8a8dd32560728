//! Each step notices when the output of the generator has changed: it gets code without the part that it changes.

use super::*;
use crate::{
    codegen::tokens,
    simplify::{Simple, simplify},
};

const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets/{kind}.list:
    post:
      operationId: listPets
      x-streamed: true
      x-retry-internal-error: true
      x-final-internal-errors: [pets.hidden]
      x-inin-requires-permissions: {type: ALL, permissions: [pets:view, pets:list]}
      parameters:
        - {name: kind, in: path, required: true, schema: {type: string}, description: Which pets}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: X-Trace, in: header, required: true, schema: {type: string}}
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses:
        '200': {description: Pets, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '404': {description: None}
components:
  schemas:
    Size: {type: string, enum: [S, M]}
    Pet:
      type: object
      required: [legs]
      properties:
        size: {$ref: '#/components/schemas/Size'}
        name: {type: string}
        legs: {type: integer, nullable: true}
        born: {type: string, format: date-time}
        seen: {type: string, format: date}
"##;

struct Raw {
    document: Document,
    simple: Simple,
    client: String,
    mocks: String,
}

fn raw() -> Raw {
    let document = Document::parse(DOCUMENT).unwrap();
    let simple = simplify(&document).unwrap();
    let client = tokens(&simple.client, |generator, spec| generator.generate_tokens(spec)).unwrap();
    let mocks = tokens(&simple.mocks, |generator, spec| {
        generator.httpmock(spec, "usage_client")
    });
    let text = |tokens| prettyplease::unparse(&syn::parse2(tokens).unwrap());
    Raw {
        client: text(client),
        mocks: text(mocks.unwrap()),
        document,
        simple,
    }
}

/// Changes of the generated client: a text, another in its place, and a part of the error.
const CHANGED_CLIENTS: &str = "
use progenitor_client::{ => use progenitor::{ => two imports of its runtime
impl ClientInfo< => impl Info< => `impl ClientInfo`
const _: () = => const CHECK: () = => a check of hooks
pub mod prelude { => pub mod exports { => a prelude
pub fn new_with_client( => pub fn with( => `new_with_client`
pub struct Client { => pub struct Service { => the struct `Client`
pub mod types { => pub mod models { => no module `types`
pub enum Size { => pub enum Sizes { => no enum `Size`
schemars::JsonSchema => schemars::Schema => no longer derives
client: &'a super::Client => client: std::sync::Arc<super::Client> => with a client
pub async fn send( => pub async fn call( => `ListPets::send`
let Self { client, => let client = self.client; let Self { => taking its values apart
let url = format! => let url = concat! => taking its values apart
Result<ResponseValue<types::Pet>, => Result<Response<types::Pet>, => returns `ResponseValue`
use super::types; => use crate::types; => no longer import
pub fn limit<V> => pub fn set_limit<V> => `ListPets::limit`
.map_err(|_| { => .map_err(|_error| { => its value was not taken
V: std::convert::TryInto<i64> => V: Into<i64> => no longer converts
";

/// The same for the mocks.
const CHANGED_MOCKS: &str = "
pub mod operations { => pub mod mocks { => no module `operations`
pub fn kind( => pub fn of_kind( => `ListPetsWhen::kind`
.json_body_obj(value) => .json(value) => has 0 JSON bodies where the document has 1
";

fn rows(table: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    table.trim().lines().map(|line| {
        let (from, rest) = line.split_once(" => ").unwrap();
        let (to, told) = rest.split_once(" => ").unwrap();
        (from, to, told)
    })
}

#[test]
fn a_generator_that_writes_something_else_is_noticed() {
    let raw = raw();
    let client = |text: &str| client(syn::parse_file(text).unwrap(), &raw.document, &raw.simple.enums);
    client(&raw.client).unwrap();
    for (from, to, told) in rows(CHANGED_CLIENTS) {
        assert!(raw.client.contains(from), "`{from}` is not in the output");
        let changed = raw.client.replace(from, to);
        let error = format!("{:#}", client(&changed).expect_err(from));
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn mocks_that_are_written_in_another_way_are_noticed() {
    let raw = raw();
    let mocks = |text: &str| mocks(syn::parse_file(text).unwrap(), &raw.document);
    let code = prettyplease::unparse(&mocks(&raw.mocks).unwrap());
    for part in [
        r#"crate::path_with("/pets/", &value, "\\.list")"#,
        r#".query_param("limit", crate::text(&value))"#,
        r#".header("X-Trace", crate::text(&value))"#,
        ".json_body(crate::json(&value))",
    ] {
        assert!(code.contains(part), "{part}: {code}");
    }
    for (from, to, told) in rows(CHANGED_MOCKS) {
        assert!(raw.mocks.contains(from), "`{from}` is not in the output");
        let error = format!("{:#}", mocks(&raw.mocks.replace(from, to)).expect_err(from));
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn what_the_steps_change_is_as_it_is_meant_to_be() {
    let raw = raw();
    let (types, client) = client(
        syn::parse_file(&raw.client).unwrap(),
        &raw.document,
        &raw.simple.enums,
    )
    .unwrap();
    // Long lines are wrapped.
    let joined = |text: &str| text.split_whitespace().collect::<String>();
    let code = [types, client]
        .map(|file| joined(&prettyplease::unparse(&file)))
        .concat();
    for part in [
        // What is sent.
        r#"crate::http::request::path_part("kind", &kind)?"#,
        r#".query(&[("limit", &limit)])"#,
        r#"("X-Trace", crate::http::request::text(&x_trace))"#,
        ".json(&body)",
        r#"const OPERATION: Operation = Operation { id: "list_pets", permissions: "pets:view and pets:list",
            retry_internal_error: true, final_internal_errors: &["pets.hidden"], is_large: true, };"#,
        "ResponseValue::from_response(client.call(request, Self::OPERATION).await?)",
        "pub(crate) async fn open<A: crate::http::send::ReadResponse>(self,) -> Result<A, Error> {
            let (client, request) = self.into_request()?;
            client.call(request, Self::OPERATION).await",
        "pub(crate) fn new_with_client(",
        // How values are read.
        r#"#[serde(deserialize_with = "crate::fields::read::whole_number")]"#,
        r#"#[serde(default, deserialize_with = "crate::fields::read::date_time")]"#,
        r#"#[serde(default, deserialize_with = "crate::fields::read::day")]"#,
        // What setters accept, and their documentation.
        "pub fn name(mut self, value: impl crate::OptionalText) -> Self {",
        "pub fn build(",
        "format!(\"`limit`: {error}\")",
        "Sets `kind`: Which pets",
        r#"#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]"#,
        "#[non_exhaustive]",
        "```text",
    ] {
        assert!(code.contains(&joined(part)), "{part}: {code}");
    }
    for gone in [
        "progenitor_client",
        "api-version",
        "pub fn new(baseurl",
        "pub mod prelude",
        "```ignore",
        "#[derive(Clone, Debug)]\npub struct Client",
    ] {
        assert!(!code.contains(&joined(gone)), "{gone}: {code}");
    }
}
