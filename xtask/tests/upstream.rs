//! `cargo xtask upstream` on definitions that are made from the document, in both versions of OpenAPI, and changed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    io::{BufWriter, Read as _, Write as _},
    net::TcpListener,
    process::Command,
    thread,
};

use common::{root, the_document, workspace, xtask};
use serde_json::{Map, Value, json};

const SUBMIT: &str = "/api/v2/usage/query";
const RESULTS: &str = "/api/v2/usage/query/{executionId}/results";

/// What a run printed, and its exit code.
struct Seen {
    code: i32,
    out: String,
    err: String,
}

fn upstream(from: &str, arguments: &[&str]) -> Seen {
    let mut command = xtask("upstream");
    let output = command.args(["--from", from]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Seen {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A definition as the service might publish it.
struct Published {
    is_swagger: bool,
    value: Value,
}

impl Published {
    /// The document as it is, and as Swagger 2.0, without what only ours has.
    fn both() -> [Self; 2] {
        let document: Value = serde_saphyr::from_str(&the_document()).unwrap();
        let value = plain(&document);
        let swagger = swagger(&value);
        [
            Self {
                is_swagger: false,
                value,
            },
            Self {
                is_swagger: true,
                value: swagger,
            },
        ]
    }

    fn schema(&mut self, name: &str) -> &mut Value {
        match self.is_swagger {
            true => &mut self.value["definitions"][name],
            false => &mut self.value["components"]["schemas"][name],
        }
    }

    fn operation(&mut self, path: &str) -> &mut Value {
        let method = if path == SUBMIT { "post" } else { "get" };
        &mut self.value["paths"][path][method]
    }

    fn reference(&self, model: &str) -> Value {
        match self.is_swagger {
            true => json!({"$ref": format!("#/definitions/{model}")}),
            false => json!({"$ref": format!("#/components/schemas/{model}")}),
        }
    }

    fn answer(&self, model: &str) -> Value {
        self.answer_of(self.reference(model))
    }

    fn answer_of(&self, schema: Value) -> Value {
        match self.is_swagger {
            true => json!({"description": "Answer", "schema": schema}),
            false => json!({"description": "Answer", "content": {"application/json": {"schema": schema}}}),
        }
    }

    fn parameter(&self, name: &str, kind: &str, required: bool) -> Value {
        let mut parameter =
            json!({"name": name, "in": "query", "required": required, "description": "About it"});
        match self.is_swagger {
            true => parameter["type"] = json!(kind),
            false => parameter["schema"] = json!({"type": kind}),
        }
        parameter
    }

    fn add_parameter(&mut self, path: &str, name: &str, required: bool) {
        let parameter = self.parameter(name, "string", required);
        let operation = self.operation(path);
        if operation.get("parameters").is_none() {
            operation["parameters"] = json!([]);
        }
        operation["parameters"].as_array_mut().unwrap().push(parameter);
    }

    fn rename(&mut self, model: &str, name: &str) {
        let text = self.value.to_string();
        let text = text.replace(&format!("/{model}\""), &format!("/{name}\""));
        self.value =
            serde_json::from_str(&text.replace(&format!("\"{model}\":"), &format!("\"{name}\":"))).unwrap();
    }

    fn compared(&self, arguments: &[&str]) -> Seen {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("definition.json");
        fs::write(&file, self.value.to_string()).unwrap();
        upstream(file.to_str().unwrap(), arguments)
    }
}

/// Without our own extensions, `nullable`, and examples.
fn plain(value: &Value) -> Value {
    const OURS: [&str; 7] = [
        "x-open-enum",
        "x-retry-internal-error",
        "x-streamed",
        "nullable",
        "example",
        "examples",
        "headers",
    ];
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(key, _)| !OURS.contains(&key.as_str()));
            members.map(|(key, value)| (key.clone(), plain(value))).collect()
        }
        Value::Array(values) => values.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// The same as Swagger 2.0.
fn swagger(document: &Value) -> Value {
    let responses = &document["components"]["responses"];
    let mut paths = document["paths"].clone();
    for item in paths.as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for parameter in &mut parameters {
                let schema = parameter.as_object_mut().unwrap().remove("schema").unwrap();
                // What stands in a schema there stands in the parameter here, and a model is a string.
                let schema = schema
                    .as_object()
                    .filter(|schema| !schema.contains_key("$ref"))
                    .cloned();
                let schema = schema.unwrap_or_else(|| Map::from_iter([("type".to_owned(), json!("string"))]));
                parameter.as_object_mut().unwrap().extend(schema);
            }
            if let Some(body) = operation.as_object_mut().unwrap().remove("requestBody") {
                let schema = &body["content"]["application/json"]["schema"];
                parameters.push(json!({"in": "body", "name": "body", "required": true, "schema": schema}));
            }
            operation["parameters"] = json!(parameters);
            for response in operation["responses"].as_object_mut().unwrap().values_mut() {
                let name = response["$ref"]
                    .as_str()
                    .and_then(|reference| reference.rsplit('/').next());
                let whole = name.map_or_else(|| response.clone(), |name| responses[name].clone());
                let schema = &whole["content"]["application/json"]["schema"];
                *response = json!({"description": whole["description"], "schema": schema});
            }
        }
    }
    let swagger = json!({
        "swagger": "2.0",
        "info": {"title": "Genesys Cloud Platform API", "version": "v2"},
        "host": "api.mypurecloud.com",
        "basePath": "/",
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": paths,
        "definitions": document["components"]["schemas"],
    });
    let text = swagger
        .to_string()
        .replace("#/components/schemas/", "#/definitions/");
    serde_json::from_str(&text).unwrap()
}

