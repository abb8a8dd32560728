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

use common::{merge, root, text, the_document, workspace, xtask};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

const SUBMIT: &str = "/api/v2/usage/query";
const RESULTS: &str = "/api/v2/usage/query/{executionId}/results";

/// What a run printed, and its exit code.
struct Seen {
    code: i32,
    out: String,
    err: String,
}

impl Seen {
    /// Checks the exit code, and that the report contains a text.
    #[track_caller]
    fn reports(&self, code: i32, text: &str) {
        let Self { out, err, .. } = self;
        assert!(self.code == code && out.contains(text), "{text}: {out}{err}");
    }

    /// Checks that there is an error with this reason, and no report.
    #[track_caller]
    fn fails(&self, reason: &str) {
        let Self { out, err, .. } = self;
        let is_error = err.starts_with("error: ") && err.contains(reason);
        assert!(
            self.code == 2 && out.is_empty() && is_error,
            "{reason}: {out}{err}"
        );
    }
}

fn upstream(from: &str, arguments: &[&str]) -> Seen {
    let mut command = xtask("upstream");
    let output = command.args(["--from", from]).args(arguments).output().unwrap();
    Seen {
        code: output.status.code().unwrap(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// The report on a definition.
fn compared(definition: &Value) -> Seen {
    upstream(written(&definition.to_string()).path().to_str().unwrap(), &[])
}

fn written(definition: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, definition).unwrap();
    file
}

/// The document as the service might publish it: OpenAPI 3 without what only ours has.
fn published() -> Value {
    plain(&serde_saphyr::from_str(&the_document()).unwrap())
}

/// The changed definition, and the same as Swagger 2.0.
fn both(change: &Value) -> [Value; 2] {
    let mut text = published().to_string();
    for (from, to) in change["replace"].as_object().into_iter().flatten() {
        text = text.replace(from, to.as_str().unwrap());
    }
    let mut changed: Value = serde_json::from_str(&text).unwrap();
    for (part, place) in [
        ("schemas", "/components/schemas"),
        ("submit", "/paths/~1api~1v2~1usage~1query/post"),
        (
            "results",
            "/paths/~1api~1v2~1usage~1query~1{executionId}~1results/get",
        ),
        ("paths", "/paths"),
    ] {
        if let Some(patch) = change.get(part) {
            merge(changed.pointer_mut(place).unwrap(), patch);
        }
    }
    let swagger = swagger(&changed);
    [changed, swagger]
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
                // The schema there is a part of the parameter here, and a model is a string.
                let parameter = parameter.as_object_mut().unwrap();
                let mut schema = parameter.remove("schema").unwrap();
                if schema.get("$ref").is_some() {
                    schema = json!({"type": "string"});
                }
                parameter.extend(schema.as_object().unwrap().clone());
            }
            if let Some(body) = operation.as_object_mut().unwrap().remove("requestBody") {
                let schema = &body["content"]["application/json"]["schema"];
                parameters.push(json!({"in": "body", "name": "body", "required": true, "schema": schema}));
            }
            operation["parameters"] = json!(parameters);
            for response in operation["responses"].as_object_mut().unwrap().values_mut() {
                let reference = response["$ref"].as_str();
                let name = reference.and_then(|reference| reference.rsplit('/').next());
                if let Some(shared) = name.and_then(|name| responses.get(name)) {
                    *response = shared.clone();
                }
                let members = response.as_object_mut().unwrap();
                if let Some(content) = members.remove("content") {
                    members.insert("schema".to_owned(), content["application/json"]["schema"].clone());
                }
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
    let document = published();
    let models = document["components"]["schemas"].as_object().unwrap().len();
    let paths = document["paths"].as_object().unwrap().values();
    let methods = ["get", "put", "post", "delete", "head", "patch"];
    let operations = paths.map(|path| methods.iter().filter(|method| path.get(method).is_some()).count());
    format!("{} operations and {models} models", operations.sum::<usize>())
}

/// The changes of `upstream.yml` with this effect.
fn changes(effect: &str) -> Vec<Value> {
    let all: Value = serde_saphyr::from_str(include_str!("upstream.yml")).unwrap();
    all[effect].as_array().unwrap().clone()
}

#[test]
fn what_changes_no_generated_type_is_no_difference() {
    // The document itself does not differ either.
    for change in [vec![json!({})], changes("no difference")].concat() {
        for definition in both(&change) {
            let Seen { code, out, err } = compared(&definition);
            assert_eq!((code, err.as_str()), (0, ""), "{change}: {out}");
            assert!(out.contains(&counted()), "{change}: {out}");
            assert!(out.ends_with("No difference.\n"), "{change}: {out}");
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
  GET /api/v2/oauth/clients/{id}/usage/forecast/{executionId}
    is an operation that the document does not have
  POST /api/v2/oauth/clients/{id}/usage/forecast
    is an operation that the document does not have (`postOauthClientUsageForecast`)
  POST /api/v2/usage/forecast
    is an operation that the document does not have

0 breaking, 7 compatible.
";
    let expected = expected.replace("COUNTED", &counted());
    let Seen { code, out, err } = seen;
    assert!(
        (code, out.as_str(), err.as_str()) == (0, &expected, ""),
        "expected:\n{expected}\nseen:\n{out}{err}\nWhat is new in openapi/usage.yaml belongs into xtask/tests/published.yml too."
    );
}

#[test]
fn each_kind_of_change_is_reported_as_breaking_or_compatible() {
    for (effect, heading, code) in [
        ("breaking", "Breaking for users of the crate:", 1),
        ("compatible", "Compatible:", 0),
    ] {
        for change in changes(effect) {
            for definition in both(&change) {
                let Seen { code: seen, out, err } = compared(&definition);
                assert_eq!(seen, code, "{change}: {out}{err}");
                let (_, of_effect) = out.split_once(heading).expect(&out);
                let of_effect = of_effect.split("\n\n").next().unwrap().to_owned() + "\n";
                for (indent, part) in [("  ", "place"), ("    ", "report")] {
                    let line = format!("\n{indent}{}\n", change[part].as_str().unwrap());
                    assert!(of_effect.contains(&line), "{line}{out}");
                }
            }
        }
    }
}

#[test]
fn the_second_of_two_models_that_are_written_out_is_compared() {
    let body = published()["components"]["schemas"]["ErrorBody"].clone();
    let mut other = body.clone();
    other["properties"]["code"] = json!({"type": "integer"});
    let response = |body| json!({"$ref": null, "content": {"application/json": {"schema": body}}});
    let responses = json!({"400": response(body), "401": response(other)});
    for definition in both(&json!({"submit": {"responses": responses}})) {
        let line = "\n  ErrorBody\n    field `code` is integer now, and was string\n";
        compared(&definition).reports(1, line);
    }
}

#[test]
fn a_parameter_that_became_json_is_reported() {
    let content = json!({"application/json": {"schema": {"type": "object"}}});
    let parameter = json!({"name": "executionId", "in": "path", "required": true, "content": content});
    let mut definition = published();
    definition["paths"][RESULTS]["get"]["parameters"][0] = parameter;
    let words = "path parameter `executionId` is object now, and was string";
    compared(&definition).reports(1, words);
}

#[test]
fn a_model_of_requests_and_responses_is_reported_with_its_worst_effect() {
    let document = the_document().replacen(
        "        date:\n",
        "        granularity:\n          $ref: '#/components/schemas/Granularity'\n        date:\n",
        1,
    );
    let root = root(&document);
    let mut definition = plain(&serde_saphyr::from_str(&document).unwrap());
    definition["components"]["schemas"]["Granularity"]["enum"] = json!(["Day", "Week", "Month", "Year"]);
    let file = written(&definition.to_string());
    let [file, root] = [file.path(), root.path()].map(|path| path.to_str().unwrap());
    // A new member in a request does no harm. In a response it cannot be read, because this enum is closed.
    upstream(file, &["--root", root]).reports(1, "1 breaking, 0 compatible.");
}

#[test]
fn what_cannot_be_read_is_an_error_and_no_report() {
    let whole = published().to_string();
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
        let file = written(text);
        upstream(file.path().to_str().unwrap(), &[]).fails(reason);
    }
    upstream("/no/such/file.json", &[]).fails("cannot read /no/such/file.json");
}

#[test]
fn a_url_is_read_and_a_refusal_is_an_error() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("skipped: there is no curl");
    }
    let body = swagger(&published()).to_string();
    for (status, is_refused) in [("200 OK", false), ("404 Not Found", true)] {
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
        let shown = format!("{}{}", seen.out, seen.err);
        assert!(!shown.contains("hid"), "{shown}");
        match is_refused {
            false => seen.reports(0, "No difference."),
            true => seen.fails(&format!("cannot read http://{address}/definition: ")),
        }
    }
}

#[test]
fn names_that_a_terminal_would_obey_are_seen() {
    let odd = "x\u{1b}]0;PWNED\u{7}\u{202e}";
    let property = json!({"type": "string", "description": odd});
    for mut definition in both(&json!({"schemas": {"ApiUsageRow": {"properties": {odd: property}}}})) {
        definition["info"]["version"] = json!(odd);
        let is_obeyed = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
        let report = compared(&definition).out;
        assert!(report.contains("PWNED"), "{report:?}");
        assert!(!report.contains(is_obeyed), "{report:?}");
    }
    let seen = upstream("/no/such\u{1b}[31m/file", &[]);
    assert!(!seen.err.trim_end().contains(char::is_control), "{:?}", seen.err);
}

/// The whole platform has about a thousand operations and models. Two operations and a few models matter.
#[test]
fn fifty_megabytes_are_read_in_little_memory() {
    let swagger = swagger(&published());
    let file = NamedTempFile::new().unwrap();
    let mut out = BufWriter::new(&file);
    let members = |value: &Value| {
        let text = value.to_string();
        text[1..text.len() - 1].to_owned()
    };
    let paths = members(&swagger["paths"]);
    write!(out, r#"{{"swagger":"2.0","basePath":"/","paths":{{{paths}"#).unwrap();
    let operation = swagger["paths"][SUBMIT].to_string();
    for number in 0..12_000 {
        write!(out, ",\"/api/v2/things{number}/{{thingId}}\":{operation}").unwrap();
    }
    write!(out, "}},\"definitions\":{{{}", members(&swagger["definitions"])).unwrap();
    let model = swagger["definitions"]["ErrorBody"].to_string();
    for number in 0..32_000 {
        write!(out, ",\"Thing{number}\":{model}").unwrap();
    }
    write!(out, "}}}}").unwrap();
    out.into_inner().unwrap();
    assert!(file.as_file().metadata().unwrap().len() > 50_000_000);

    upstream(file.path().to_str().unwrap(), &[]).reports(0, "No difference.\n");
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let peak_kib = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
        assert!(peak_kib < 500 * 1024, "{peak_kib} KiB");
    }
}
