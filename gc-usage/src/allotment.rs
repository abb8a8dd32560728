//! The requests that a month includes: a number from the contract, or computed from the licences.

use crate::text::{grouped, nearest};

/// Requests that Genesys includes for each billable user of a licence in a month.
pub(crate) const FAIR_USE: [(&str, u64); 8] = [
    ("communicate", 10_000),
    ("cx1", 75_000),
    ("cx2", 110_000),
    ("cx3", 140_000),
    ("ex", 75_000),
    ("cx1-concurrent", 97_500),
    ("cx2-concurrent", 143_000),
    ("cx3-concurrent", 182_000),
];

/// The requests that one user of a licence adds to the allotment.
pub(crate) fn fair_use(licence: &str) -> Result<u64, String> {
    let name = licence.to_ascii_lowercase().replace([' ', '_'], "-");
    if let Some((_, requests)) = FAIR_USE.iter().find(|(known, _)| *known == name) {
        return Ok(*requests);
    }
    let names = FAIR_USE.map(|(name, _)| name).join(", ");
    let licences = FAIR_USE.into_iter().map(|(licence, _)| licence);
    let meant = nearest(licences, 0.8, |licence| strsim::jaro_winkler(&name, licence));
    Err(match meant {
        Some(nearest) => {
            format!("unknown licence `{licence}`; did you mean `{nearest}`? Allowed are {names}")
        }
        None => format!("unknown licence `{licence}`; allowed are {names}"),
    })
}

/// The requests that a month includes, and the licences from which they are computed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Allotment {
    pub(crate) requests: u64,
    /// The users of each licence, and the requests for one user. Empty if the number of requests was given.
    pub(crate) licences: Vec<(u64, u64)>,
}

impl Allotment {
    /// How the number was computed from licences: ` (120 × 140,000 + 40 × 110,000)`.
    pub(crate) fn formula(&self, unicode: bool) -> String {
        let times = if unicode { "×" } else { "x" };
        let parts = self
            .licences
            .iter()
            .map(|(users, each)| format!("{} {times} {}", grouped(users), grouped(each)));
        let parts: Vec<_> = parts.collect();
        match parts.is_empty() {
            true => String::new(),
            false => format!(" ({})", parts.join(" + ")),
        }
    }
}

impl From<u64> for Allotment {
    fn from(requests: u64) -> Self {
        Self {
            requests,
            licences: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allotment_shows_how_it_was_computed_from_licences() {
        let allotment = Allotment {
            requests: 21_200_000,
            licences: vec![(120, 140_000), (40, 110_000)],
        };
        assert_eq!(allotment.formula(true), " (120 × 140,000 + 40 × 110,000)");
        assert_eq!(allotment.formula(false), " (120 x 140,000 + 40 x 110,000)");
        assert_eq!(Allotment::from(7).formula(true), "");
    }
}
