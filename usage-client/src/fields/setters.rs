//! Setters of the public fields of policies.

/// Writes a method that sets a field, for each of these. A documentation comment is added to its documentation.
macro_rules! setters {
    ($($(#[doc = $more:literal])* $method:ident($field:ident: $kind:ty);)*) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").", $($more),*)]
        #[must_use]
        pub fn $method(mut self, $field: $kind) -> Self {
            self.$field = $field;
            self
        }
    )*};
}

pub(crate) use setters;