/// What the document has.
fn counted() -> String {
    let document: Value = serde_saphyr::from_str(&the_document()).unwrap();
    let models = document["components"]["schemas"].as_object().unwrap().len();
    let paths = document["paths"].as_object().unwrap().values();
    let methods = ["get", "put", "post", "delete", "head", "patch"];
    let operations = paths.map(|path| methods.iter().filter(|method| path.get(method).is_some()).count());
    format!("{} operations and {models} models", operations.sum::<usize>())
}

#[test]
fn the_document_itself_does_not_differ() {
    for published in Published::both() {
        let seen = published.compared(&[]);
        assert_eq!((seen.code, seen.err.as_str()), (0, ""), "{}", seen.out);
        assert!(
            seen.out.contains(&counted()) && seen.out.ends_with("No difference.\n"),
            "{}",
            seen.out
        );
    }
}

#[test]
fn what_changes_no_generated_type_is_no_difference() {
    type Change = fn(&mut Published);
    let changes: [Change; 3] = [
        |published| published.schema("ApiUsageQuery")["properties"]["interval"]["format"] = json!("interval"),
        |published| published.schema("ApiUsageRow")["properties"]["templateUri"]["format"] = json!("uri"),
        |published| {
            let properties = published.schema("ApiUsageRow")["properties"]
                .as_object_mut()
                .unwrap();
            properties["requests"].as_object_mut().unwrap().remove("format");
        },
    ];
    for change in changes {
        for mut published in Published::both() {
            change(&mut published);
            let seen = published.compared(&[]);
            assert!(
                seen.code == 0 && seen.out.ends_with("No difference.\n"),
                "{}{}",
                seen.out,
                seen.err
            );
        }
    }
}

#[test]
fn a_definition_as_the_service_publishes_it_holds_nothing_breaking() {
    let file = workspace().join("xtask/tests/published.yml");
    let seen = upstream(file.to_str().unwrap(), &[]);
    let expected = "openapi/usage.yaml: COUNTED compared with Platform in small (Swagger 2.0).

Compatible:
  ApiUsageQuery
    is the model `ApiUsageOrganizationQuery` upstream
  ErrorDetail
    is the model `Detail` upstream
  ErrorLimit
    is the model `Limit` upstream
    field `namespace` is one of one, two, three, four, five and 5 others now
  GET /api/v2/oauth/clients/{id}/usage/query/results/{executionId}
    is an operation that the document does not have
  POST /api/v2/oauth/clients/{id}/usage/query
    is an operation that the document does not have (`postOauthClientUsageQuery`)
  POST /api/v2/usage/simplesearch
    is an operation that the document does not have

0 breaking, 7 compatible.
";
    let expected = expected.replace("COUNTED", &counted());
    assert!(
        (seen.code, seen.out.as_str(), seen.err.as_str()) == (0, &expected, ""),
        "expected:\n{expected}\nseen:\n{}{}\nWhat is new in openapi/usage.yaml belongs into xtask/tests/published.yml too.",
        seen.out,
        seen.err
    );
}

