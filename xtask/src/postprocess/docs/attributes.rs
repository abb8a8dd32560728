//! Documentation attributes: read, added, and without code that rustdoc would compile.

use syn::{Attribute, Expr, ExprLit, Lit, Meta, parse_quote, visit_mut::VisitMut};

/// Adds documentation if there is none.
pub(super) fn add(attributes: &mut Vec<Attribute>, doc: &str) {
    if text(attributes).is_none_or(|text| text.trim().is_empty()) && !doc.is_empty() {
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
        let doc = doc.replace('\n', "\n ");
        let doc = format!(" {doc}");
        attributes.insert(0, parse_quote!(#[doc = #doc]));
    }
}

/// The existing documentation.
pub(super) fn text(attributes: &[Attribute]) -> Option<String> {
    let lines: Vec<_> = attributes
        .iter()
        .filter_map(doc)
        .map(|text| text.value())
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn doc(attribute: &Attribute) -> Option<&syn::LitStr> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Makes code blocks text, and indented blocks paragraphs, because rustdoc would compile them. The generator's examples do not
/// have the name of the crate, and those of the document are in another language.
pub(super) struct NoExamples;

impl VisitMut for NoExamples {
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        let Some(doc) = doc(attribute) else { return };
        let mut is_open = false;
        let lines = doc.value();
        let lines = lines.split('\n').map(|line| {
            let start = line.trim_start();
            if !start.starts_with("```") && !start.starts_with("~~~") {
                let is_code = !is_open && line.len() - start.len() > 3;
                return if is_code {
                    format!("   {start}")
                } else {
                    line.to_owned()
                };
            }
            is_open = !is_open;
            let indent = &line[..(line.len() - start.len()).min(3)];
            let language = start[3..].trim();
            match is_open && matches!(language, "" | "ignore" | "rust") {
                true => format!("{indent}{}text", &start[..3]),
                false => line.to_owned(),
            }
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        if text != doc.value() {
            *attribute = parse_quote!(#[doc = #text]);
        }
    }
}
