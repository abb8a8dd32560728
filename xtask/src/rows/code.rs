//! The code of rows: tables and conversions, each with all properties.

mod groups;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Ident, parse_quote};

use super::{Dimension, Kind, Label, Property};

pub(super) fn file(properties: &[Property], dimensions: &[Dimension<'_>], labels: &[Label<'_>]) -> syn::File {
    let row = row(properties);
    let conversions = conversions(properties);
    let lists = lists(properties);
    let from_lists = from_lists(properties);
    let keys = keys(properties);
    let dimension = groups::dimension(dimensions);
    let grouping = groups::grouping(dimensions, labels);
    let group = groups::group(dimensions, labels);
    let totals = groups::totals(properties);
    parse_quote! {
        #![doc = " Rows: a row that borrows its strings, tables for the decoder, and the groups and sums of an aggregation."]

        use ::chrono::{DateTime, Utc};

        use super::types::{ApiUsageRow, GroupBy};

        #row
        #conversions
        #lists
        #from_lists
        #keys
        #dimension
        #grouping
        #group
        #totals
    }
}

fn of_kind(properties: &[Property], kind: Kind) -> impl Iterator<Item = &Property> + Clone {
    properties.iter().filter(move |property| property.kind == kind)
}

fn fields(properties: &[Property], kind: Kind) -> Vec<&Ident> {
    let properties = of_kind(properties, kind);
    properties.map(|property| &property.field).collect()
}

/// The numbers below a count, as literals without a suffix.
fn numbers(count: usize) -> Vec<Literal> {
    (0..count).map(Literal::usize_unsuffixed).collect()
}

/// A documentation comment, with a blank before each line.
fn doc(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

/// The name of a field in JSON, with `rename_all = "camelCase"`.
fn camel_case(field: &str) -> String {
    let mut parts = field.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let mut letters = part.chars();
        let initial = letters.next().into_iter().flat_map(char::to_uppercase);
        name + &initial.chain(letters).collect::<String>()
    })
}

