//! The colours of the series, as classes of the style sheet and as attributes: the attributes also work where a policy blocks
//! all style sheets, as in Jenkins and in previews of mail.

/// A class and a colour.
pub(super) type Fill = (&'static str, &'static str);

pub(super) const SUCCEEDED: Fill = ("ok", "#4f94e0");
pub(super) const OTHER_400: Fill = ("other", "#5a3a9c");
pub(super) const LIMITED: Fill = ("limited", "#b25806");
pub(super) const FAILED_500: Fill = ("server", "#7d0f24");
pub(super) const BAD: Fill = ("bad", "#a3123f");
pub(super) const GRID: &str = "#e4e7ec";
pub(super) const AXIS: &str = "#57606a";
