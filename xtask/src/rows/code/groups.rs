//! The code of groups and sums of rows.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{doc, fields, of_kind, written};
use crate::rows::{Dimension, Kind, Label, Property};

/// The number of the first variant that is no member of `GroupBy`. A further member changes no number of another variant.
const FIRST_OTHER: usize = 128;

/// The enum of dimensions, in the order of their places.
pub(super) fn dimension(dimensions: &[Dimension<'_>]) -> TokenStream {
    let (others, members): (Vec<_>, Vec<_>) = dimensions
        .iter()
        .partition(|dimension| dimension.property.is_other);
    let documented = |dimension: &&Dimension<'_>| {
        let (doc, variant) = (doc(&dimension.property.doc), &dimension.variant);
        quote!(#doc #variant)
    };
    let member_variants = members.iter().map(documented);
    let other_variants = others.iter().map(documented);
    let numbers = (FIRST_OTHER..).take(others.len()).map(Literal::usize_unsuffixed);
    let variants = dimensions.iter().map(|dimension| &dimension.variant);
    let places = super::numbers(dimensions.len());
    let members: Vec<_> = members.iter().map(|dimension| &dimension.variant).collect();
    quote! {
        /// A string of rows that an [`Aggregation`](crate::Aggregation) groups by: that of a member of [`GroupBy`], or one that only
        /// other rows have.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Dimension {
            #(#member_variants,)*
            #(#other_variants = #numbers,)*
        }

        impl Dimension {
            /// The place among the dimensions of a row.
            pub(crate) fn place(self) -> usize {
                match self {
                    #(Self::#variants => #places,)*
                }
            }
        }

        impl From<GroupBy> for Dimension {
            fn from(member: GroupBy) -> Self {
                match member {
                    #(GroupBy::#members => Self::#members,)*
                }
            }
        }
    }
}

/// How rows are grouped.
pub(super) fn grouping(dimensions: &[Dimension<'_>], labels: &[Label<'_>]) -> TokenStream {
    let [dimension_count, label_count] = [dimensions.len(), labels.len()].map(Literal::usize_unsuffixed);
    let by = dimensions.iter().map(|dimension| &dimension.property.field);
    let label_fields = labels.iter().map(|label| &label.property.field);
    let label_of = labels.iter().map(|label| label.dimension);
    let label_of = label_of.map(Literal::usize_unsuffixed);
    quote! {
        /// How many dimensions there are.
        pub(crate) const DIMENSIONS: usize = #dimension_count;

        /// How many labels there are.
        pub(crate) const LABELS: usize = #label_count;

        /// For each label, the place of its dimension.
        pub(crate) const LABEL_OF: [usize; LABELS] = [#(#label_of),*];

        impl<'a> RowRef<'a> {
            /// The dimensions of the row, each at its [place](Dimension::place).
            #[inline]
            pub(crate) fn dimensions(&self) -> [Option<&'a str>; DIMENSIONS] {
                [#(self.#by),*]
            }

            /// The labels of the row.
            #[inline]
            pub(crate) fn labels(&self) -> [Option<&'a str>; LABELS] {
                [#(self.#label_fields),*]
            }
        }
    }
}

pub(super) fn group(dimensions: &[Dimension<'_>], labels: &[Label<'_>]) -> TokenStream {
    let mut fields = Vec::new();
    for dimension in dimensions {
        let Property { field, doc: text, .. } = dimension.property;
        let (doc, written) = (doc(text), written(dimension.property));
        fields.push(quote!(#doc #written pub #field: Option<String>));
        let at = |label: &&Label<'_>| dimensions[label.dimension].property.field == *field;
        for label in labels.iter().filter(at) {
            let label = label.property;
            let (name, written) = (&label.field, super::written(label));
            let text = format!("{} The first value that came with this `{field}`.", label.doc);
            let doc = super::doc(&text);
            fields.push(quote!(#doc #written pub #name: Option<String>));
        }
    }
    let by = dimensions.iter().map(|dimension| &dimension.property.field);
    let by: Vec<_> = by.collect();
    let label_fields: Vec<_> = labels.iter().map(|label| &label.property.field).collect();
    quote! {
        /// The sums over the rows of one group, and the values that these rows share. A dimension is absent if the aggregation is
        /// not grouped by it, or if the rows do not have it.
        #[derive(Clone, Debug, Default, Eq, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
        #[serde(rename_all = "camelCase", default)]
        #[non_exhaustive]
        pub struct Group {
            #(#fields,)*
            /// First day of the date bucket, in UTC.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub date: Option<DateTime<Utc>>,
            /// The sums.
            pub totals: Totals,
        }

        impl Group {
            pub(crate) fn new(
                dimensions: [Option<String>; DIMENSIONS],
                labels: [Option<String>; LABELS],
                date: Option<DateTime<Utc>>,
                totals: Totals,
            ) -> Self {
                let [#(#by),*] = dimensions;
                let [#(#label_fields),*] = labels;
                Self { #(#by,)* #(#label_fields,)* date, totals }
            }
        }
    }
}

pub(super) fn totals(properties: &[Property]) -> TokenStream {
    let counts = fields(properties, Kind::Count);
    let docs = of_kind(properties, Kind::Count).map(|property| {
        let (doc, written) = (doc(&property.doc), written(property));
        quote!(#doc #written)
    });
    quote! {
        /// Sums over rows. A metric that no row has is absent, not 0.
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
        #[serde(rename_all = "camelCase", default)]
        #[non_exhaustive]
        pub struct Totals {
            /// How many rows were added.
            pub rows: u64,
            #(#docs pub #counts: Option<i64>,)*
        }

        impl Totals {
            /// The sums, in the order of the counts of a row.
            #[inline]
            pub(crate) fn sums(&mut self) -> [&mut Option<i64>; RowRef::COUNTS] {
                [#(&mut self.#counts),*]
            }
        }
    }
}
