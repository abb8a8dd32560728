//! The paths in a piece of code, in macros too, whose contents no syntax tree shows.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

/// A path as it is written: `crate::error::Error`.
pub(super) type Names = Vec<String>;

/// Adds every path of two names or more.
pub(super) fn collect(tokens: TokenStream, paths: &mut BTreeSet<Names>) {
    let mut path = Names::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 {
                    finish(&mut path, paths);
                }
                path.push(name.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => colons += 1,
            TokenTree::Group(group) => {
                finish(&mut path, paths);
                colons = 0;
                collect(group.stream(), paths);
            }
            _ => {
                finish(&mut path, paths);
                colons = 0;
            }
        }
    }
    finish(&mut path, paths);
}

fn finish(path: &mut Names, paths: &mut BTreeSet<Names>) {
    if path.len() > 1 {
        paths.insert(std::mem::take(path));
    }
    path.clear();
}