/// How serde writes an optional field under the property's name.
fn written(property: &Property) -> TokenStream {
    let Property { name, field, .. } = property;
    let rename = (camel_case(&field.to_string()) != *name).then(|| quote!(rename = #name,));
    quote!(#[serde(#rename skip_serializing_if = "Option::is_none")])
}

fn row(properties: &[Property]) -> TokenStream {
    let fields = properties.iter().map(|property| {
        let Property { field, kind, .. } = property;
        let (doc, written) = (doc(&property.doc), written(property));
        let ty = match kind {
            Kind::Text => quote!(&'a str),
            Kind::Count => quote!(i64),
            Kind::Date => quote!(DateTime<Utc>),
        };
        quote! {
            #doc
            #written
            pub #field: Option<#ty>
        }
    });
    let others: String = others(properties)
        .map(|field| format!(" and `{field}`"))
        .collect();
    let doc = self::doc(&format!(
        "A row of a [`RowBatch`](crate::RowBatch), with the fields of [`ApiUsageRow`]{others}. It serializes like the row of a query."
    ));
    quote! {
        #doc
        #[derive(Clone, Copy, Debug, Default, PartialEq, ::serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct RowRef<'a> { #(#fields,)* }
    }
}

/// The fields that only other rows have.
fn others(properties: &[Property]) -> impl Iterator<Item = &Ident> {
    let others = properties.iter().filter(|property| property.is_other);
    others.map(|property| &property.field)
}

fn conversions(properties: &[Property]) -> TokenStream {
    let wire = properties.iter().filter(|property| !property.is_other);
    let all = wire.clone().map(|property| &property.field);
    let owned = wire.map(|property| {
        let field = &property.field;
        match property.kind {
            Kind::Text => quote!(#field: self.#field.map(str::to_owned)),
            _ => quote!(#field: self.#field),
        }
    });
    let borrowed = properties.iter().map(|property| {
        let field = &property.field;
        match property.kind {
            _ if property.is_other => quote!(#field: None),
            Kind::Text => quote!(#field: #field.as_deref()),
            _ => quote!(#field: *#field),
        }
    });
    let without: String = others(properties)
        .map(|field| format!(" It has no `{field}`."))
        .collect();
    let doc = doc(&format!("The row with its own copies of the strings.{without}"));
    quote! {
        impl RowRef<'_> {
            #doc
            pub fn to_row(&self) -> ApiUsageRow {
                ApiUsageRow { #(#owned,)* }
            }
        }

        impl<'a> From<&'a ApiUsageRow> for RowRef<'a> {
            fn from(row: &'a ApiUsageRow) -> Self {
                let ApiUsageRow { #(#all,)* } = row;
                Self { #(#borrowed,)* }
            }
        }

        impl From<RowRef<'_>> for ApiUsageRow {
            fn from(row: RowRef<'_>) -> Self {
                row.to_row()
            }
        }
    }
}

/// The strings and counts of a row as lists.
fn lists(properties: &[Property]) -> TokenStream {
    let (texts, counts) = (fields(properties, Kind::Text), fields(properties, Kind::Count));
    let [text_count, count_count] = [&texts, &counts].map(|fields| Literal::usize_unsuffixed(fields.len()));
    let described = |name: &str, fields: &[&Ident]| {
        let fields: Vec<_> = fields.iter().map(|field| format!("`{field}`")).collect();
        let fields = fields.join(", ");
        doc(&format!("The {name}, in the order of the fields: {fields}."))
    };
    let (texts_doc, counts_doc) = (described("strings", &texts), described("counts", &counts));
    quote! {
        impl<'a> RowRef<'a> {
            /// How many strings a row has. This number grows with the API.
            pub const TEXTS: usize = #text_count;
            /// How many counts a row has. This number grows with the API.
            pub const COUNTS: usize = #count_count;

            #texts_doc
            pub fn texts(&self) -> [Option<&'a str>; RowRef::TEXTS] {
                [#(self.#texts),*]
            }

            #counts_doc
            pub fn counts(&self) -> [Option<i64>; RowRef::COUNTS] {
                [#(self.#counts),*]
            }
        }
    }
}

/// A row from lists of its strings and counts.
fn from_lists(properties: &[Property]) -> TokenStream {
    let (texts, counts) = (fields(properties, Kind::Text), fields(properties, Kind::Count));
    let (text_places, count_places) = (numbers(texts.len()), numbers(counts.len()));
    let date = fields(properties, Kind::Date);
    quote! {
        impl<'a> RowRef<'a> {
            /// The row with these strings and counts, in the order of [`texts`](Self::texts) and [`counts`](Self::counts), and with
            /// this date bucket.
            pub fn from_parts(
                texts: [Option<&'a str>; RowRef::TEXTS],
                counts: [Option<i64>; RowRef::COUNTS],
                date: Option<DateTime<Utc>>,
            ) -> Self {
                Self::from_places(|place| texts[place], |place| counts[place], date)
            }

            /// The row with the string and the count at each place of their lists.
            #[inline]
            pub(crate) fn from_places(
                text: impl Fn(usize) -> Option<&'a str>,
                count: impl Fn(usize) -> Option<i64>,
                date: Option<DateTime<Utc>>,
            ) -> Self {
                Self {
                    #(#texts: text(#text_places),)*
                    #(#counts: count(#count_places),)*
                    #(#date: date,)*
                }
            }
        }
    }
}

/// The keys of a row, and those by which the decoder recognizes properties.
fn keys(properties: &[Property]) -> TokenStream {
    let kinds = [Kind::Text, Kind::Count, Kind::Date].into_iter();
    let sent: Vec<_> = kinds.flat_map(|kind| of_kind(properties, kind)).collect();
    let names = sent.iter().map(|property| &property.name);
    let read = sent.iter().zip(numbers(sent.len()));
    let read = read.filter(|(property, _)| !property.is_other);
    let (read, places): (Vec<_>, Vec<_>) = read.map(|(property, place)| (&property.name, place)).unzip();
    quote! {
        impl RowRef<'_> {
            /// The keys of a row in JSON: those of [`texts`](Self::texts), those of [`counts`](Self::counts), and that of the date.
            /// The service sends them in this order.
            pub const KEYS: [&'static str; RowRef::TEXTS + RowRef::COUNTS + 1] = [#(#names),*];
        }

        /// Whether a key of [`ApiUsageRow`] is the one at this place of [`RowRef::KEYS`]. Each key is a constant of its own, because
        /// comparing with a constant takes two instructions and comparing with an element of a list takes a call.
        #[inline]
        pub(crate) fn is_at(place: usize, key: &str) -> bool {
            match place {
                #(#places => key == #read,)*
                _ => false,
            }
        }

        /// The place of a key of [`ApiUsageRow`] in [`RowRef::KEYS`].
        pub(crate) fn place_of(key: &str) -> Option<usize> {
            match key {
                #(#read => Some(#places),)*
                _ => None,
            }
        }
    }
}
