//! The limits that usage is compared with.

use crate::allotment::Allotment;

/// The name of the limit for a month. All others are for the period.
pub(super) const ALLOTMENT: &str = "allotment";

/// The limits of a check.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) requests: Option<u64>,
    /// Between 0 and 1, as the next field.
    pub(crate) rate_limited_share: Option<f64>,
    pub(crate) error_share: Option<f64>,
    pub(crate) allotment: Option<Allotment>,
}

impl Limits {
    pub(crate) fn is_empty(&self) -> bool {
        self.allowed().next().is_none()
    }

    /// The name of each limit that is set, and what it allows: requests, or a share between 0 and 1.
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub(super) fn allowed(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let allotment = self.allotment.as_ref().map(|allotment| allotment.requests);
        let limits = [
            ("max-requests", self.requests.map(|most| most as f64)),
            ("max-429-share", self.rate_limited_share),
            ("max-error-share", self.error_share),
            (ALLOTMENT, allotment.map(|requests| requests as f64)),
        ];
        limits
            .into_iter()
            .filter_map(|(name, allowed)| Some((name, allowed?)))
    }
}
