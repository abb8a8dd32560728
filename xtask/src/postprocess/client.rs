//! The client itself: what it is made with, and what it shows.

use anyhow::{Result, ensure};
use syn::{File, ImplItem, Item, parse_quote};

use super::{import_root, self_ident};

pub(super) fn adapt(file: &mut File) -> Result<()> {
    drop_runtime(file)?;
    keep_construction_private(file)?;
    keep_base_url_private(file)
}

/// Calls are sent by our own runtime instead of `progenitor-client`, whose error type loses the status of an error body
/// that is not JSON, prints headers and payloads, and whose hooks can report nothing but a `reqwest::Error`. The crate
/// names its exports itself.
fn drop_runtime(file: &mut File) -> Result<()> {
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

/// `Client::builder()` is the one door: the generator's `new` would panic where a builder reports an error.
fn keep_construction_private(file: &mut File) -> Result<()> {
    let mut changed = 0;
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        if self_ident(item).is_none_or(|ident| ident != "Client") {
            continue;
        }
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

/// The base URL of a gateway may hold a key, so `Debug` of the client is written by hand.
fn keep_base_url_private(file: &mut File) -> Result<()> {
    let mut changed = 0;
    for item in &mut file.items {
        let Item::Struct(item) = item else { continue };
        if item.ident != "Client" {
            continue;
        }
        item.attrs
            .retain(|attribute| !attribute.path().is_ident("derive"));
        item.attrs.push(parse_quote!(#[derive(Clone)]));
        changed += 1;
    }
    ensure!(changed == 1, "the generator no longer makes the struct `Client`");
    Ok(())
}