/// A change of what is published, the place and the words of the report, and whether it is breaking.
type Case = (fn(&mut Published), &'static str, &'static str, bool);

const CASES: &[Case] = &[
    (
        |published| published.rename("ApiUsageQuery", "ApiUsageOrganizationQuery"),
        "ApiUsageQuery",
        "is the model `ApiUsageOrganizationQuery` upstream",
        false,
    ),
    (
        |published| published.schema("ApiUsageRow")["properties"]["tier"] = json!({"type": "string"}),
        "ApiUsageRow",
        "field `tier` is new: string",
        false,
    ),
    (
        |published| published.schema("ApiUsageQuery")["properties"]["zone"] = json!({"type": "string"}),
        "ApiUsageQuery",
        "field `zone` is new: string",
        false,
    ),
    (
        |published| {
            published.schema("ApiUsageQuery")["properties"]["zone"] = json!({"type": "string"});
            published.schema("ApiUsageQuery")["required"] = json!(["interval", "zone"]);
        },
        "ApiUsageQuery",
        "field `zone` is new and required: string",
        true,
    ),
    (
        |published| published.schema("ApiUsageQuery")["required"] = json!(["interval", "metrics"]),
        "ApiUsageQuery",
        "field `metrics` is required now",
        true,
    ),
    (
        |published| {
            published.schema("ApiUsageRow")["properties"]
                .as_object_mut()
                .unwrap()
                .remove("userId");
        },
        "ApiUsageRow",
        "field `userId` is no longer there",
        true,
    ),
    (
        |published| published.schema("ApiUsageRow")["properties"]["requests"] = json!({"type": "string"}),
        "ApiUsageRow",
        "field `requests` is string now, and was integer",
        true,
    ),
    (
        |published| published.schema("ErrorBody")["properties"]["status"]["format"] = json!("int64"),
        "ErrorBody",
        "field `status` is integer now, and was integer (int32)",
        true,
    ),
    (
        |published| {
            published.schema("ErrorBody")["properties"]["details"]["items"] = json!({"type": "string"})
        },
        "ErrorBody",
        "each item of field `details` is string now, and was object",
        true,
    ),
    (
        |published| published.schema("Granularity")["enum"] = json!(["Day", "Week", "Month", "Year"]),
        "Granularity",
        "has a new member `Year`",
        false,
    ),
    (
        |published| published.schema("Granularity")["enum"] = json!(["Day", "Month"]),
        "Granularity",
        "has no member `Week` any more",
        true,
    ),
    (
        |published| {
            published.schema("ApiUsageQueryResult")["properties"]["results"] = json!({"type": "array"})
        },
        "ApiUsageQueryResult",
        "each item of field `results` is anything now, and was object",
        true,
    ),
    (
        |published| published.schema("ErrorBody")["properties"]["messageParams"] = json!({"type": "object"}),
        "ErrorBody",
        "each value of field `messageParams` is anything now, and was string",
        true,
    ),
    (
        |published| {
            let row = published.reference("ApiUsageRow");
            let items = json!({"anyOf": [row, {"type": "null"}]});
            published.schema("ApiUsageQueryResult")["properties"]["results"]["items"] = items;
        },
        "ApiUsageQueryResult",
        "each item of field `results` may be null",
        true,
    ),
    (
        |published| published.schema("ApiUsageRow")["properties"]["requests"]["writeOnly"] = json!(true),
        "ApiUsageRow",
        "field `requests` is no longer there",
        true,
    ),
    (
        |published| published.schema("ApiUsageQuery")["properties"]["metrics"]["maxItems"] = json!(3),
        "ApiUsageQuery",
        "field `metrics` must satisfy `maxItems: 3`",
        true,
    ),
    (
        |published| {
            let granularity = published.reference("Granularity");
            let day = json!({"allOf": [granularity, {"enum": ["Day"]}]});
            published.schema("ApiUsageQuery")["properties"]["granularity"] = day;
        },
        "Granularity",
        "has no member `Week` any more",
        true,
    ),
    (
        |published| published.schema("QueryStatus")["enum"] = json!(["Completed", "Failed", "Running"]),
        "QueryStatus",
        "has no member `Complete` any more",
        true,
    ),
    (
        |published| *published.schema("QueryStatus") = json!({"type": "string"}),
        "QueryStatus",
        "is any text now, no longer one of listed members",
        false,
    ),
    (
        |published| {
            published.schema("ApiUsageQuery")["properties"]["interval"]["enum"] = json!(["P1D", "P1M"])
        },
        "ApiUsageQuery",
        "field `interval` is one of P1D, P1M now",
        true,
    ),
    (
        |published| {
            published
                .schema("ApiUsageQuery")
                .as_object_mut()
                .unwrap()
                .remove("required");
        },
        "ApiUsageQuery",
        "field `interval` is optional now",
        false,
    ),
    (
        |published| {
            // The second of two that are written out differs.
            let mut body = published.schema("ErrorBody").clone();
            let first = published.answer_of(body.clone());
            body["properties"]["code"] = json!({"type": "integer"});
            let second = published.answer_of(body);
            published.operation(SUBMIT)["responses"]["400"] = first;
            published.operation(SUBMIT)["responses"]["401"] = second;
        },
        "ErrorBody",
        "field `code` is integer now, and was string",
        true,
    ),
    (
        |published| {
            let answer = published.answer("ErrorDetail");
            published.operation(SUBMIT)["responses"]["400"] = answer;
        },
        "POST /api/v2/usage/query",
        "the body of status 400 is the model `ErrorDetail` now, and was `ErrorBody`",
        true,
    ),
    (
        |published| {
            published.operation(SUBMIT)["responses"]["302"] = json!({"description": "Elsewhere"});
        },
        "POST /api/v2/usage/query",
        "may be answered with status 302",
        true,
    ),
    (
        |published| {
            published.operation(SUBMIT)["x-inin-requires-permissions"] =
                json!({"type": "ALL", "permissions": ["usage:view", "oauth:client:view"]});
        },
        "POST /api/v2/usage/query",
        "permission `usage:view` is new",
        true,
    ),
    (
        |published| {
            let header = published.parameter("X-Trace", "string", true);
            let operation = published.operation(RESULTS);
            operation["parameters"].as_array_mut().unwrap().push(header);
            let last = operation["parameters"].as_array().unwrap().len() - 1;
            operation["parameters"][last]["in"] = json!("header");
        },
        "GET /api/v2/usage/query/{executionId}/results",
        "header parameter `X-Trace` is new and required",
        true,
    ),
    // Our enum of states is open: it keeps those that it does not know.
    (
        |published| {
            published.schema("QueryStatus")["enum"] = json!(["Complete", "Failed", "Running", "Queued"])
        },
        "QueryStatus",
        "has a new member `Queued`",
        false,
    ),
    (
        |published| {
            let answer = published.answer("ErrorBody");
            published.operation(SUBMIT)["responses"]["422"] = answer;
        },
        "POST /api/v2/usage/query",
        "status 422 is new",
        false,
    ),
    (
        |published| {
            let answer = published.answer("UsageExecutionResult");
            published.operation(SUBMIT)["responses"]["201"] = answer;
        },
        "POST /api/v2/usage/query",
        "status 201 is new",
        false,
    ),
    (
        |published| {
            let answer = published.answer("ApiUsageRow");
            published.operation(SUBMIT)["responses"]["201"] = answer;
        },
        "POST /api/v2/usage/query",
        "may be answered with status 201",
        true,
    ),
    (
        |published| {
            published.operation(SUBMIT)["responses"]["204"] = json!({"description": "Nothing"});
        },
        "POST /api/v2/usage/query",
        "may be answered with status 204",
        true,
    ),
    (
        |published| {
            published.operation(SUBMIT)["responses"]
                .as_object_mut()
                .unwrap()
                .remove("200");
        },
        "POST /api/v2/usage/query",
        "status 200 is no longer documented",
        false,
    ),
    (
        |published| {
            let responses = &mut published.operation(RESULTS)["responses"];
            responses.as_object_mut().unwrap().remove("200");
        },
        "GET /api/v2/usage/query/{executionId}/results",
        "status 200 is no longer documented",
        true,
    ),
    (
        |published| published.schema("ApiUsageRow")["properties"]["userId"]["format"] = json!("uuid"),
        "ApiUsageRow",
        "field `userId` is string (uuid) now, and was string",
        false,
    ),
    (
        |published| published.schema("ApiUsageQuery")["properties"]["interval"]["format"] = json!("date"),
        "ApiUsageQuery",
        "field `interval` is string (date) now, and was string",
        true,
    ),
    (
        |published| {
            published.operation(RESULTS)["responses"]
                .as_object_mut()
                .unwrap()
                .remove("413");
        },
        "GET /api/v2/usage/query/{executionId}/results",
        "status 413 is no longer documented",
        false,
    ),
    (
        |published| {
            let answer = published.answer("ApiUsageRow");
            published.operation(SUBMIT)["responses"]["200"] = answer;
        },
        "POST /api/v2/usage/query",
        "the body of status 200 is the model `ApiUsageRow` now, and was `UsageExecutionResult`",
        true,
    ),
    (
        |published| {
            published.operation(SUBMIT)["x-inin-requires-permissions"]["permissions"] =
                json!(["oauth:client:view", "usage:organization:view", "usage:view"]);
        },
        "POST /api/v2/usage/query",
        "permission `usage:view` is new",
        false,
    ),
    (
        |published| {
            published.operation(SUBMIT)["x-inin-requires-permissions"]["permissions"] =
                json!(["oauth:client:view"]);
        },
        "POST /api/v2/usage/query",
        "permission `usage:organization:view` is no longer among those that it asks for",
        true,
    ),
    (
        |published| published.operation(SUBMIT)["x-inin-requires-permissions"]["type"] = json!("ALL"),
        "POST /api/v2/usage/query",
        "needs all of its permissions, no longer any one",
        true,
    ),
    (
        |published| published.operation(RESULTS)["deprecated"] = json!(true),
        "GET /api/v2/usage/query/{executionId}/results",
        "is deprecated",
        false,
    ),
    (
        |published| published.add_parameter(SUBMIT, "dryRun", false),
        "POST /api/v2/usage/query",
        "query parameter `dryRun` is new",
        false,
    ),
    (
        |published| published.add_parameter(RESULTS, "pageSize", true),
        "GET /api/v2/usage/query/{executionId}/results",
        "query parameter `pageSize` is new and required",
        true,
    ),
    (
        |published| {
            let text = published
                .value
                .to_string()
                .replace("executionId}", "id}")
                .replace("\"name\":\"executionId\"", "\"name\":\"id\"");
            published.value = serde_json::from_str(&text).unwrap();
        },
        "GET /api/v2/usage/query/{executionId}/results",
        "path parameter `executionId` is `id` upstream",
        false,
    ),
    (
        |published| {
            let moved = published.value["paths"]
                .as_object_mut()
                .unwrap()
                .remove(RESULTS)
                .unwrap();
            published.value["paths"]["/api/v3/usage/{executionId}"] = moved;
        },
        "GET /api/v2/usage/query/{executionId}/results",
        "is GET /api/v3/usage/{executionId} upstream",
        true,
    ),
    (
        |published| {
            published.value["paths"].as_object_mut().unwrap().remove(RESULTS);
        },
        "GET /api/v2/usage/query/{executionId}/results",
        "is no longer there",
        true,
    ),
    (
        |published| {
            // Of which no more is read than its name.
            let lost = json!({"$ref": "#/definitions/Nowhere"});
            let new = json!({"operationId": "postUsageSimplesearch", "responses": {"200": lost}});
            published.value["paths"]["/api/v2/usage/simplesearch"] = json!({"post": new});
        },
        "POST /api/v2/usage/simplesearch",
        "is an operation that the document does not have (`postUsageSimplesearch`)",
        false,
    ),
];

