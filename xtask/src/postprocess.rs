//! The changes to the generator's output, each step with its reason.
//!
//! A step fails if it does not find the code that it changes. So a new version of the generator cannot pass unnoticed.

use anyhow::{Context as _, Result};
use syn::{File, Item};

use crate::document::{Document, enums::StringEnum, operations::Operation};

mod builders;
mod calls;
mod client;
mod docs;
mod enums;
mod growth;
pub(crate) mod json_schema;
mod mocks;
mod readers;
mod runtime;
mod setters;
mod split;
mod strings;
mod syntax;

use syntax::module;

/// The generated types, and the generated client that sends and receives them.
pub(crate) fn client(mut file: File, document: &Document, enums: &[StringEnum]) -> Result<(File, File)> {
    let operations = document.operations()?;
    runtime::remove(&mut file)?;
    client::hide(&mut file)?;
    let types = module(&mut file, "types")?;
    enums::replace(types, enums)?;
    strings::show(types);
    for item in types {
        match item {
            Item::Struct(item) => {
                json_schema::make_optional(item)?;
                growth::allow(item);
                readers::replace(item);
            }
            Item::Mod(module) if module.ident == "builder" => {
                let items = module.content.as_mut().map(|(_, items)| items);
                builders::apply(items.map_or(&mut [], |items| items))?;
            }
            _ => {}
        }
    }
    let builders = module(&mut file, "builder")?;
    for operation in &operations {
        calls::apply(builders, operation)
            .and_then(|()| setters::apply(builders, operation))
            .with_context(|| operation.place.to_string())?;
    }
    runtime::import(builders)?;
    docs::of_client(&mut file, document);
    let types = split::types(&mut file)?;
    Ok((types, file))
}

/// The typed mocks.
pub(crate) fn mocks(mut file: File, document: &Document) -> Result<File> {
    let operations: Vec<Operation<'_>> = document.operations()?;
    let items = module(&mut file, "operations")?;
    for operation in &operations {
        mocks::apply(items, operation).with_context(|| operation.place.to_string())?;
    }
    mocks::rename_paths(&mut file);
    docs::of_mocks(&mut file);
    Ok(file)
}

#[cfg(test)]
mod tests;
