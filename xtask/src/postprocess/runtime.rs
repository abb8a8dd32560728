//! The runtime of the generated client: ours instead of the generator's.

use anyhow::{Result, ensure};
use syn::{File, Item, parse_quote};

use super::syntax::import_root;

/// Our own runtime sends calls instead of `progenitor-client`. The error type of that crate loses the status of an error body
/// that is not JSON, and prints headers and payloads. Its hooks can only return a `reqwest::Error`. The prelude goes too, since
/// the crate lists its exports itself.
pub(super) fn remove(file: &mut File) -> Result<()> {
    let is_runtime = |item: &Item| match item {
        Item::Use(_) => import_root(item).is_some_and(|root| root == "progenitor_client"),
        Item::Impl(item) => item
            .trait_
            .as_ref()
            .and_then(|(path, _)| path.segments.last())
            .is_some_and(|segment| segment.ident == "ClientInfo"),
        Item::Const(item) => item.ident == "_",
        Item::Mod(item) => item.ident == "prelude",
        _ => false,
    };
    let before = file.items.len();
    file.items.retain(|item| !is_runtime(item));
    ensure!(
        before - file.items.len() == 5,
        "the generator no longer has two imports of its runtime, `impl ClientInfo`, a check of hooks and a prelude"
    );
    Ok(())
}

/// Replaces the imports of the builders.
pub(super) fn import(items: &mut Vec<Item>) -> Result<()> {
    let before = items.len();
    items.retain(|item| import_root(item).is_none_or(|root| root != "super"));
    ensure!(
        before - items.len() == 2,
        "the generator's builders no longer import as they did"
    );
    // Perhaps no type of the document is used.
    items.insert(
        0,
        parse_quote!(
            #[allow(unused_imports)]
            use super::super::types;
        ),
    );
    items.insert(
        1,
        parse_quote!(
            use crate::{
                error::Error,
                http::{request::Operation, response::ResponseValue},
            };
        ),
    );
    Ok(())
}
