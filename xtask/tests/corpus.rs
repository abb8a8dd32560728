//! Documents of one shape each: what is accepted compiles in the client's crate and its mocks, and what is refused says
//! where and why.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{fmt::Write as _, fs, path::Path};

use common::{CLIENT, MOCKS, MODULES, TYPES, codegen, copy::Copy, root, text, workspace};

fn documents(kind: &str) -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/documents")
        .join(kind);
    let paths = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut documents: Vec<_> = paths
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    documents.sort();
    documents
}

#[test]
fn refused_documents_say_where_and_why() {
    let documents = documents("refused");
    assert!(documents.len() >= 100, "{}", documents.len());
    let mut wrong = String::new();
    for (name, document) in documents {
        let expected = document.lines().next().unwrap();
        let expected = expected.strip_prefix("# refused: ").unwrap();
        let root = root(&document);
        let output = codegen(root.path(), &[]);
        let message = text(&output.stderr);
        let message = message
            .trim_end()
            .strip_prefix("error: openapi/usage.yaml: ")
            .unwrap_or(&message);
        if output.status.code() != Some(1) || message != expected {
            writeln!(wrong, "{name}\n  expected {expected}\n  got      {message}").unwrap();
        }
        assert!(!root.path().join("usage-client").exists(), "{name} left files");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a client of a document needs beside what is generated: to send as the client of the crate does.
const RUNTIME: &str = r#"
impl Client {
    /// A client that sends as this one does.
    pub fn like(client: &crate::Client) -> Self {
        Self::new_with_client(&client.baseurl, client.client.clone(), client.inner.clone())
    }

    fn sender(&self) -> crate::Client {
        crate::Client::new_with_client(&self.baseurl, self.client.clone(), self.inner.clone())
    }

    async fn call<A: crate::http::send::ReadResponse>(
        &self,
        request: reqwest::Request,
        operation: crate::http::request::Operation,
    ) -> crate::error::Result<A> {
        self.sender().call(request, operation).await
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}
"#;

const LIBRARIES: [&str; 2] = ["usage-client/src/lib.rs", "usage-client-httpmock/src/lib.rs"];

/// A copy of the workspace whose client and mocks have a module for each document.
fn copy_with(documents: &[(String, String)]) -> Copy {
    let copy = Copy::new("accepted", 1, LIBRARIES.to_vec());
    let (mut clients, mut mocks) = (String::new(), String::new());
    for (name, document) in documents {
        let root = root(document);
        let output = codegen(root.path(), &[]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let read = |path: &str| fs::read_to_string(root.path().join(path)).unwrap();
        let exports = "pub use client::{Client, builder};\n";
        for (file, text) in [
            ("types", read(TYPES)),
            ("client", format!("{}{RUNTIME}", read(CLIENT))),
            ("mod", format!("{}{exports}", read(MODULES))),
        ] {
            copy.write(format!("usage-client/src/corpus/{name}/{file}.rs"), &text);
        }
        writeln!(clients, "/// `{name}`.\n#[allow(dead_code)]\npub mod {name};").unwrap();
        let mock = read(MOCKS);
        let (theirs, own) = (
            "use usage_client::*;",
            format!("use usage_client::corpus::{name}::*;"),
        );
        assert!(mock.contains(theirs), "{name}");
        copy.write(
            format!("usage-client-httpmock/src/corpus/{name}.rs"),
            &mock.replace(theirs, &own),
        );
        writeln!(mocks, "/// `{name}`.\npub mod {name};").unwrap();
    }
    let allowed = "#![allow(clippy::all, unreachable_pub, unused_imports)]\n";
    copy.write("usage-client/src/corpus/mod.rs", &format!("{allowed}{clients}"));
    copy.write(
        "usage-client-httpmock/src/corpus/mod.rs",
        &format!("{allowed}{mocks}"),
    );
    for library in LIBRARIES {
        let text = fs::read_to_string(workspace().join(library)).unwrap();
        copy.write(
            library,
            &format!("{text}\n/// Clients of other documents.\npub mod corpus;\n"),
        );
    }
    let calls = include_str!("documents/calls.rs");
    copy.write("usage-client-httpmock/tests/calls.rs", calls);
    copy
}

#[test]
fn accepted_documents_compile_and_their_calls_send_what_their_mocks_expect() {
    let documents = documents("accepted");
    let real = documents
        .iter()
        .filter(|(name, _)| name.starts_with("like_"))
        .count();
    assert!(documents.len() >= 40 && real == 5, "{} {real}", documents.len());
    let copy = copy_with(&documents);
    copy.cargo(&["test", "--package", "usage-client-httpmock", "--test", "calls"]);
    // What is generated has no feature but this one.
    copy.cargo(&["build", "--package", "usage-client", "--features", "schemars"]);
}
