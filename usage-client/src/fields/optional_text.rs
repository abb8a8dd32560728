//! Optional strings in setters.

use std::borrow::Cow;

mod sealed {
    pub trait Sealed {}
}

/// An optional string: any kind of string, or an [`Option`] of one.
///
/// ```
/// use usage_client::ApiUsageRow;
///
/// let name: Option<String> = None;
/// let row = ApiUsageRow::builder().client_id("5a1d3a52").client_name(name).build()?;
/// assert_eq!((row.client_id.as_deref(), row.client_name), (Some("5a1d3a52"), None));
/// # Ok::<(), usage_client::types::error::ConversionError>(())
/// ```
pub trait OptionalText: sealed::Sealed {
    /// The string, if there is one.
    fn into_optional_text(self) -> Option<String>;
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl sealed::Sealed for $text {}
        impl OptionalText for $text {
            fn into_optional_text(self) -> Option<String> {
                Some(self.into())
            }
        }

        impl sealed::Sealed for Option<$text> {}
        impl OptionalText for Option<$text> {
            fn into_optional_text(self) -> Option<String> {
                self.map(Into::into)
            }
        }
    )*};
}

texts!(&str, String, &String, Cow<'_, str>, Box<str>, char);
