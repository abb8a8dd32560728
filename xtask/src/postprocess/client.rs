//! The struct `Client`: how it is made, and what it shows.

use anyhow::{Result, ensure};
use syn::{File, ImplItem, Item, parse_quote};

use super::syntax::self_ident;

/// Hides the constructor and the fields of the client.
pub(super) fn hide(file: &mut File) -> Result<()> {
    keep_construction_private(file)?;
    keep_base_url_private(file)
}

/// `Client::builder()` is the only public constructor. The generator's `new` would panic instead of returning an error.
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

/// The base URL of a gateway may contain a key, so `Debug` of the client is written by hand.
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