#[test]
fn each_kind_of_change_is_told_in_words_as_breaking_or_compatible() {
    for (change, place, words, is_breaking) in CASES {
        for mut published in Published::both() {
            change(&mut published);
            let seen = published.compared(&[]);
            assert_eq!(
                seen.code,
                i32::from(*is_breaking),
                "{words}: {}{}",
                seen.out,
                seen.err
            );
            let heading = if *is_breaking {
                "Breaking for users of the crate:"
            } else {
                "Compatible:"
            };
            let of_effect = seen
                .out
                .split_once(heading)
                .unwrap_or_else(|| panic!("{words}: {}", seen.out))
                .1;
            let of_effect = of_effect.split("\n\n").next().unwrap().to_owned() + "\n";
            assert!(
                of_effect.contains(&format!("\n  {place}\n")),
                "{place}: {}",
                seen.out
            );
            assert!(
                of_effect.contains(&format!("    {words}\n")),
                "{words}: {}",
                seen.out
            );
        }
    }
}

#[test]
fn a_parameter_that_became_json_is_told() {
    let [mut openapi, _] = Published::both();
    let parameter = &mut openapi.operation(RESULTS)["parameters"][0];
    parameter.as_object_mut().unwrap().remove("schema");
    parameter["content"] = json!({"application/json": {"schema": {"type": "object"}}});
    let seen = openapi.compared(&[]);
    let words = "path parameter `executionId` is object now, and was string";
    assert!(
        seen.code == 1 && seen.out.contains(words),
        "{}{}",
        seen.out,
        seen.err
    );
}

