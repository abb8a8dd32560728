//! Where the tests find the parts of a page. This is all that they know of its markup.

/// A table with its tools.
pub(crate) const TABLES: &str = "[data-table]";
/// A table with more rows than are shown at first. In the demo, it is the one of endpoints.
pub(crate) const LONG_TABLE: &str = "[data-table]:has(tr.rest)";
pub(crate) const CLIENTS: &str = "[data-table]:has(a[href^='#client-'])";
pub(crate) const TOOLS: &str = ".tools";
pub(crate) const FILTER: &str = "input[type=search]";
pub(crate) const STATUS: &str = "output[role=status]";
pub(crate) const SHOW_ALL: &str = "[data-all]";
pub(crate) const CSV: &str = "[data-csv]";
pub(crate) const COPY: &str = "[data-copy]";
/// The heading of a column that can be sorted, and its button.
pub(crate) const SORTED: &str = "th[data-sort]";
/// Its attribute names the table with the days.
pub(crate) const SLIDER: &str = "input[type=range][data-days]";
pub(crate) const THEME: &str = "input[type=radio][name=theme]";
pub(crate) const CLIENT: &str = "details[id^='client-']";
pub(crate) const CLIENT_LINK: &str = "td a[href^='#client-'], th a[href^='#client-']";
/// The charts. Sparklines are hidden from readers and have no role.
pub(crate) const CHARTS: &str = "svg[role=img]";
