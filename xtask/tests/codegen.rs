//! `cargo xtask codegen` from the outside: in step, drifted, and with files that are no documents. What a document may
//! hold is tested in `corpus.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{fs, path::Path, time::SystemTime};

use common::{CLIENT, MOCKS, TYPES, codegen, generated, root, text, the_document, workspace};

/// The error for a document, which must be one, with nothing written.
fn refusal(document: &str) -> String {
    let root = root(document);
    let output = codegen(root.path(), &[]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        !message.contains("panicked") && message.starts_with("error: "),
        "{message}"
    );
    let left: Vec<_> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["openapi"]);
    message
}

#[test]
fn the_generated_code_is_in_step_with_the_document() {
    let output = codegen(&workspace(), &["--check"]);
    assert!(
        output.status.success() && text(&output.stdout) == "in step with openapi/usage.yaml\n",
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[test]
fn any_success_status_is_handed_to_the_documented_type() {
    let read = |root: &Path, path| fs::read_to_string(root.join(path)).unwrap();
    for (from, to) in [
        ("        '202':\n", "        '201':\n"),
        (
            "        '200':\n          description: The query was",
            "        2XX:\n          description: The query was",
        ),
    ] {
        let document = the_document();
        assert!(document.contains(from), "{from}");
        let root = root(&document.replacen(from, to, 1));
        let output = codegen(root.path(), &[]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        for path in [TYPES, CLIENT] {
            let (code, expected) = (read(root.path(), path), read(&workspace(), path));
            // But for the digest of the document.
            assert!(code.lines().skip(3).eq(expected.lines().skip(3)), "{to}");
        }
    }
}

#[test]
fn generating_again_rewrites_nothing() {
    let root = generated(&the_document());
    let stamp = |path| fs::metadata(root.path().join(path)).unwrap().modified().unwrap();
    let long_ago = SystemTime::UNIX_EPOCH;
    for path in [CLIENT, MOCKS] {
        fs::File::options()
            .write(true)
            .open(root.path().join(path))
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
    }
    let output = codegen(root.path(), &[]);
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!((stamp(CLIENT), stamp(MOCKS)), (long_ago, long_ago));
}

#[test]
fn the_header_names_generator_document_and_digest() {
    let code = fs::read_to_string(workspace().join(CLIENT)).unwrap();
    let header: String = code.lines().take(3).collect::<Vec<_>>().join("\n");
    assert!(
        header.contains("progenitor 0.") && header.contains("openapi/usage.yaml"),
        "{header}"
    );
    let digest = header.split("SHA-256 of the document: ").nth(1).unwrap();
    assert!(
        digest.chars().take(64).all(|digit| digit.is_ascii_hexdigit()),
        "{header}"
    );
}

#[test]
fn a_renamed_property_is_drift_with_a_diff_and_the_way_to_mend_it() {
    let root = generated(&the_document());
    let before = fs::read_to_string(root.path().join(TYPES)).unwrap();
    let changed = the_document()
        .replace("templateUri", "templatePath")
        .replace("TemplateUri", "TemplatePath");
    fs::write(root.path().join("openapi/usage.yaml"), changed).unwrap();

    let output = codegen(root.path(), &["--check"]);
    let (diff, message) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        diff.contains(&format!("--- a/{TYPES}\n+++ b/{TYPES}\n@@ ")),
        "{diff}"
    );
    assert!(
        diff.contains("-    pub template_uri:") && diff.contains("+    pub template_path:"),
        "{diff}"
    );
    assert!(message.contains("run `cargo xtask codegen`"), "{message}");
    assert_eq!(fs::read_to_string(root.path().join(TYPES)).unwrap(), before);
}

#[test]
fn a_missing_document_is_named() {
    let root = tempfile::tempdir().unwrap();
    let output = codegen(root.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("cannot read") && text(&output.stderr).contains("openapi/usage.yaml")
    );
}

#[test]
fn what_is_not_openapi_3_0_says_what_it_is() {
    for (document, part) in [
        ("a: [1", "not valid YAML"),
        ("just text", "#: not an OpenAPI document"),
        ("", "#: not an OpenAPI document"),
        ("info: {}", "#/openapi: missing"),
        (
            "swagger: '2.0'\ninfo: {}",
            "#/swagger: Swagger \"2.0\" is not OpenAPI 3.0",
        ),
        (
            "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}",
            "#/openapi: version \"3.1.0\" is not supported",
        ),
        (
            "openapi: 3.0.3\npaths: {}",
            "#: not OpenAPI 3.0: missing field `info`",
        ),
        (
            "openapi: 3.0.3\ninfo: {title: t}\npaths: {}",
            "#/info: not OpenAPI 3.0: missing field `version`",
        ),
    ] {
        let message = refusal(document);
        assert!(message.contains(part), "{document}: {message}");
    }
}

#[test]
fn a_key_that_stands_twice_is_an_error() {
    let message = refusal(&format!("openapi: 3.0.3\n{}", the_document()));
    assert!(
        message.contains("not valid YAML") && message.contains("openapi"),
        "{message}"
    );
}

#[test]
fn a_default_answer_beside_a_success_is_the_error() {
    let document = the_document();
    let from = "        '404':\n          $ref:";
    assert!(document.contains(from));
    let root = generated(&document.replacen(from, "        default:\n          $ref:", 1));
    let mocks = fs::read_to_string(root.path().join(MOCKS)).unwrap();
    assert!(
        mocks.contains("fn default_response(self, status: u16, value: &types::ErrorBody)"),
        "{mocks}"
    );
}

#[test]
fn members_of_any_spelling_make_variants_and_keep_their_names_on_the_wire() {
    let document = the_document();
    let (before, rest) = document.split_once("        - Day\n").unwrap();
    let (_, after) = rest.split_once("      example: Day\n").unwrap();
    let members = "        - day\n        - half-hour\n        - CALENDAR_MONTH\n        - inQuarters\n        - GET\n        \
                   - OAuthClientId\n        - agent.assistant\n        - self\n      example: day\n";
    let root = generated(&format!("{before}{members}{after}"));
    let code = fs::read_to_string(root.path().join(TYPES)).unwrap();
    for (variant, member) in [
        ("Day", "day"),
        ("HalfHour", "half-hour"),
        ("CalendarMonth", "CALENDAR_MONTH"),
        ("InQuarters", "inQuarters"),
        ("GET", "GET"),
        ("OAuthClientId", "OAuthClientId"),
        ("AgentAssistant", "agent.assistant"),
        ("Self_", "self"),
    ] {
        for line in [
            format!("/// `{member}`.\n    {variant},"),
            format!("Self::{variant} => \"{member}\","),
            format!("\"{member}\" => Ok(Self::{variant}),"),
        ] {
            assert!(code.contains(&line), "{line}");
        }
    }
}