#[test]
fn a_model_of_both_directions_is_told_for_whom_it_is_worst() {
    let both = the_document().replacen(
        "        date:\n",
        "        granularity:\n          $ref: '#/components/schemas/Granularity'\n        date:\n",
        1,
    );
    let root = root(&both);
    let value = plain(&serde_saphyr::from_str(&both).unwrap());
    let mut published = Published {
        is_swagger: false,
        value,
    };
    published.schema("Granularity")["enum"] = json!(["Day", "Week", "Month", "Year"]);
    let seen = published.compared(&["--root", root.path().to_str().unwrap()]);
    // A request may name one more; an answer that does cannot be read, since this enum is closed.
    assert_eq!(seen.code, 1, "{}{}", seen.out, seen.err);
    assert!(seen.out.contains("1 breaking, 0 compatible."), "{}", seen.out);
}

#[test]
fn what_cannot_be_read_is_an_error_and_no_report() {
    let [openapi, _] = Published::both();
    let whole = openapi.value.to_string();
    let dangling = whole.replace("\"ApiUsageRow\":", "\"Row\":");
    for (text, reason) in [
        ("", "not an OpenAPI definition"),
        ("a: [", "neither JSON nor YAML"),
        (
            "{\"swagger\": \"1.2\", \"paths\": {\"/\": {}}}",
            "swagger: version 1.2 is not known, only 2.0",
        ),
        (
            "{\"openapi\": \"4.0\", \"paths\": {\"/\": {}}}",
            "openapi: version 4.0 is not known, only 3.x",
        ),
        (
            "{\"name\": \"something else\"}",
            "neither `swagger` nor `openapi`",
        ),
        ("{\"openapi\": \"3.0.0\"}", "`paths` is missing"),
        (&whole[..whole.len() / 2], "not an OpenAPI definition"),
        (&dangling, "`#/components/schemas/ApiUsageRow` leads nowhere"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("definition.json");
        fs::write(&file, text).unwrap();
        let seen = upstream(file.to_str().unwrap(), &[]);
        assert_eq!((seen.code, seen.out.as_str()), (2, ""), "{reason}");
        assert!(
            seen.err.starts_with("error: ") && seen.err.contains(reason),
            "{reason}: {}",
            seen.err
        );
    }
    let seen = upstream("/no/such/file.json", &[]);
    assert!(
        seen.code == 2 && seen.err.contains("cannot read /no/such/file.json"),
        "{}",
        seen.err
    );
}

#[test]
fn a_url_is_read_and_a_refusal_is_an_error() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("skipped: there is no curl");
    }
    let [_, swagger] = Published::both();
    let body = swagger.value.to_string();
    for (status, code) in [("200 OK", 0), ("404 Not Found", 2)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://reader:hid\\\"den@{address}/definition?key=hidden");
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap();
            // Of a refusal, the reader need not take the body.
            let _ = stream.write_all(answer.as_bytes());
            String::from_utf8_lossy(&head[..length]).into_owned()
        });
        let seen = upstream(&url, &[]);
        let head = server.join().unwrap();
        // `reader:hid\"den`
        assert!(
            head.contains("GET /definition?key=hidden ") && head.contains("Basic cmVhZGVyOmhpZFwiZGVu"),
            "{head}"
        );
        assert!(
            !format!("{}{}", seen.out, seen.err).contains("hid"),
            "{}{}",
            seen.out,
            seen.err
        );
        assert_eq!(seen.code, code, "{}{}", seen.out, seen.err);
        assert!(
            code == 0
                || seen
                    .err
                    .contains(&format!("cannot read http://{address}/definition: ")),
            "{}",
            seen.err
        );
    }
}

