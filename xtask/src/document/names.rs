//! The Rust names for the names in the document, as the generator makes them.

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

/// Names that the generated types use themselves, without a path.
const TAKEN_TYPES: [&str; 10] = [
    "Default", "Err", "From", "None", "Ok", "Some", "String", "ToString", "TryFrom", "TryInto",
];

/// Names that the builders of operations use themselves.
const TAKEN_BUILDERS: [&str; 3] = ["Error", "Operation", "ResponseValue"];

/// The methods of the client, without the operations of the document. A test compares this list with the code.
pub(crate) const CLIENT_METHODS: [&str; 28] = [
    "builder",
    "call",
    "client_execution",
    "client_job",
    "client_jobs",
    "clone",
    "execution",
    "from_env",
    "job",
    "job_of",
    "jobs",
    "max_retry_after",
    "new_with_client",
    "proxy",
    "rate_limit",
    "search",
    "submit",
    "submit_client_job",
    "submit_client_jobs",
    "submit_for_client",
    "submit_job",
    "submit_jobs",
    "submit_one_client",
    "submit_organization",
    "submit_search",
    "submit_summary",
    "with_deadline",
    "with_retry",
];

/// The methods of the builder of an operation and of its mock, without the setters of parameters.
const BUILDER_METHODS: [&str; 7] = [
    "body",
    "body_map",
    "into_inner",
    "into_request",
    "new",
    "open",
    "send",
];

/// Why a name cannot be used.
pub(crate) type Refusal = &'static str;

const NO_LETTER: Refusal = "makes no Rust name: it has no letter";
const NO_BEGINNING: Refusal = "makes no Rust name: it does not begin with a letter";
const TAKEN: Refusal = "is a name that the generated code needs itself; give it another";

/// The name of a schema's type.
pub(crate) fn of_type(name: &str) -> Result<String, Refusal> {
    // Twice, because the generator does it twice: `XY` becomes `Xy`.
    let name = identifier(name, "X", |name| name.to_upper_camel_case().to_upper_camel_case())?;
    free(name, &TAKEN_TYPES)
}

/// The name of a property's field.
pub(crate) fn of_field(name: &str) -> Result<String, Refusal> {
    let name = identifier(name, "x", |name| name.to_snake_case())?;
    free(name, &["build"])
}

/// The name of a parameter's setter.
pub(crate) fn of_parameter(name: &str) -> Result<String, Refusal> {
    let name = identifier(name, "_", |name| name.to_snake_case())?;
    free(name, &BUILDER_METHODS)
}

/// The name of an operation's method.
pub(crate) fn of_method(operation_id: &str) -> Result<String, Refusal> {
    of_builder(operation_id)?;
    let name = identifier(operation_id, "_", |name| name.to_snake_case())?;
    free(name, &CLIENT_METHODS)
}

/// The name of an operation's builder.
pub(crate) fn of_builder(operation_id: &str) -> Result<String, Refusal> {
    let name = identifier(operation_id, "_", |name| name.to_upper_camel_case())?;
    if name.starts_with('_') {
        return Err(NO_BEGINNING);
    }
    free(name, &TAKEN_BUILDERS)
}

fn free(name: String, taken: &[&str]) -> Result<String, Refusal> {
    if taken.contains(&name.as_str()) {
        return Err(TAKEN);
    }
    Ok(name)
}

/// `prefix` is added to a name that does not begin with a letter.
fn identifier(name: &str, prefix: &str, to_case: impl Fn(&str) -> String) -> Result<String, Refusal> {
    let cased = match name {
        // The generator has these names.
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => {
            let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
            let plain: String = name
                .chars()
                .filter(|letter| *letter != '\'')
                .map(|letter| if is_part(letter) { letter } else { '-' })
                .collect();
            to_case(&plain)
        }
    };
    let first = cased.chars().next().ok_or(NO_LETTER)?;
    let name = match first.is_alphabetic() {
        true => cased,
        false => format!("{prefix}{cased}"),
    };
    Ok(match typify::accept_as_ident(&name) {
        true => name,
        // A keyword.
        false => format!("{name}_"),
    })
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use syn::{ImplItem, Item};

    use super::*;

    #[test]
    fn names_are_the_same_as_those_of_the_generator() {
        for (name, ty, field) in [
            ("clientId", "ClientId", "client_id"),
            ("OAuthClientId", "OAuthClientId", "o_auth_client_id"),
            ("type", "Type", "type_"),
            ("self", "Self_", "self_"),
            ("x-y.z", "Xyz", "x_y_z"),
            ("$ref", "Ref", "ref_"),
            ("404", "X404", "x404"),
            ("+1", "Plus1", "plus1"),
        ] {
            if name != "+1" {
                assert_eq!(of_type(name).as_deref(), Ok(ty), "{name}");
            }
            assert_eq!(of_field(name).as_deref(), Ok(field), "{name}");
        }
        for name in ["", "-", "$$", "'"] {
            assert_eq!(of_type(name), Err(NO_LETTER), "{name}");
        }
        for (name, taken) in [
            ("to_string", of_type("to_string")),
            ("Build", of_field("Build")),
            ("into-inner", of_parameter("into-inner")),
            ("Submit", of_method("Submit")),
            ("responseValue", of_method("responseValue")),
        ] {
            assert_eq!(taken, Err(TAKEN), "{name}");
        }
    }

    /// The files in a directory and its subdirectories, without the generated ones.
    fn sources(directory: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("generated") => {}
                true => found.extend(sources(&path)),
                false => found.push(path),
            }
        }
        found
    }

    /// The methods of `Client` in the handwritten files of the crate.
    fn written_methods() -> BTreeSet<String> {
        let mut methods = BTreeSet::new();
        for path in sources(&crate::workspace_root().join("usage-client/src")) {
            let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            for item in file.items {
                let Item::Impl(item) = item else { continue };
                let is_client = matches!(&*item.self_ty, syn::Type::Path(of) if of.path.is_ident("Client"));
                if !is_client || item.trait_.is_some() {
                    continue;
                }
                methods.extend(item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                    _ => None,
                }));
            }
        }
        methods
    }

    #[test]
    fn no_operation_can_have_the_name_of_a_handwritten_method() {
        let mut written = written_methods();
        // `new_with_client` is generated, and `clone` is a method of a trait that the code of the client calls.
        written.extend(["clone".to_owned(), "new_with_client".to_owned()]);
        let listed: BTreeSet<_> = CLIENT_METHODS.map(str::to_owned).into();
        assert_eq!(
            listed, written,
            "CLIENT_METHODS in xtask/src/document/names.rs (left) and the methods of `impl Client` in usage-client/src (right) differ"
        );
    }
}