#[test]
fn names_that_a_terminal_would_obey_are_seen() {
    let odd = "x\u{1b}]0;PWNED\u{7}\u{202e}";
    let [openapi, swagger] = Published::both();
    for mut published in [openapi, swagger] {
        published.schema("ApiUsageRow")["properties"][odd] = json!({ "type": "string", "description": odd });
        published.value["info"]["version"] = json!(odd);
        let is_obeyed = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
        let report = published.compared(&[]).out;
        assert!(
            report.contains("PWNED") && !report.contains(is_obeyed),
            "{report:?}"
        );
    }
    let seen = upstream("/no/such\u{1b}[31m/file", &[]);
    assert!(!seen.err.trim_end().contains(char::is_control), "{:?}", seen.err);
}

/// The whole platform has about a thousand operations and models. Two operations and a few models matter.
#[test]
fn fifty_megabytes_are_read_in_little_memory() {
    let [_, swagger] = Published::both();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("definition.json");
    let mut out = BufWriter::new(fs::File::create(&file).unwrap());
    let members = |value: &Value| {
        let text = value.to_string();
        text[1..text.len() - 1].to_owned()
    };
    write!(
        out,
        "{{\"swagger\":\"2.0\",\"basePath\":\"/\",\"paths\":{{{}",
        members(&swagger.value["paths"])
    )
    .unwrap();
    let operation = swagger.value["paths"][SUBMIT].to_string();
    for number in 0..12_000 {
        write!(out, ",\"/api/v2/things{number}/{{thingId}}\":{operation}").unwrap();
    }
    write!(
        out,
        "}},\"definitions\":{{{}",
        members(&swagger.value["definitions"])
    )
    .unwrap();
    let model = swagger.value["definitions"]["ErrorBody"].to_string();
    for number in 0..32_000 {
        write!(out, ",\"Thing{number}\":{model}").unwrap();
    }
    write!(out, "}}}}").unwrap();
    out.into_inner().unwrap();
    assert!(fs::metadata(&file).unwrap().len() > 50_000_000);

    let seen = upstream(file.to_str().unwrap(), &[]);
    assert!(
        seen.code == 0 && seen.out.ends_with("No difference.\n"),
        "{}{}",
        seen.out,
        seen.err
    );
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let peak_kib = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
        assert!(peak_kib < 500 * 1024, "{peak_kib} KiB");
    }
}
